/** Running sums of shared vectors, in F_p or modulo 2: linear, so local. 0 rounds, 0 bytes. */
import { bits } from '../bits/bits.ts'
import { field } from '../field/field.ts'
import type { Kernel } from '../kernel/kernel.ts'
import {
  fieldConcat,
  fieldSlice,
  type SharedBits,
  type SharedField,
  subtract,
  xor,
  zeroBits,
} from '../sharing/shared.ts'
import { bitsConcat, bitsSlice } from './rows.ts'

/** Row r is `initial` plus rows 0 to r, element by element, for rows of as many elements as `initial` has. */
export const prefixSumsFrom = (k: Kernel, x: SharedField, initial: SharedField): SharedField => {
  const { length } = x.own
  return {
    own: field(k.fieldPrefixSums(x.own.words, initial.own.words), length),
    next: field(k.fieldPrefixSums(x.next.words, initial.next.words), length),
  }
}

const zero = (k: Kernel): SharedField => ({ own: field(k.zeros(1), 1), next: field(k.zeros(1), 1) })

/** Element i is the sum of elements 0 to i. */
export const prefixSum = (k: Kernel, x: SharedField): SharedField => prefixSumsFrom(k, x, zero(k))

/** One element as a vector of `length` equal ones. */
export const repeat = (k: Kernel, x: SharedField, length: number): SharedField => {
  const zeros = field(k.zeros(length), length)
  return prefixSumsFrom(k, { own: zeros, next: zeros }, x)
}

/** The inverse of `prefixSum`: element i less the element before it. */
export const differences = (k: Kernel, x: SharedField): SharedField => {
  const { length } = x.own
  if (length === 0) return x
  return subtract(k, x, fieldConcat(k, [zero(k), fieldSlice(k, x, 0, length - 1)]))
}

/** The same of bits: bit i is the sum of bits 0 to i modulo 2. */
export const prefixXor = (k: Kernel, x: SharedBits): SharedBits => {
  const { length } = x.own
  return {
    own: bits(k.bitsPrefixXor(x.own.words, length), length),
    next: bits(k.bitsPrefixXor(x.next.words, length), length),
  }
}

/** The inverse of `prefixXor`. */
export const bitDifferences = (k: Kernel, x: SharedBits): SharedBits => {
  const { length } = x.own
  if (length === 0) return x
  return xor(k, x, bitsConcat(k, zeroBits(k, 1), bitsSlice(k, x, 0, length - 1)))
}
