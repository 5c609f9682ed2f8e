/**
 * x < y for bit-sliced unsigned integers: the highest position in which they differ decides, and there y has the one.
 *
 *     pass_j = ¬(x_j ⊕ y_j),  value_j = y_j,  and below position 0 the answer "no"
 *
 * Carry look-ahead comparison (reference 2.2) on the tree of `selection-tree.ts`; the deviation there saves the round
 * for g and about a third of the bits: at most 1 + log2 w rounds and 2w - ceil(log2(w + 1)) bits a row.
 *
 * Secret: everything. Public: width, length and, in `lessThanPublic`, the constant.
 */
import { bitsOnes } from '../bits/bits.ts'
import type { Session } from '../session/session.ts'
import { not, type SharedBits, shareOfBits, xor, zeroBits } from '../sharing/shared.ts'
import { bitBytes, type Cost, evenCost, levelsFor } from './cost.ts'
import { type Block, combineAll, combineAllAnds, secretBlocks } from './selection-tree.ts'

export const lessThanCost = (width: number, length: number): Cost =>
  evenCost(levelsFor(width + 1), combineAllAnds(secretBlocks(width + 1)) * bitBytes(length))

export const lessThan = async (
  session: Session,
  x: readonly SharedBits[],
  y: readonly SharedBits[],
): Promise<SharedBits> => {
  if (x.length !== y.length || x.length === 0)
    throw new RangeError(`less than: ${x.length} slices with ${y.length}`)
  const { kernel, party } = session
  const no: Block = { value: zeroBits(kernel, (x[0] as SharedBits).own.length) }
  const positions = x.map((slice, j): Block => {
    const value = y[j] as SharedBits
    return { pass: not(kernel, party, xor(kernel, slice, value)), value }
  })
  return (await combineAll(session, [no, ...positions])).value
}

const bitOf = (constant: bigint, j: number): boolean => ((constant >> BigInt(j)) & 1n) === 1n

/** Positions that need not be looked at: below the lowest one of the constant nothing changes the answer. */
const trailingZeros = (constant: bigint): number => {
  let zeros = 0
  while (!bitOf(constant, zeros)) zeros++
  return zeros
}

export const lessThanPublicCost = (width: number, length: number, constant: bigint): Cost => {
  if (constant <= 0n || constant >= 1n << BigInt(width)) return evenCost(0, 0)
  const from = trailingZeros(constant)
  const above = Array.from({ length: width - from - 1 }, (_, j) => bitOf(constant, from + 1 + j))
  return evenCost(levelsFor(width - from), combineAllAnds([undefined, ...above]) * bitBytes(length))
}

/**
 * x < c. Nothing is computed when c leaves no choice. Otherwise c = c' · 2^t with c' odd, and x < c exactly when
 * floor(x / 2^t) < c'; in the lowest position left, c has a one, so the answer there is ¬x_t and costs nothing.
 * Neighbouring bits of c that are the same cost nothing either, so a round number is cheaper than another; c is public.
 */
export const lessThanPublic = async (
  session: Session,
  x: readonly SharedBits[],
  constant: bigint,
): Promise<SharedBits> => {
  const { kernel, party } = session
  const { length } = (x[0] as SharedBits).own
  const ones = shareOfBits(kernel, party, bitsOnes(kernel, length))
  const zeros = zeroBits(kernel, length)
  if (constant <= 0n) return zeros
  if (constant >= 1n << BigInt(x.length)) return ones
  const from = trailingZeros(constant)
  const lowest: Block = { value: not(kernel, party, x[from] as SharedBits) }
  const positions = x.slice(from + 1).map((slice, j): Block => {
    return bitOf(constant, from + 1 + j)
      ? { pass: slice, value: ones, constant: true }
      : { pass: not(kernel, party, slice), value: zeros, constant: false }
  })
  return (await combineAll(session, [lowest, ...positions])).value
}
