/**
 * Vectors over F_p, p = 2^61 - 1, and how signed integers live in it.
 *
 * An integer v in (-2^60, 2^60) is held as v mod p. The range analysis of the planner proves that no honest value
 * leaves that interval, so `decode` is exact.
 */
import { type Kernel, P, type Words } from '../kernel/kernel.ts'

export { P } from '../kernel/kernel.ts'

/** Integers are representable strictly between -FIELD_LIMIT and FIELD_LIMIT. */
export const FIELD_LIMIT = 1n << 60n

export interface Field {
  readonly domain: 'field'
  /** Number of elements. */
  readonly length: number
  readonly words: Words
}

export const field = (words: Words, length: number = words.length): Field => ({
  domain: 'field',
  length,
  words,
})

/** v mod p for |v| < 2^60; throws a RangeError outside. */
export const encodeInteger = (value: bigint): bigint => {
  if (value <= -FIELD_LIMIT || value >= FIELD_LIMIT) throw new RangeError('integer outside (-2^60, 2^60)')
  return value < 0n ? value + P : value
}

/** The inverse of `encodeInteger`. */
export const decodeInteger = (element: bigint): bigint => (element >= FIELD_LIMIT ? element - P : element)

/** A public constant as an element, for |v| of any size that the caller means modulo p. */
export const modP = (value: bigint): bigint => ((value % P) + P) % P

export const fieldZeros = (kernel: Kernel, length: number): Field => field(kernel.zeros(length), length)
export const fieldFill = (kernel: Kernel, length: number, value: bigint): Field =>
  field(kernel.fill(length, modP(value)), length)
