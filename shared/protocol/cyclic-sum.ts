/**
 * The bits of a field element, up to the carries: what `field-to-bits.ts` and `is-negative.ts` have in common.
 *
 * x = x_0 + x_1 + x_2 mod p with p = 2^61 - 1, every share below p. The bits of share j are known to its two holders, so
 * the slices that a party cuts from its two shares, s = x_0 ⊕ x_1 ⊕ x_2, are a boolean sharing as they stand. A carry-save
 * adder makes two summands of three: x_0 + x_1 + x_2 = s + 2 maj, and doubling modulo 2^61 - 1 is a rotation by one:
 *
 *     maj = ((x_0 ⊕ x_2) ∧ (x_1 ⊕ x_2)) ⊕ x_2,     m_j = maj_{j-1},  m_0 = maj_60,     x = s + m mod p
 *
 * What is left is an addition with end-around carry. **All-ones never occurs**: s and m lie in [0, p], so s + m is
 * congruent to 0 only when it is 0, p or 2p, and callers make sure that x is not 0 modulo p. Hence s ⊕ m is never all
 * ones (that is s + m = p), some position of the ring of 61 generates or absorbs a carry, and the carry into position j
 * is decided by the first such position below it, counting around the ring: no circularity, and the sum is canonical, in
 * [1, p - 1]. Position j passes the carry on when s_j ⊕ m_j = 1, else its carry out is s_j; the last position before the
 * ring closes may be asked for s_j without asking whether it passes.
 *
 * Secret: everything. One round, 61 bits an element.
 */
import { type Bits, bits, bitsZeros } from '../bits/bits.ts'
import type { Session } from '../session/session.ts'
import { type SharedBits, type SharedField, xor } from '../sharing/shared.ts'
import { and } from './and.ts'
import type { Block } from './selection-tree.ts'

export const FIELD_BITS = 61

export interface CyclicSum {
  /** s_j ⊕ m_j: bit j of x without the carry into j. */
  readonly halfSum: readonly SharedBits[]
  /** What position j does to a carry: `pass` is s_j ⊕ m_j, `value` is s_j. */
  readonly positions: readonly Block[]
}

/** x must not be 0 modulo p. */
export const cyclicSum = async (session: Session, x: SharedField): Promise<CyclicSum> => {
  const { kernel, party } = session
  const { length } = x.own
  const own = kernel.toSlices(x.own.words, FIELD_BITS).map(slice => bits(slice, length))
  const next = kernel.toSlices(x.next.words, FIELD_BITS).map(slice => bits(slice, length))
  const s = own.map((slice, j): SharedBits => ({ own: slice, next: next[j] as Bits }))
  /** The sharing of the shares in places a and b alone. */
  const only = (places: readonly number[]): SharedBits[] => {
    const zero = bitsZeros(kernel, length)
    const keep = (place: number, slice: Bits): Bits => (places.includes(place) ? slice : zero)
    return s.map(slice => ({ own: keep(party, slice.own), next: keep((party + 1) % 3, slice.next) }))
  }
  const products = await and(session, only([0, 2]), only([1, 2]))
  const last = only([2])
  const maj = products.map((product, j) => xor(kernel, product, last[j] as SharedBits))
  const halfSum = s.map((slice, j) =>
    xor(kernel, slice, maj[(j + FIELD_BITS - 1) % FIELD_BITS] as SharedBits),
  )
  return { halfSum, positions: halfSum.map((pass, j) => ({ pass, value: s[j] as SharedBits })) }
}
