/** Running sums of shared vectors over F_p: linear, so local. 0 rounds, 0 bytes. */
import { field } from '../field/field.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { fieldConcat, fieldSlice, type SharedField, subtract } from '../sharing/shared.ts'

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
