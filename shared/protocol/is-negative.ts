/**
 * The sign of a shared integer, for |2x + 1| < 2^60.
 *
 * y = 2x + 1 is odd, so it is not 0, and its canonical form is y below 2^60 when x ≥ 0, else p - |y| ≥ 2^60: bit 60 of y
 * is the sign. Only the carry into position 60 is needed, around the ring over 59, 58, …, 0, 60 (`cyclic-sum.ts`).
 *
 * Secret: everything. Public: the length. 7 rounds, 175 bits an element.
 */
import type { Session } from '../session/session.ts'
import { addConstant, type SharedBits, type SharedField, scale, xor } from '../sharing/shared.ts'
import { bitBytes, type Cost, evenCost, levelsFor } from './cost.ts'
import { cyclicSum, FIELD_BITS } from './cyclic-sum.ts'
import { type Block, combineAll, combineAllAnds, secretBlocks } from './selection-tree.ts'

export const isNegativeCost = (length: number): Cost =>
  evenCost(
    1 + levelsFor(FIELD_BITS),
    (FIELD_BITS + combineAllAnds(secretBlocks(FIELD_BITS))) * bitBytes(length),
  )

export const isNegative = async (session: Session, x: SharedField): Promise<SharedBits> => {
  const { kernel, party } = session
  const y = addConstant(kernel, party, scale(kernel, x, 2n), 1n)
  const { halfSum, positions } = await cyclicSum(session.step('sum'), y)
  const top = FIELD_BITS - 1
  const ring = [{ value: (positions[top] as Block).value }, ...positions.slice(0, top)]
  const carry = await combineAll(session.step('carry'), ring)
  return xor(kernel, halfSum[top] as SharedBits, carry.value)
}
