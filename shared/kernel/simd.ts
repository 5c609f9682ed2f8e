/**
 * The kernel that runs: vectors pass through the fixed memory of a small WebAssembly module (`assembly/kernel.ts`), one
 * staging block at a time. The bytes of the module are passed in, so this works wherever WebAssembly does.
 *
 * Constant time as far as WebAssembly promises it: shares are only ever copied, or worked on inside the module. The few
 * lines here that touch words use byte and Int32Array views, whose elements V8 holds without allocating; no share
 * becomes a bigint. The memory keeps the last blocks it worked on until they are overwritten.
 */
import { atMost, draw, fieldConstant, oneHotSize, rowCount, sameLength, sliceCount } from './check.ts'
import {
  type Kernel,
  type Masks,
  type OneHotShare,
  type WordSource,
  type Words,
  wordsForBits,
} from './kernel.ts'
import { compose, invert, permutation, permutationOf } from './permutation.ts'

type Loop = (words: number) => void

/** What `assembly/kernel.ts` exports. */
interface Module {
  readonly memory: WebAssembly.Memory
  readonly blockWords: WebAssembly.Global
  readonly inputAddress: WebAssembly.Global
  readonly outputAddress: WebAssembly.Global
  readonly sliceStride: WebAssembly.Global
  readonly xor: Loop
  readonly and: Loop
  readonly not: Loop
  readonly andLocal: Loop
  readonly popcount: (words: number) => number
  readonly shiftUp: (words: number, shift: number) => void
  readonly shiftDown: (words: number, shift: number) => void
  readonly bitsPrefixXor: Loop
  readonly packRows: (rows: number, width: number) => void
  readonly bitsToField: Loop
  readonly bitsMinus: (words: number, times: number, parts: number) => void
  readonly bitsMulSub: Loop
  readonly rowsToSlices: (tiles: number) => void
  readonly slicesToRows: (tiles: number) => void
  readonly fieldFromRandom: Loop
  readonly fieldIsCanonical: (words: number) => number
  readonly fieldAdd: Loop
  readonly fieldSub: Loop
  readonly fieldAddConstant: (words: number, constant: bigint) => void
  readonly fieldScale: (words: number, constant: bigint) => void
  readonly fieldMul: Loop
  readonly mulLocal: Loop
  readonly dotLocal: Loop
  readonly fieldSum: Loop
  readonly fieldPrefixSums: (rows: number, columns: number) => void
  readonly fieldOneHotRows: (rows: number, size: number, one: bigint) => void
  readonly fieldOneHotTotals: (rows: number, size: number, one: bigint) => void
  readonly rankLocal: (rows: number, size: number, oneOwn: bigint, oneNext: bigint) => void
}

const bytesOf = (a: Words): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength)
/**
 * Words below 2^61 as floating-point numbers, for copying: their exponent is never that of a NaN, the only numbers whose
 * bits a copy may change, and one number is copied faster than two halves.
 */
const numbersOf = (a: Words): Float64Array => new Float64Array(a.buffer, a.byteOffset, a.length)
const halvesOf = (a: Words): Int32Array => new Int32Array(a.buffer, a.byteOffset, 2 * a.length)

/** Clears the bits from `length` on, in place. */
const cleanTail = (a: Words, length: number): Words => {
  const bytes = bytesOf(a)
  const whole = Math.floor(length / 8)
  if (whole < bytes.length) bytes[whole] = (bytes[whole] as number) & ((1 << (length % 8)) - 1)
  bytes.fill(0, whole + 1)
  return a
}

const fieldGather = (a: Words, indices: Uint32Array): Words => {
  const out = new BigUint64Array(indices.length)
  const from = numbersOf(a)
  const to = numbersOf(out)
  const last = a.length - 1
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number
    atMost('index', index, last)
    to[i] = from[index] as number
  }
  return out
}

const bitsGather = (a: Words, indices: Uint32Array): Words => {
  const out = new BigUint64Array(wordsForBits(indices.length))
  const from = bytesOf(a)
  const to = bytesOf(out)
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number
    atMost('index', index, 64 * a.length - 1)
    const bit = ((from[index >>> 3] as number) >> (index & 7)) & 1
    to[i >> 3] = (to[i >> 3] as number) | (bit << (i & 7))
  }
  return out
}

const concat = (parts: readonly Words[]): Words => {
  const out = new BigUint64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

const kernelOf = (exports: Module): Kernel => {
  const memory = new BigUint64Array(exports.memory.buffer)
  const BLOCK: number = exports.blockWords.value
  const INPUT: number = exports.inputAddress.value / 8
  const OUTPUT: number = exports.outputAddress.value / 8
  const STRIDE: number = exports.sliceStride.value

  const copyIn = (a: Words, from: number, to: number, position: number): void =>
    memory.set(to - from === a.length ? a : a.subarray(from, to), position)

  /** Calls `run` with the bounds of one block after the other. */
  const blocks = (length: number, run: (from: number, to: number) => void, size: number = BLOCK): void => {
    for (let from = 0; from < length; from += size) run(from, Math.min(length, from + size))
  }

  /** Runs `run(words)` for every block of the inputs, which are staged in order; `after` sees its result. */
  const forBlocks = <T>(
    inputs: readonly [Words, ...Words[]],
    run: (words: number) => T,
    after: (from: number, to: number, result: T) => void,
  ): void => {
    sameLength(...inputs)
    blocks(inputs[0].length, (from, to) => {
      inputs.forEach((input, k) => {
        copyIn(input, from, to, INPUT + k * BLOCK)
      })
      after(from, to, run(to - from))
    })
  }

  /** One output word for every input word. */
  const map = (loop: Loop, ...inputs: readonly [Words, ...Words[]]): Words => {
    const out = new BigUint64Array(inputs[0].length)
    forBlocks(inputs, loop, (from, to) => out.set(memory.subarray(OUTPUT, OUTPUT + to - from), from))
    return out
  }

  /** As `map`, with the words of two streams as the last two inputs. */
  const mapMasked = (loop: Loop, inputs: readonly [Words, ...Words[]], masks: Masks): Words => {
    const out = new BigUint64Array(inputs[0].length)
    const position = INPUT + inputs.length * BLOCK
    forBlocks(
      inputs,
      words => {
        memory.set(draw(masks.own, words), position)
        memory.set(draw(masks.next, words), position + BLOCK)
        loop(words)
      },
      (from, to) => out.set(memory.subarray(OUTPUT, OUTPUT + to - from), from),
    )
    return out
  }

  const fieldFromRandom = (source: WordSource, length: number): Words => {
    const out = new BigUint64Array(length)
    blocks(length, (from, to) => {
      memory.set(draw(source, to - from), INPUT)
      exports.fieldFromRandom(to - from)
      out.set(memory.subarray(OUTPUT, OUTPUT + to - from), from)
    })
    return out
  }

  /** One output word for all input words. */
  const sum = (loop: Loop, ...inputs: readonly [Words, ...Words[]]): Words => {
    memory[OUTPUT] = 0n
    forBlocks(inputs, loop, () => {})
    return memory.slice(OUTPUT, OUTPUT + 1)
  }

  const bitsConcat = (parts: readonly { readonly words: Words; readonly length: number }[]): Words => {
    const out = new BigUint64Array(wordsForBits(parts.reduce((bits, part) => bits + part.length, 0)))
    let end = 0
    for (const { words, length } of parts) {
      atMost('bits', length, 64 * words.length)
      const first = Math.floor(end / 64)
      const shift = end % 64
      blocks(wordsForBits(length), (from, to) => {
        const position = first + from
        copyIn(words, from, to, INPUT)
        copyIn(out, position, position + 1, INPUT + BLOCK)
        exports.shiftUp(to - from, shift)
        // The word that ran over is empty when there is no room for it.
        const count = Math.min(to - from + 1, out.length - position)
        out.set(memory.subarray(OUTPUT, OUTPUT + count), position)
      })
      end += length
    }
    return out
  }

  const bitsSlice = (a: Words, from: number, to: number): Words => {
    atMost('bits', to, 64 * a.length)
    atMost('bits', from, to)
    const out = new BigUint64Array(wordsForBits(to - from))
    const first = Math.floor(from / 64)
    blocks(out.length, (start, end) => {
      const last = Math.min(first + end + 1, a.length)
      memory[INPUT + end - start] = 0n
      copyIn(a, first + start, last, INPUT)
      exports.shiftDown(end - start, from % 64)
      out.set(memory.subarray(OUTPUT, OUTPUT + end - start), start)
    })
    return cleanTail(out, to - from)
  }

  const bitsToField = (a: Words, length: number): Words => {
    atMost('bits', length, 64 * a.length)
    const out = new BigUint64Array(length)
    blocks(length, (from, to) => {
      const firstWord = from / 64
      const words = wordsForBits(to - from)
      copyIn(a, firstWord, firstWord + words, INPUT)
      exports.bitsToField(words)
      out.set(memory.subarray(OUTPUT, OUTPUT + to - from), from)
    })
    return out
  }

  /** One output word for every bit of `a` and the words of the other inputs beside it. */
  const mapWithBits = (a: Words, length: number, others: readonly [Words, ...Words[]], loop: Loop): Words => {
    atMost('bits', length, 64 * a.length)
    sameLength(...others)
    if (others[0].length !== length) throw new RangeError('kernel: vectors differ in length')
    const out = new BigUint64Array(length)
    blocks(length, (from, to) => {
      others.forEach((other, k) => {
        copyIn(other, from, to, INPUT + k * BLOCK)
      })
      const words = wordsForBits(to - from)
      copyIn(a, from / 64, from / 64 + words, INPUT + 2 * BLOCK)
      loop(words)
      out.set(memory.subarray(OUTPUT, OUTPUT + to - from), from)
    })
    return out
  }

  const toSlices = (a: Words, width: number): Words[] => {
    const slices = Array.from({ length: sliceCount(width) }, () => new BigUint64Array(wordsForBits(a.length)))
    blocks(a.length, (from, to) => {
      const tiles = wordsForBits(to - from)
      copyIn(a, from, to, INPUT)
      memory.fill(0n, INPUT + to - from, INPUT + 64 * tiles)
      exports.rowsToSlices(tiles)
      slices.forEach((slice, j) => {
        const position = OUTPUT + j * STRIDE
        slice.set(memory.subarray(position, position + tiles), from / 64)
      })
    })
    return slices
  }

  /** Calls `run` for every block of rows, when they are in block 0, a word each. */
  const forRowsOf = (slices: readonly Words[], length: number, run: (from: number, to: number) => void) => {
    sliceCount(slices.length)
    for (const slice of slices) atMost('bits', length, 64 * slice.length)
    memory.fill(0n, OUTPUT + slices.length * STRIDE, OUTPUT + 64 * STRIDE)
    blocks(length, (from, to) => {
      const tiles = wordsForBits(to - from)
      slices.forEach((slice, j) => {
        copyIn(slice, from / 64, from / 64 + tiles, OUTPUT + j * STRIDE)
      })
      exports.slicesToRows(tiles)
      run(from, to)
    })
  }

  const fromSlices = (slices: readonly Words[], length: number): Words => {
    const out = new BigUint64Array(length)
    forRowsOf(slices, length, (from, to) => out.set(memory.subarray(INPUT, INPUT + to - from), from))
    return out
  }

  const bitsInterleave = (slices: readonly Words[], length: number): Words => {
    const width = slices.length
    const out = new BigUint64Array(wordsForBits(width * length))
    forRowsOf(slices, length, (from, to) => {
      // Fewer words than the slices took, so what lies behind them stays zero for the next block.
      exports.packRows(64 * wordsForBits(to - from), width)
      const count = wordsForBits(width * (to - from))
      out.set(memory.subarray(OUTPUT, OUTPUT + count), (width * from) / 64)
    })
    return out
  }

  /** Calls `run` for the rows of every block. */
  const forRows = (rows: number, columns: number, run: (from: number, to: number) => void): void => {
    if (columns > BLOCK) throw new RangeError(`kernel: rows of ${columns}`)
    blocks(rows, run, Math.floor(BLOCK / columns))
  }

  const fieldPrefixSums = (a: Words, initial: Words): Words => {
    const columns = initial.length
    const out = new BigUint64Array(a.length)
    memory.set(initial, INPUT + BLOCK)
    forRows(rowCount(a, columns), columns, (from, to) => {
      copyIn(a, from * columns, to * columns, INPUT)
      exports.fieldPrefixSums(to - from, columns)
      out.set(memory.subarray(OUTPUT, OUTPUT + (to - from) * columns), from * columns)
    })
    return out
  }

  /** What brings rows of one-hot entries, and the shift of each, into two staging blocks. */
  const oneHotStaging = (size: number, shifts: Words) => {
    const width = oneHotSize(size) - 1
    const entriesOf = (a: Words): Float64Array => {
      if (rowCount(a, width) !== shifts.length) throw new RangeError('kernel: vectors differ in length')
      return numbersOf(a)
    }
    const staged = numbersOf(memory)
    const stageRows = (entries: Float64Array, rows: Uint32Array, from: number, to: number, block: number) => {
      for (let i = from, at = INPUT + block * BLOCK; i < to; i++, at += width) {
        const row = rows[i] as number
        atMost('index', row, shifts.length - 1)
        const first = width * row
        for (let v = 0; v < width; v++) staged[at + v] = entries[first + v] as number
      }
    }
    const shiftHalves = halvesOf(shifts)
    const stageShifts = (rows: Uint32Array, from: number, to: number, block: number) => {
      const position = INPUT + block * BLOCK
      for (let i = from; i < to; i++) {
        const shift = shiftHalves[2 * (rows[i] as number)] as number
        atMost('shift', shift, width)
        stagedHalves[2 * (position + i - from)] = shift
      }
    }
    const stagedHalves = halvesOf(memory)
    return { entriesOf, stageRows, stageShifts }
  }

  const fieldOneHotRows = (a: Words, size: number, one: 0 | 1, rows: Uint32Array, shifts: Words): Words => {
    const { entriesOf, stageRows, stageShifts } = oneHotStaging(size, shifts)
    const entries = entriesOf(a)
    const out = new BigUint64Array(rows.length * size)
    forRows(rows.length, size, (from, to) => {
      stageRows(entries, rows, from, to, 0)
      stageShifts(rows, from, to, 1)
      exports.fieldOneHotRows(to - from, size, BigInt(one))
      out.set(memory.subarray(OUTPUT, OUTPUT + (to - from) * size), from * size)
    })
    return out
  }

  const fieldOneHotTotals = (a: Words, size: number, one: 0 | 1, shifts: Words): Words => {
    const width = oneHotSize(size) - 1
    if (rowCount(a, width) !== shifts.length) throw new RangeError('kernel: vectors differ in length')
    const sums = INPUT + 2 * BLOCK
    memory.fill(0n, sums, sums + size)
    forRows(shifts.length, size, (from, to) => {
      copyIn(a, from * width, to * width, INPUT)
      copyIn(shifts, from, to, INPUT + BLOCK)
      exports.fieldOneHotTotals(to - from, size, BigInt(one))
    })
    return memory.slice(sums, sums + size)
  }

  const rankLocal = (
    own: OneHotShare,
    next: OneHotShare,
    rows: Uint32Array,
    shifts: Words,
    masks: Masks,
  ): Words => {
    sameLength(own.initial, next.initial)
    const size = own.initial.length
    const { entriesOf, stageRows, stageShifts } = oneHotStaging(size, shifts)
    const [ownEntries, nextEntries] = [entriesOf(own.a), entriesOf(next.a)]
    const out = new BigUint64Array(rows.length)
    memory.set(own.initial, INPUT + 5 * BLOCK)
    memory.set(next.initial, INPUT + 5 * BLOCK + 64)
    forRows(rows.length, size, (from, to) => {
      stageRows(ownEntries, rows, from, to, 0)
      stageRows(nextEntries, rows, from, to, 1)
      stageShifts(rows, from, to, 2)
      memory.set(draw(masks.own, to - from), INPUT + 3 * BLOCK)
      memory.set(draw(masks.next, to - from), INPUT + 4 * BLOCK)
      exports.rankLocal(to - from, size, BigInt(own.one), BigInt(next.one))
      out.set(memory.subarray(OUTPUT, OUTPUT + to - from), from)
    })
    return out
  }

  return Object.freeze<Kernel>({
    name: 'simd',

    zeros: count => new BigUint64Array(count),
    fill: (count, word) => new BigUint64Array(count).fill(word),
    concat,
    slice: (a, from, to) => a.subarray(from, to),
    fieldGather,
    bitsGather,
    bitsConcat,
    bitsSlice,
    bitsPrefixXor: (a, length) => {
      atMost('bits', length, 64 * a.length)
      memory[INPUT + BLOCK] = 0n
      return cleanTail(map(exports.bitsPrefixXor, a.subarray(0, wordsForBits(length))), length)
    },
    bitsInterleave,

    permutation,
    compose,
    invert,
    permutationOf,

    xor: (a, b) => map(exports.xor, a, b),
    and: (a, b) => map(exports.and, a, b),
    not: (a, length) => cleanTail(map(exports.not, a), length),
    bitsFromRandom: (source, length) => cleanTail(draw(source, wordsForBits(length)), length),
    clean: (a, length) => cleanTail(a.slice(), length),
    andLocal: (xOwn, xNext, yOwn, yNext, masks, length) =>
      cleanTail(mapMasked(exports.andLocal, [xOwn, xNext, yOwn, yNext], masks), length),
    popcount: a => {
      let ones = 0
      forBlocks([a], exports.popcount, (_from, _to, count) => {
        ones += count
      })
      return ones
    },

    bitsToField,
    bitsMinus: (a, length, times, parts) =>
      mapWithBits(a, length, parts, words => exports.bitsMinus(words, times, parts.length)),
    bitsMulSub: (a, b, c) => mapWithBits(a, b.length, [b, c], exports.bitsMulSub),
    toSlices,
    fromSlices,

    fieldFromRandom,
    fieldIsCanonical: a => {
      let canonical = 1
      forBlocks([a], exports.fieldIsCanonical, (_from, _to, good) => {
        canonical &= good
      })
      return canonical === 1
    },
    fieldAdd: (a, b) => map(exports.fieldAdd, a, b),
    fieldSub: (a, b) => map(exports.fieldSub, a, b),
    fieldScale: (a, constant) => {
      fieldConstant(constant)
      return map(words => exports.fieldScale(words, constant), a)
    },
    fieldAddConstant: (a, constant) => {
      fieldConstant(constant)
      return map(words => exports.fieldAddConstant(words, constant), a)
    },
    fieldMul: (a, b) => map(exports.fieldMul, a, b),
    mulLocal: (xOwn, xNext, yOwn, yNext, masks) =>
      mapMasked(exports.mulLocal, [xOwn, xNext, yOwn, yNext], masks),
    dotLocal: (xOwn, xNext, yOwn, yNext) => sum(exports.dotLocal, xOwn, xNext, yOwn, yNext),
    fieldSum: a => sum(exports.fieldSum, a),

    fieldPrefixSums,
    fieldOneHotRows,
    fieldOneHotTotals,
    rankLocal,
  })
}

/** A kernel from the bytes of `kernel.wasm`. Every call has a memory of its own. */
export const instantiateSimd = async (wasm: BufferSource): Promise<Kernel> => {
  const { instance } = await WebAssembly.instantiate(wasm)
  return kernelOf(instance.exports as unknown as Module)
}

/** The same, at once. */
export const instantiateSimdSync = (wasm: BufferSource): Kernel =>
  kernelOf(new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports as unknown as Module)
