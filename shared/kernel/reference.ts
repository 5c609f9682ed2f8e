/**
 * The kernel in plain TypeScript, one bigint at a time: it states what every method means and is what `simd.ts` is
 * tested against. It is slow, and bigint arithmetic is not constant-time: the WebAssembly kernel is the one that runs
 * on shares.
 */
import { atMost, draw, fieldConstant, oneHotSize, rowCount, sameLength, sliceCount } from './check.ts'
import {
  type Kernel,
  type Masks,
  type OneHotShare,
  P,
  type WordSource,
  type Words,
  wordsForBits,
} from './kernel.ts'
import { compose, invert, permutation, permutationOf } from './permutation.ts'

const words = (count: number, word: (i: number) => bigint): Words => {
  const out = new BigUint64Array(count)
  for (let i = 0; i < count; i++) out[i] = word(i)
  return out
}

/** Word i of a vector. */
const at = (a: Words, i: number): bigint => {
  atMost('index', i, a.length - 1)
  return a[i] as bigint
}

const zip = (a: Words, b: Words, combine: (x: bigint, y: bigint) => bigint): Words => {
  sameLength(a, b)
  return words(a.length, i => combine(at(a, i), at(b, i)))
}

const bitAt = (a: Words, i: number): bigint => (at(a, Math.floor(i / 64)) >> BigInt(i % 64)) & 1n

const bitVector = (length: number, bit: (i: number) => bigint): Words => {
  const out = new BigUint64Array(wordsForBits(length))
  for (let i = 0; i < length; i++) {
    const word = Math.floor(i / 64)
    out[word] = at(out, word) | (bit(i) << BigInt(i % 64))
  }
  return out
}

/** The ones at the positions below `length` that fall into word i. */
const maskOfWord = (i: number, length: number): bigint =>
  (1n << BigInt(Math.min(64, Math.max(0, length - 64 * i)))) - 1n

const clean = (a: Words, length: number): Words => words(a.length, i => at(a, i) & maskOfWord(i, length))

const fromRandom = (word: bigint): bigint => (word & P) % P

const mod = (value: bigint): bigint => ((value % P) + P) % P

const fieldPrefixSums = (a: Words, initial: Words): Words => {
  const columns = initial.length
  rowCount(a, columns)
  const sums = initial.slice()
  return words(a.length, i => {
    sums[i % columns] = mod(at(sums, i % columns) + at(a, i))
    return at(sums, i % columns)
  })
}

const fieldOneHotRows = (a: Words, size: number, one: 0 | 1, rows: Uint32Array, shifts: Words): Words => {
  const count = rowCount(a, oneHotSize(size) - 1)
  if (shifts.length !== count) throw new RangeError('kernel: vectors differ in length')
  return words(rows.length * size, i => {
    const row = rows[Math.floor(i / size)] as number
    const entries = Array.from({ length: size - 1 }, (_, v) => at(a, row * (size - 1) + v))
    entries.push(mod(BigInt(one) - entries.reduce((sum, entry) => sum + entry, 0n)))
    return entries[(i % size) ^ Number(at(shifts, row))] as bigint
  })
}

export const referenceKernel: Kernel = Object.freeze({
  name: 'reference',

  zeros: (count: number) => new BigUint64Array(count),
  fill: (count: number, word: bigint) => words(count, () => word),
  concat: (parts: readonly Words[]) => BigUint64Array.from(parts.flatMap(part => Array.from(part))),
  slice: (a: Words, from: number, to: number) => a.subarray(from, to),
  fieldGather: (a: Words, indices: Uint32Array) => words(indices.length, i => at(a, indices[i] as number)),
  bitsGather: (a: Words, indices: Uint32Array) =>
    bitVector(indices.length, i => bitAt(a, indices[i] as number)),
  bitsConcat: (parts: readonly { readonly words: Words; readonly length: number }[]) => {
    const all = parts.flatMap(part => Array.from({ length: part.length }, (_, i) => bitAt(part.words, i)))
    return bitVector(all.length, i => all[i] as bigint)
  },
  bitsSlice: (a: Words, from: number, to: number) => {
    atMost('bits', from, to)
    return bitVector(to - from, i => bitAt(a, from + i))
  },
  bitsPrefixXor: (a: Words, length: number) => {
    let sum = 0n
    return bitVector(length, i => {
      sum ^= bitAt(a, i)
      return sum
    })
  },
  bitsInterleave: (slices: readonly Words[], length: number) => {
    const width = sliceCount(slices.length)
    return bitVector(width * length, i => bitAt(slices[i % width] as Words, Math.floor(i / width)))
  },

  permutation,
  compose,
  invert,
  permutationOf,

  xor: (a: Words, b: Words) => zip(a, b, (x, y) => x ^ y),
  and: (a: Words, b: Words) => zip(a, b, (x, y) => x & y),
  not: (a: Words, length: number) => words(a.length, i => ~at(a, i) & maskOfWord(i, length)),
  bitsFromRandom: (source: WordSource, length: number) => clean(draw(source, wordsForBits(length)), length),
  clean,
  andLocal: (xOwn: Words, xNext: Words, yOwn: Words, yNext: Words, masks: Masks, length: number) => {
    sameLength(xOwn, xNext, yOwn, yNext)
    const maskOwn = draw(masks.own, xOwn.length)
    const maskNext = draw(masks.next, xOwn.length)
    const z = words(
      xOwn.length,
      i =>
        (at(xOwn, i) & at(yOwn, i)) ^
        (at(xOwn, i) & at(yNext, i)) ^
        (at(xNext, i) & at(yOwn, i)) ^
        at(maskOwn, i) ^
        at(maskNext, i),
    )
    return clean(z, length)
  },
  popcount: (a: Words) => a.reduce((ones, word) => ones + word.toString(2).replaceAll('0', '').length, 0),

  bitsToField: (a: Words, length: number) => words(length, i => bitAt(a, i)),
  bitsMinus: (a: Words, length: number, times: 1 | 2, parts: readonly [Words, ...Words[]]) => {
    sameLength(...parts)
    if (parts[0].length !== length) throw new RangeError('kernel: vectors differ in length')
    return words(length, i =>
      mod(bitAt(a, i) - BigInt(times) * parts.reduce((sum, part) => sum + at(part, i), 0n)),
    )
  },
  bitsMulSub: (a: Words, b: Words, c: Words) => {
    sameLength(b, c)
    return words(b.length, i => mod(bitAt(a, i) * at(b, i) - at(c, i)))
  },
  toSlices: (a: Words, width: number) =>
    Array.from({ length: sliceCount(width) }, (_, j) =>
      bitVector(a.length, i => (at(a, i) >> BigInt(j)) & 1n),
    ),
  fromSlices: (slices: readonly Words[], length: number) =>
    words(length, i => slices.reduce((word, slice, j) => word | (bitAt(slice, i) << BigInt(j)), 0n)),

  fieldFromRandom: (source: WordSource, length: number) => {
    const drawn = draw(source, length)
    return words(length, i => fromRandom(at(drawn, i)))
  },
  fieldIsCanonical: (a: Words) => a.every(word => word < P),
  fieldAdd: (a: Words, b: Words) => zip(a, b, (x, y) => mod(x + y)),
  fieldSub: (a: Words, b: Words) => zip(a, b, (x, y) => mod(x - y)),
  fieldScale: (a: Words, constant: bigint) => words(a.length, i => mod(at(a, i) * fieldConstant(constant))),
  fieldAddConstant: (a: Words, constant: bigint) =>
    words(a.length, i => mod(at(a, i) + fieldConstant(constant))),
  fieldMul: (a: Words, b: Words) => zip(a, b, (x, y) => mod(x * y)),
  mulLocal: (xOwn: Words, xNext: Words, yOwn: Words, yNext: Words, masks: Masks) => {
    sameLength(xOwn, xNext, yOwn, yNext)
    const maskOwn = draw(masks.own, xOwn.length)
    const maskNext = draw(masks.next, xOwn.length)
    return words(xOwn.length, i =>
      mod(
        at(xOwn, i) * at(yOwn, i) +
          at(xOwn, i) * at(yNext, i) +
          at(xNext, i) * at(yOwn, i) +
          fromRandom(at(maskOwn, i)) -
          fromRandom(at(maskNext, i)),
      ),
    )
  },
  dotLocal: (xOwn: Words, xNext: Words, yOwn: Words, yNext: Words) => {
    sameLength(xOwn, xNext, yOwn, yNext)
    let sum = 0n
    for (let i = 0; i < xOwn.length; i++)
      sum += at(xOwn, i) * (at(yOwn, i) + at(yNext, i)) + at(xNext, i) * at(yOwn, i)
    return words(1, () => mod(sum))
  },
  fieldSum: (a: Words) => words(1, () => mod(a.reduce((sum, word) => sum + word, 0n))),

  fieldPrefixSums,
  fieldOneHotRows,
  fieldOneHotTotals: (a: Words, size: number, one: 0 | 1, shifts: Words) => {
    const rows = Uint32Array.from(shifts.keys())
    const sums = fieldPrefixSums(fieldOneHotRows(a, size, one, rows, shifts), new BigUint64Array(size))
    return rows.length === 0 ? new BigUint64Array(size) : sums.slice(-size)
  },
  rankLocal: (own: OneHotShare, next: OneHotShare, rows: Uint32Array, shifts: Words, masks: Masks) => {
    sameLength(own.initial, next.initial)
    const size = own.initial.length
    const [f, g] = [own, next].map(({ a, one }) => fieldOneHotRows(a, size, one, rows, shifts)) as [
      Words,
      Words,
    ]
    const [s, t] = [fieldPrefixSums(f, own.initial), fieldPrefixSums(g, next.initial)]
    const maskOwn = draw(masks.own, rows.length)
    const maskNext = draw(masks.next, rows.length)
    return words(rows.length, row => {
      let sum = fromRandom(at(maskOwn, row)) - fromRandom(at(maskNext, row))
      for (let i = row * size; i < (row + 1) * size; i++)
        sum += at(f, i) * (at(s, i) + at(t, i)) + at(g, i) * at(s, i)
      return mod(sum)
    })
  },
})
