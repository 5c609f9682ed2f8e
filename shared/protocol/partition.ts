/**
 * Stable partition: rows whose flag is 1 come first, the others after them, each in the order in which they came.
 *
 * With P_r the number of flags up to and including row r, and t of all (prefix sums, local), a flagged row goes to
 * P_r - 1 and another one to t + r - P_r, so
 *
 *     position_r = t + r - P_r + f_r (2 P_r - 1 - t - r)
 *
 * Secret: everything, the number of flags as well. Public: the number of rows. Positions take one round and 8 bytes a row
 * for a flag in F_p; to move the columns is `applyPermutation`, 3 rounds.
 */
import type { Session } from '../session/session.ts'
import { add, addConstant, fieldSlice, type SharedField, shareOfField, subtract } from '../sharing/shared.ts'
import type { Cost } from './cost.ts'
import { multiply, multiplyCost } from './multiply.ts'
import { prefixSum, repeat } from './prefix-sum.ts'
import { rowNumbers } from './rows.ts'

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
