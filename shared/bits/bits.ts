/** Packed bit vectors, and bit-sliced integers: slice j holds bit j of every row, lowest first. */
import { type Kernel, type Words, wordsForBits } from '../kernel/kernel.ts'

export interface Bits {
  readonly domain: 'boolean'
  /** Number of bits. */
  readonly length: number
  /** ceil(length / 64) words; bits past the length are zero. Empty in a dry session. */
  readonly words: Words
}

export const bits = (words: Words, length: number): Bits => ({ domain: 'boolean', length, words })

export const bitsZeros = (kernel: Kernel, length: number): Bits =>
  bits(kernel.zeros(wordsForBits(length)), length)
export const bitsOnes = (kernel: Kernel, length: number): Bits =>
  bits(kernel.not(kernel.zeros(wordsForBits(length)), length), length)

/** From an array of truth values; for public data, tests and dealing. */
export const bitsFrom = (values: ArrayLike<unknown>): Bits => {
  const words = new BigUint64Array(wordsForBits(values.length))
  const bytes = new Uint8Array(words.buffer)
  for (let i = 0; i < values.length; i++)
    if (values[i]) bytes[i >> 3] = (bytes[i >> 3] as number) | (1 << (i & 7))
  return bits(words, values.length)
}

/** Bit i of a public vector. */
export const bitAt = (vector: Bits, i: number): boolean => {
  const bytes = new Uint8Array(vector.words.buffer, vector.words.byteOffset, vector.words.byteLength)
  return ((bytes[i >> 3] as number) >> (i & 7)) % 2 === 1
}

/** Number of slices that hold every value of [0, max]: at least 1. */
export const widthFor = (max: bigint): number => Math.max(1, max.toString(2).length)
