/**
 * Stable partition: rows whose flag is 1 come first, the others after them, each in the order in which they came.
 *
 * With P_r the number of flags up to and including row r, and t of all (prefix sums, local), a flagged row goes to
 * P_r - 1 and another one to t + r - P_r, so
 *
 *     position_r = t + r - P_r + f_r (2 P_r - 1 - t - r)
 *
 * Secret: everything, the number of flags as well. Public: the number of rows. Positions take one round and 8 bytes a row
 * for a flag in F_p; with flags in bits and the columns moved it is six rounds.
 */
import type { Shape } from '../session/encoding.ts'
import type { Session } from '../session/session.ts'
import {
  add,
  addConstant,
  fieldSlice,
  type SharedBits,
  type SharedField,
  shareOfField,
  subtract,
} from '../sharing/shared.ts'
import { bitToField, bitToFieldCost } from './bit-to-field.ts'
import { type Cost, inSequence } from './cost.ts'
import { multiply, multiplyCost } from './multiply.ts'
import { applyPermutation, applyPermutationCost } from './permutation.ts'
import { prefixSum, repeat } from './prefix-sum.ts'
import { type Column, rowNumbers } from './rows.ts'

export const partitionPositionsCost = (rows: number): Cost => multiplyCost(rows)

/** `flags` are 0 and 1. */
export const partitionPositions = async (session: Session, flags: SharedField): Promise<SharedField> => {
  const { kernel, party } = session
  const { length } = flags.own
  const counts = prefixSum(kernel, flags)
  const numbers = shareOfField(kernel, party, rowNumbers(kernel, length))
  const total = length === 0 ? counts : repeat(kernel, fieldSlice(kernel, counts, length - 1, length), length)
  const unflagged = subtract(kernel, add(kernel, total, numbers), counts)
  const flagged = addConstant(kernel, party, counts, -1n)
  return add(kernel, unflagged, await multiply(session, flags, subtract(kernel, flagged, unflagged)))
}

export const partitionCost = (shapes: readonly Shape[], rows: number): Cost =>
  inSequence(bitToFieldCost(rows), partitionPositionsCost(rows), applyPermutationCost(shapes, rows))

/** The columns with their flagged rows in front. */
export const partition = async <C extends Column>(
  session: Session,
  flags: SharedBits,
  columns: readonly C[],
): Promise<C[]> => {
  const elements = await bitToField(session.step('flags'), flags)
  const positions = await partitionPositions(session.step('positions'), elements)
  return applyPermutation(session.step('move'), positions, columns)
}
