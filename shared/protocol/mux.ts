/**
 * Selection by a secret condition: whenFalse + c · (whenTrue - whenFalse), with c = 0 or 1 in the same domain.
 *
 * One round; 8 bytes an element, or one bit a bit. Secret: everything. Public: lengths.
 */
import type { Session } from '../session/session.ts'
import { add, type SharedBits, type SharedField, subtract, xor } from '../sharing/shared.ts'
import { and, andCost } from './and.ts'
import type { Cost } from './cost.ts'
import { multiply, multiplyCost } from './multiply.ts'

export const muxCost = (length: number): Cost => multiplyCost(length)

export const mux = async (
  session: Session,
  condition: SharedField,
  whenTrue: SharedField,
  whenFalse: SharedField,
): Promise<SharedField> => {
  const { kernel } = session
  return add(kernel, whenFalse, await multiply(session, condition, subtract(kernel, whenTrue, whenFalse)))
}

export const muxBitsCost = (slices: number, length: number): Cost =>
  andCost(...Array.from({ length: slices }, () => length))

/** Slice by slice under one condition a row. */
export const muxBits = async (
  session: Session,
  condition: SharedBits,
  whenTrue: readonly SharedBits[],
  whenFalse: readonly SharedBits[],
): Promise<SharedBits[]> => {
  if (whenTrue.length !== whenFalse.length)
    throw new RangeError(`mux: ${whenTrue.length} slices with ${whenFalse.length}`)
  const { kernel } = session
  const chosen = await and(
    session,
    whenTrue.map(() => condition),
    whenTrue.map((slice, j) => xor(kernel, slice, whenFalse[j] as SharedBits)),
  )
  return chosen.map((slice, j) => xor(kernel, slice, whenFalse[j] as SharedBits))
}
