/**
 * One suite for both kernels. Every method has an oracle below that works on plain arrays of bigints and bits, knows
 * nothing of words in blocks, and says what the result must be; the table fails to compile when a method has none.
 */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadKernel } from '../../functions/party/load-kernel.ts'
import {
  type Kernel,
  type Masks,
  P,
  type WordSource,
  type Words,
  wordsForBits,
} from '../../shared/kernel/kernel.ts'
import { referenceKernel } from '../../shared/kernel/reference.ts'
import { instantiateSimd } from '../../shared/kernel/simd.ts'

const kernels: readonly Kernel[] = [referenceKernel, loadKernel()]
const U64 = (1n << 64n) - 1n

// ── random vectors, a quarter of them edge values ────────────────────────────────────────────────────────────────────

const fieldEdges = [
  0n,
  1n,
  2n,
  P - 1n,
  P - 2n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 29n - 1n,
  2n ** 60n,
  P - 2n ** 32n,
]
const wordEdges = [...fieldEdges, P, P + 1n, U64, U64 - 1n, 1n << 63n, 1n << 61n, U64 ^ P]

const randomOf = (seed: number) => {
  let state = BigInt(seed)
  /** SplitMix64. */
  const word = (): bigint => {
    state = (state + 0x9e3779b97f4a7c15n) & U64
    let z = state
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & U64
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & U64
    return z ^ (z >> 31n)
  }
  const below = (limit: number): number => Number(word() % BigInt(limit))
  const pick = (values: readonly bigint[]): bigint => values[below(values.length)] as bigint
  const vector = (length: number, element: () => bigint): Words => {
    const out = new BigUint64Array(length)
    for (let i = 0; i < length; i++) out[i] = element()
    return out
  }
  return {
    below,
    uniform: (length: number) => vector(length, word),
    words: (length: number) => vector(length, () => (below(4) ? word() : pick(wordEdges))),
    field: (length: number) => vector(length, () => (below(4) ? word() % P : pick(fieldEdges))),
    constant: () => (below(2) ? word() % P : pick(fieldEdges)),
    /** A bit vector with a clean tail. */
    bits: (length: number) => {
      const out = vector(wordsForBits(length), () => (below(4) ? word() : pick(wordEdges)))
      if (length % 64) out[out.length - 1] = out.at(-1)! & ((1n << BigInt(length % 64)) - 1n)
      return out
    },
    indices: (count: number, limit: number) =>
      Uint32Array.from({ length: limit ? count : 0 }, () => below(limit)),
    permutation: (length: number) => {
      const keys = Array.from({ length }, () => word())
      return Uint32Array.from(keys.keys()).sort((i, j) =>
        (keys[i] as bigint) < (keys[j] as bigint) ? -1 : 1,
      )
    },
  }
}
type Random = ReturnType<typeof randomOf>

// ── oracles ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const mod = (x: bigint): bigint => ((x % P) + P) % P

/** A uniform word as a field element. */
const elementOf = (word: bigint): bigint => (word % 2n ** 61n) % P

const unpack = (words: Words, length: number): number[] => {
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
  return Array.from({ length }, (_, i) => ((bytes[i >> 3] as number) >> (i & 7)) & 1)
}
const pack = (bits: readonly number[]): bigint[] =>
  Array.from({ length: wordsForBits(bits.length) }, (_, i) =>
    BigInt(`0b${[...bits.slice(64 * i, 64 * i + 64)].reverse().join('')}`),
  )
const binary = (word: bigint): string => word.toString(2).padStart(64, '0')

type Outcome = Words | Words[] | Uint32Array | number | boolean | undefined
interface Case {
  readonly inputs: readonly Words[]
  readonly run: (kernel: Kernel) => Outcome
  readonly expected:
    | readonly bigint[]
    | readonly bigint[][]
    | readonly number[]
    | number
    | boolean
    | undefined
}

/** A case of one elementwise method with `count` inputs. */
const elementwise =
  (
    count: number,
    draw: 'words' | 'field',
    method: (kernel: Kernel, inputs: Words[]) => Words,
    oracle: (...x: bigint[]) => bigint,
  ) =>
  (random: Random, n: number): Case => {
    const inputs = Array.from({ length: count }, () => random[draw](n))
    return {
      inputs,
      run: kernel => method(kernel, inputs),
      expected: Array.from({ length: n }, (_, i) => oracle(...inputs.map(input => input[i] as bigint))),
    }
  }
type Four = [Words, Words, Words, Words]

/** A stream that gives the words of a vector and then no more. */
const sourceOf = (words: Words): WordSource => {
  let at = 0
  return count => {
    if (at + count > words.length) throw new Error('drew past the end of a mask')
    at += count
    return words.slice(at - count, at)
  }
}
/** Two streams, of which a method must draw all words. */
const masksOf = (own: Words, next: Words): Masks => ({ own: sourceOf(own), next: sourceOf(next) })

const oneHotCase = (random: Random, n: number) => {
  const size = 2 ** (1 + random.below(6))
  const count = Math.ceil(n / 10)
  const [a, b] = [random.field(count * (size - 1)), random.field(count * (size - 1))]
  const one = random.below(2) as 0 | 1
  const rows = random.indices(count + 3, count)
  const shifts = BigUint64Array.from({ length: count }, () => BigInt(random.below(size)))
  /** Rows with their last element, shifted. */
  const complete = (entries: Words, rest: 0 | 1): bigint[][] =>
    Array.from({ length: count }, (_, row) => {
      const given = [...entries.slice(row * (size - 1), (row + 1) * (size - 1))]
      const all = [...given, mod(BigInt(rest) - given.reduce((x, y) => x + y, 0n))]
      return all.map((_, v) => all[v ^ Number(shifts[row])] as bigint)
    })
  return { a, b, one, rows, shifts, size, complete }
}

const cases: Record<Exclude<keyof Kernel, 'name'>, (random: Random, n: number) => Case> = {
  zeros: (_, n) => ({ inputs: [], run: k => k.zeros(n), expected: Array(n).fill(0n) }),
  fill: (random, n) => {
    const word = random.constant()
    return { inputs: [], run: k => k.fill(n, word), expected: Array(n).fill(word) }
  },
  concat: (random, n) => {
    const inputs = [random.words(n), random.words(0), random.words(3), random.words(n)]
    return { inputs, run: k => k.concat(inputs), expected: inputs.flatMap(x => [...x]) }
  },
  slice: (random, n) => {
    const a = random.words(n)
    const from = random.below(n + 1)
    const to = from + random.below(n - from + 1)
    return { inputs: [a], run: k => k.slice(a, from, to), expected: [...a].slice(from, to) }
  },
  fieldGather: (random, n) => {
    const a = random.field(n)
    const indices = random.indices(n + 5, n)
    return {
      inputs: [a],
      run: k => k.fieldGather(a, indices),
      expected: [...indices].map(index => a[index] as bigint),
    }
  },
  bitsGather: (random, n) => {
    const a = random.bits(n)
    const indices = random.indices(n + 5, n)
    const bits = unpack(a, n)
    return {
      inputs: [a],
      run: k => k.bitsGather(a, indices),
      expected: pack([...indices].map(index => bits[index] as number)),
    }
  },
  bitsConcat: (random, n) => {
    const parts = [n, 1, 0, 63, 64, n, random.below(200), n].map(length => ({
      words: random.bits(length),
      length,
    }))
    return {
      inputs: parts.map(part => part.words),
      run: k => k.bitsConcat(parts),
      expected: pack(parts.flatMap(part => unpack(part.words, part.length))),
    }
  },
  bitsSlice: (random, n) => {
    const a = random.bits(n)
    const from = random.below(n + 1)
    const to = from + random.below(n - from + 1)
    return { inputs: [a], run: k => k.bitsSlice(a, from, to), expected: pack(unpack(a, n).slice(from, to)) }
  },
  bitsPrefixXor: (random, n) => {
    const a = random.bits(n)
    let sum = 0
    const expected = unpack(a, n).map(bit => {
      sum ^= bit
      return sum
    })
    return { inputs: [a], run: k => k.bitsPrefixXor(a, n), expected: pack(expected) }
  },
  bitsInterleave: (random, n) => {
    const width = [0, 1, 7, 63, 64, random.below(65)][random.below(6)] as number
    const slices = Array.from({ length: width }, () => random.bits(n))
    const bits = slices.map(slice => unpack(slice, n))
    return {
      inputs: slices,
      run: k => k.bitsInterleave(slices, n),
      expected: pack(Array.from({ length: n }, (_, i) => bits.map(slice => slice[i] as number)).flat()),
    }
  },

  permutation: (random, n) => {
    const drawn = random.words(n + 64)
    // Every half up to the first that is no multiple's remainder, one list for all positions.
    const halves = [...drawn].flatMap(word => [word & 0xffff_ffffn, word >> 32n])
    const expected = Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const bound = BigInt(i + 1)
      let half = halves.shift() as bigint
      while (half >= ((1n << 32n) / bound) * bound) half = halves.shift() as bigint
      const j = Number(half % bound)
      const moved = expected[i] as number
      expected[i] = expected[j] as number
      expected[j] = moved
    }
    return { inputs: [drawn], run: k => k.permutation(sourceOf(drawn), n), expected }
  },
  compose: (random, n) => {
    const [first, second] = [random.permutation(n), random.permutation(n)]
    const row = (x: readonly number[], p: Uint32Array): number[] => [...p].map(i => x[i] as number)
    const values = Array.from({ length: n }, (_, i) => 7 * i)
    return {
      inputs: [],
      run: k => Uint32Array.from(row(values, k.compose(first, second))),
      expected: row(row(values, first), second),
    }
  },
  invert: (random, n) => {
    const of = random.permutation(n)
    return {
      inputs: [],
      run: k => k.invert(of),
      expected: Array.from({ length: n }, (_, i) => of.indexOf(i)),
    }
  },
  permutationOf: (random, n) => {
    const of = random.permutation(n)
    const words = BigUint64Array.from(of, BigInt)
    const isOne = n === 0 || random.below(2) === 1
    if (!isOne) {
      const others = [n, 2 ** 32, n === 1 ? 1 : (of[0] as number)]
      words[n - 1] = BigInt(others[random.below(3)] as number)
    }
    return { inputs: [words], run: k => k.permutationOf(words), expected: isOne ? [...of] : undefined }
  },

  xor: elementwise(
    2,
    'words',
    (k, [a, b]) => k.xor(a!, b!),
    (a, b) => a! ^ b!,
  ),
  and: elementwise(
    2,
    'words',
    (k, [a, b]) => k.and(a!, b!),
    (a, b) => a! & b!,
  ),
  not: (random, n) => {
    const a = random.bits(n)
    return { inputs: [a], run: k => k.not(a, n), expected: pack(unpack(a, n).map(bit => 1 - bit)) }
  },
  clean: (random, n) => {
    const a = random.words(wordsForBits(n) + 2)
    return { inputs: [a], run: k => k.clean(a, n), expected: [...pack(unpack(a, n)), 0n, 0n] }
  },
  bitsFromRandom: (random, n) => {
    const drawn = random.words(wordsForBits(n))
    return {
      inputs: [drawn],
      run: k => k.bitsFromRandom(sourceOf(drawn), n),
      expected: pack(unpack(drawn, n)),
    }
  },
  andLocal: (random, n) => {
    const inputs = Array.from({ length: 4 }, () => random.bits(n)) as Four
    const masks = [random.words(wordsForBits(n)), random.words(wordsForBits(n))] as const
    const [xi, xj, yi, yj, mi, mj] = [...inputs, ...masks].map(words => unpack(words, n)) as number[][]
    return {
      inputs: [...inputs, ...masks],
      run: k => k.andLocal(...inputs, masksOf(...masks), n),
      expected: pack(
        xi!.map((x, r) => (x & yi![r]!) ^ (x & yj![r]!) ^ (xj![r]! & yi![r]!) ^ mi![r]! ^ mj![r]!),
      ),
    }
  },
  popcount: (random, n) => {
    const a = random.words(n)
    const ones = [...a].map(word => binary(word).replaceAll('0', '').length)
    return { inputs: [a], run: k => k.popcount(a), expected: ones.reduce((x, y) => x + y, 0) }
  },

  bitsToField: (random, n) => {
    const a = random.bits(n)
    return { inputs: [a], run: k => k.bitsToField(a, n), expected: unpack(a, n).map(BigInt) }
  },
  bitsMinus: (random, n) => {
    const a = random.bits(n)
    const [b, c] = [random.field(n), random.field(n)]
    const times = random.below(2) ? 1 : 2
    const parts = random.below(2) ? ([b] as const) : ([b, c] as const)
    return {
      inputs: [a, b, c],
      run: k => k.bitsMinus(a, n, times, parts),
      expected: unpack(a, n).map((bit, i) =>
        mod(BigInt(bit) - BigInt(times) * parts.reduce((sum, part) => sum + part[i]!, 0n)),
      ),
    }
  },
  bitsMulSub: (random, n) => {
    const a = random.bits(n)
    const [b, c] = [random.field(n), random.field(n)]
    return {
      inputs: [a, b, c],
      run: k => k.bitsMulSub(a, b, c),
      expected: unpack(a, n).map((bit, i) => mod((bit ? b[i]! : 0n) - c[i]!)),
    }
  },
  toSlices: (random, n) => {
    const a = random.words(n)
    const width = [0, 1, 8, 61, 64, random.below(65)][random.below(6)] as number
    const rows = [...a].map(binary)
    return {
      inputs: [a],
      run: k => k.toSlices(a, width),
      expected: Array.from({ length: width }, (_, j) => pack(rows.map(row => Number(row[63 - j])))),
    }
  },
  fromSlices: (random, n) => {
    const width = [0, 1, 8, 61, 64, random.below(65)][random.below(6)] as number
    const slices = Array.from({ length: width }, () => random.bits(n))
    const bits = slices.map(slice => unpack(slice, n)).reverse()
    return {
      inputs: slices,
      run: k => k.fromSlices(slices, n),
      expected: Array.from({ length: n }, (_, i) => BigInt(`0b0${bits.map(slice => slice[i]).join('')}`)),
    }
  },

  fieldFromRandom: elementwise(
    1,
    'words',
    (k, [a]) => k.fieldFromRandom(sourceOf(a!), a!.length),
    a => elementOf(a!),
  ),
  fieldIsCanonical: (random, n) => {
    const a = random.below(2) ? random.field(n) : random.words(n)
    return { inputs: [a], run: k => k.fieldIsCanonical(a), expected: [...a].every(word => word < P) }
  },
  fieldAdd: elementwise(
    2,
    'field',
    (k, [a, b]) => k.fieldAdd(a!, b!),
    (a, b) => mod(a! + b!),
  ),
  fieldSub: elementwise(
    2,
    'field',
    (k, [a, b]) => k.fieldSub(a!, b!),
    (a, b) => mod(a! - b!),
  ),
  fieldScale: (random, n) => {
    const c = random.constant()
    return elementwise(
      1,
      'field',
      (k, [a]) => k.fieldScale(a!, c),
      a => mod(a! * c),
    )(random, n)
  },
  fieldAddConstant: (random, n) => {
    const c = random.constant()
    return elementwise(
      1,
      'field',
      (k, [a]) => k.fieldAddConstant(a!, c),
      a => mod(a! + c),
    )(random, n)
  },
  fieldMul: elementwise(
    2,
    'field',
    (k, [a, b]) => k.fieldMul(a!, b!),
    (a, b) => mod(a! * b!),
  ),
  mulLocal: (random, n) => {
    const inputs = Array.from({ length: 4 }, () => random.field(n)) as Four
    const masks = [random.words(n), random.words(n)] as const
    const [xi, xj, yi, yj] = inputs
    const [mi, mj] = masks.map(mask => [...mask].map(elementOf)) as [bigint[], bigint[]]
    return {
      inputs: [...inputs, ...masks],
      run: k => k.mulLocal(...inputs, masksOf(...masks)),
      expected: [...xi].map((x, r) => mod(x * yi[r]! + x * yj[r]! + xj[r]! * yi[r]! + mi[r]! - mj[r]!)),
    }
  },
  dotLocal: (random, n) => {
    const inputs = Array.from({ length: 4 }, () => random.field(n)) as Four
    const [xOwn, xNext, yOwn, yNext] = inputs
    const terms = [...xOwn].map((x, i) => x * yOwn[i]! + x * yNext[i]! + xNext[i]! * yOwn[i]!)
    return { inputs, run: k => k.dotLocal(...inputs), expected: [mod(terms.reduce((x, y) => x + y, 0n))] }
  },
  fieldSum: (random, n) => {
    const a = random.field(n)
    return { inputs: [a], run: k => k.fieldSum(a), expected: [mod([...a].reduce((x, y) => x + y, 0n))] }
  },

  fieldPrefixSums: (random, n) => {
    const columns = 1 + random.below(9)
    const a = random.field(n * columns)
    const initial = random.field(columns)
    const expected: bigint[] = []
    a.forEach((element, i) => {
      const above = i < columns ? initial[i] : expected[i - columns]
      expected.push(mod((above as bigint) + element))
    })
    return { inputs: [a, initial], run: k => k.fieldPrefixSums(a, initial), expected }
  },
  fieldOneHotRows: (random, n) => {
    const { a, one, rows, shifts, size, complete } = oneHotCase(random, n)
    return {
      inputs: [a, shifts],
      run: k => k.fieldOneHotRows(a, size, one, rows, shifts),
      expected: [...rows].flatMap(row => complete(a, one)[row] as bigint[]),
    }
  },
  fieldOneHotTotals: (random, n) => {
    const { a, one, shifts, size, complete } = oneHotCase(random, n)
    const all = complete(a, one)
    const expected = Array.from({ length: size }, (_, v) =>
      mod(all.reduce((sum, row) => sum + (row[v] as bigint), 0n)),
    )
    return { inputs: [a, shifts], run: k => k.fieldOneHotTotals(a, size, one, shifts), expected }
  },
  rankLocal: (random, n) => {
    const { a, b, one, rows, shifts, size, complete } = oneHotCase(random, n)
    const [initialOwn, initialNext] = [random.field(size), random.field(size)]
    const masks = [random.words(rows.length), random.words(rows.length)] as const
    const [own, next] = [complete(a, one), complete(b, 0)]
    const [sumsOwn, sumsNext] = [[...initialOwn], [...initialNext]]
    const expected = Array.from(rows, (row, i) => {
      let sum = elementOf(masks[0][i]!) - elementOf(masks[1][i]!)
      for (let v = 0; v < size; v++) {
        const [x, y] = [own[row]![v]!, next[row]![v]!]
        sumsOwn[v] = mod(sumsOwn[v]! + x)
        sumsNext[v] = mod(sumsNext[v]! + y)
        sum += x * sumsOwn[v]! + x * sumsNext[v]! + y * sumsOwn[v]!
      }
      return mod(sum)
    })
    return {
      inputs: [a, b, shifts, initialOwn, initialNext],
      run: k =>
        k.rankLocal(
          { a, one, initial: initialOwn },
          { a: b, one: 0, initial: initialNext },
          rows,
          shifts,
          masksOf(...masks),
        ),
      expected,
    }
  },
}

/** Where an outcome differs from what it must be, or undefined; a diff of 20,000 words helps nobody. */
const difference = (actual: unknown, expected: unknown, where = 'result'): string | undefined => {
  if (!Array.isArray(expected))
    return actual === expected ? undefined : `${where}: ${actual}, not ${expected}`
  const list = actual as ArrayLike<unknown>
  if (list.length !== expected.length) return `${where}.length: ${list.length}, not ${expected.length}`
  for (let i = 0; i < expected.length; i++) {
    const found = difference(list[i], expected[i], `${where}[${i}]`)
    if (found) return found
  }
  return undefined
}

const check = ({ inputs, run, expected }: Case, kernel: Kernel): void => {
  const before = inputs.map(input => input.slice())
  expect(difference(run(kernel), expected)).toBeUndefined()
  inputs.forEach((input, i) => {
    expect(difference(input, [...before[i]!], `input ${i} was modified`)).toBeUndefined()
  })
}

const methods = Object.keys(cases) as (keyof typeof cases)[]
/** 20,000 words and 600,001 bits take more than one staging block. */
const lengths = [0, 1, 2, 63, 64, 65, 127, 1000, 8192, 8193, 20_000]
const bitMethods = new Set<string>([
  'bitsGather',
  'bitsConcat',
  'bitsSlice',
  'bitsPrefixXor',
  'not',
  'bitsFromRandom',
  'clean',
  'andLocal',
])

describe.each(kernels)('the $name kernel', kernel => {
  describe.each(methods)('%s', method => {
    test.each(bitMethods.has(method) ? [...lengths, 600_001] : lengths)('length %i', n => {
      check(cases[method](randomOf(n), n), kernel)
    })
  })

  test('products of edge values in every combination', () => {
    const n = fieldEdges.length
    const nth = (i: number): bigint => fieldEdges[i % n] as bigint
    const column = (divisor: number): Words =>
      BigUint64Array.from({ length: n ** 4 }, (_, i) => nth(Math.floor(i / divisor)))
    const [a, b, c, d] = [column(1), column(n), column(n ** 2), column(n ** 3)]
    const masks: [Words, Words] = [column(7), column(13)]
    const at = (x: Words, i: number): bigint => x[i] as bigint
    const cross = (i: number): bigint => at(a, i) * at(c, i) + at(a, i) * at(d, i) + at(b, i) * at(c, i)
    const range = Array.from(a.keys())
    expect(
      difference(
        kernel.mulLocal(a, b, c, d, masksOf(...masks)),
        range.map(i => mod(cross(i) + at(masks[0], i) - at(masks[1], i))),
      ),
    ).toBeUndefined()
    expect(kernel.dotLocal(a, b, c, d)[0]).toBe(mod(range.reduce((sum, i) => sum + cross(i), 0n)))
    expect(
      difference(
        kernel.fieldMul(a, b),
        range.map(i => mod(at(a, i) * at(b, i))),
      ),
    ).toBeUndefined()
  })

  test('the largest element everywhere does not overflow an accumulator', () => {
    const a = kernel.fill(100_000, P - 1n)
    expect(kernel.dotLocal(a, a, a, a)[0]).toBe(300_000n)
    expect(kernel.fieldSum(a)[0]).toBe(P - 100_000n)
    expect(
      difference(kernel.mulLocal(a, a, a, a, masksOf(a, kernel.zeros(100_000))), Array(100_000).fill(2n)),
    ).toBeUndefined()
  })

  test('one word that is not canonical is found wherever it is', () => {
    for (const bad of [P, P + 1n, 1n << 61n, 1n << 63n, U64])
      for (const position of [0, 1, 8191, 8192, 19_999]) {
        const a = kernel.fill(20_000, P - 1n)
        expect(kernel.fieldIsCanonical(a)).toBe(true)
        a[position] = bad
        expect(kernel.fieldIsCanonical(a)).toBe(false)
      }
  })

  test('transposing there and back is the identity', () => {
    const a = randomOf(1).words(10_001)
    expect(difference(kernel.fromSlices(kernel.toSlices(a, 64), a.length), [...a])).toBeUndefined()
  })

  test('vectors may be views into the middle of a buffer', () => {
    const a = randomOf(2).field(200).subarray(3, 140)
    const b = randomOf(3).field(300).subarray(100, 237)
    expect(
      difference(
        kernel.fieldAdd(a, b),
        [...a].map((x, i) => mod(x + b[i]!)),
      ),
    ).toBeUndefined()
    expect(kernel.fieldGather(a, Uint32Array.of(136))[0]).toBe(a[136])
    expect(kernel.bitsGather(a, Uint32Array.of(64 * 5 + 1))[0]).toBe((a[5]! >> 1n) & 1n)
    expect(kernel.clean(a, 1)[0]).toBe(a[0]! & 1n)
  })

  test('results are fresh, except that a slice is a view', () => {
    const a = randomOf(4).words(10)
    for (const result of [
      kernel.concat([a]),
      kernel.clean(a, 640),
      kernel.bitsConcat([{ words: a, length: 640 }]),
    ])
      expect(result.buffer).not.toBe(a.buffer)
    expect(kernel.slice(a, 2, 5).buffer).toBe(a.buffer)
    const first = kernel.fieldSum(kernel.fill(3, 1n))
    kernel.fieldSum(kernel.fill(4, 1n))
    expect(first).toEqual(BigUint64Array.of(3n))
  })

  test('mistakes of the caller throw', () => {
    const [a, b] = [kernel.zeros(3), kernel.zeros(4)]
    expect(() => kernel.xor(a, b)).toThrow(RangeError)
    expect(() => kernel.fieldAdd(a, b)).toThrow(RangeError)
    expect(() => kernel.andLocal(a, a, a, b, masksOf(a, a), 192)).toThrow(RangeError)
    expect(() => kernel.mulLocal(a, a, a, b, masksOf(a, a))).toThrow(RangeError)
    const tooFew: WordSource = count => kernel.zeros(count - 1)
    expect(() => kernel.mulLocal(a, a, a, a, { own: tooFew, next: sourceOf(a) })).toThrow(RangeError)
    expect(() => kernel.andLocal(a, a, a, a, { own: sourceOf(a), next: tooFew }, 192)).toThrow(RangeError)
    expect(() => kernel.fieldFromRandom(tooFew, 3)).toThrow(RangeError)
    expect(() => kernel.bitsFromRandom(tooFew, 3)).toThrow(RangeError)
    expect(() => kernel.dotLocal(a, a, b, a)).toThrow(RangeError)
    expect(() => kernel.fieldGather(a, Uint32Array.of(3))).toThrow(RangeError)
    expect(() => kernel.bitsGather(a, Uint32Array.of(192))).toThrow(RangeError)
    expect(() => kernel.bitsConcat([{ words: a, length: 193 }])).toThrow(RangeError)
    expect(() => kernel.bitsToField(a, 193)).toThrow(RangeError)
    expect(() => kernel.fromSlices([a], 193)).toThrow(RangeError)
    expect(() => kernel.toSlices(a, 65)).toThrow(RangeError)
    expect(() => kernel.fieldScale(a, P)).toThrow(RangeError)
    expect(() => kernel.fieldAddConstant(a, -1n)).toThrow(RangeError)
    expect(() => kernel.bitsMinus(a, 3, 1, [b])).toThrow(RangeError)
    expect(() => kernel.bitsMinus(a, 193, 1, [kernel.zeros(193)])).toThrow(RangeError)
    expect(() => kernel.bitsMulSub(a, a, b)).toThrow(RangeError)
    expect(() => kernel.bitsPrefixXor(a, 193)).toThrow(RangeError)
    expect(() => kernel.bitsSlice(a, 0, 193)).toThrow(RangeError)
    expect(() => kernel.bitsSlice(a, 3, 2)).toThrow(RangeError)
    expect(() => kernel.bitsInterleave([a], 193)).toThrow(RangeError)
    expect(() => kernel.compose(Uint32Array.of(0), Uint32Array.of(0, 1))).toThrow(RangeError)
    expect(() => kernel.fieldPrefixSums(a, kernel.zeros(2))).toThrow(RangeError)
    expect(() => kernel.fieldPrefixSums(a, kernel.zeros(0))).toThrow(RangeError)
    expect(() => kernel.fieldOneHotRows(a, 3, 1, Uint32Array.of(0), b)).toThrow(RangeError)
    expect(() => kernel.fieldOneHotRows(a, 4, 1, Uint32Array.of(0), b)).toThrow(RangeError)
    expect(() => kernel.fieldOneHotRows(a, 4, 1, Uint32Array.of(1), kernel.zeros(1))).toThrow(RangeError)
    const share = { a, one: 0, initial: b } as const
    const rank =
      (other: Partial<typeof share> | { initial: Words }, rows: Uint32Array, shifts: Words) => () =>
        kernel.rankLocal(share, { ...share, ...other }, rows, shifts, masksOf(a, a))
    expect(rank({ initial: a }, Uint32Array.of(0), kernel.zeros(1))).toThrow(RangeError)
    expect(rank({}, Uint32Array.of(1), kernel.zeros(1))).toThrow(RangeError)
    expect(rank({}, Uint32Array.of(0), kernel.zeros(2))).toThrow(RangeError)
    expect(() => kernel.fieldOneHotTotals(a, 4, 1, kernel.zeros(2))).toThrow(RangeError)
  })
})

test('both kernels do what the oracles say, for any vectors', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(300), fc.constantFrom(...methods), (seed, n, method) => {
      const one = cases[method](randomOf(seed), n)
      for (const kernel of kernels) check(one, kernel)
    }),
    { numRuns: 1000 },
  )
})

test('every permutation is equally likely', () => {
  const random = randomOf(6)
  const counts = new Map<string, number>()
  const runs = 24_000
  for (let run = 0; run < runs; run++) {
    const order = referenceKernel.permutation(count => random.uniform(count), 4).join()
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  expect(counts.size).toBe(24)
  const expected = runs / 24
  const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
  // 23 degrees of freedom: one seed in a million is above.
  expect(chiSquare).toBeLessThan(70)
})

test('halves past the last multiple are passed over', () => {
  // For three elements the half 2^32 - 1 is one: modulo 3 it would favour 0.
  const words = BigUint64Array.of(0xffff_ffffn | (1n << 32n), 1n)
  expect([...referenceKernel.permutation(sourceOf(words), 3)]).toEqual([0, 2, 1])
})

test('a kernel instantiated asynchronously is the same', async () => {
  const kernel = await instantiateSimd(
    readFileSync(new URL('../../dist/kernel/kernel.wasm', import.meta.url)),
  )
  for (const method of methods) check(cases[method](randomOf(5), 100), kernel)
})
