/**
 * Makes every value zero in cells where it is not shown, inside the computation, before anything is revealed: a value is
 * multiplied with its flag, and a flag is 1 only if the group has enough rows, fulfils HAVING, and enough rows contribute.
 */
import { and } from '../../protocol/and.ts'
import { bitsToFieldAll } from '../../protocol/bit-to-field.ts'
import { multiplyAll } from '../../protocol/multiply.ts'
import type { Session } from '../../session/session.ts'
import type { SharedBits, SharedField } from '../../sharing/shared.ts'
import { type Guard, type RevealedVector, ROWS } from '../plan.ts'
import { andTruths, secretTruth, sharedTruth, type Truth } from './value.ts'

/** One vector over all cells for each revealed vector, in the plan's order. */
export const suppress = async (
  session: Session,
  vectors: readonly RevealedVector[],
  totals: ReadonlyMap<string, SharedField>,
  enough: ReadonlyMap<Guard, SharedBits>,
  having: Truth | undefined,
): Promise<readonly SharedField[]> => {
  const rows = secretTruth(enough.get(ROWS) as SharedBits)
  const [kept] = having === undefined ? [rows] : await andTruths(session.step('having'), [rows], [having])
  const shown = sharedTruth(session, kept as Truth)

  const guards = [...new Set(vectors.map(vector => vector.guard))]
  const others = guards.filter(guard => guard !== ROWS)
  const contributed = await and(
    session.step('guard'),
    others.map(() => shown),
    others.map(guard => enough.get(guard) as SharedBits),
  )
  const converted = await bitsToFieldAll(session.step('flag'), [shown, ...contributed])
  const flags = new Map<Guard, SharedField>(
    [ROWS, ...others].map((guard, i) => [guard, converted[i] as SharedField]),
  )

  const values = vectors.filter(vector => vector.kind === 'total')
  const products = await multiplyAll(
    session.step('value'),
    values.map(vector => flags.get(vector.guard) as SharedField),
    values.map(vector => totals.get(vector.slot) as SharedField),
  )
  return vectors.map(vector =>
    vector.kind === 'shown'
      ? (flags.get(vector.guard) as SharedField)
      : (products[values.indexOf(vector)] as SharedField),
  )
}
