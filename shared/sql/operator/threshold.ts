/** Where a guard reaches the minimum group size: count >= k is not (count - k < 0). All guards in the same rounds. */
import { isNegative } from '../../protocol/is-negative.ts'
import type { Session } from '../../session/session.ts'
import { addConstant, not, type SharedBits, type SharedField } from '../../sharing/shared.ts'
import type { Guard } from '../plan.ts'

export const threshold = async (
  session: Session,
  totals: ReadonlyMap<string, SharedField>,
  guards: readonly Guard[],
  minimum: number,
): Promise<ReadonlyMap<Guard, SharedBits>> => {
  const { kernel, party } = session
  return new Map(
    await Promise.all(
      guards.map(async (guard, i): Promise<[Guard, SharedBits]> => {
        const excess = addConstant(kernel, party, totals.get(guard) as SharedField, -BigInt(minimum))
        return [guard, not(kernel, party, await isNegative(session.step(`${i}`), excess))]
      }),
    ),
  )
}
