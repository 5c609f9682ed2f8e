/**
 * Where enough owners contribute to a guard's rows: of its count for each owner, at least so many are 1 or more. Neither
 * the counts nor how many owners there are is opened.
 *
 * One comparison a count and one a check, each with all cells at once. 7 rounds for the counts, 2 to add up their signs,
 * 7 for the comparison with the minimum, and one for each check of the same guard.
 */
import { and } from '../../protocol/and.ts'
import { bitsToFieldAll } from '../../protocol/bit-to-field.ts'
import { isNegative } from '../../protocol/is-negative.ts'
import type { Session } from '../../session/session.ts'
import { add, addConstant, not, type SharedBits, type SharedField } from '../../sharing/shared.ts'
import type { Guard, OwnersCheck } from '../plan.ts'

/** Whether count >= least, in each cell. */
const reaches = async (session: Session, count: SharedField, least: number): Promise<SharedBits> => {
  const { kernel, party } = session
  const excess = addConstant(kernel, party, count, -BigInt(least))
  return not(kernel, party, await isNegative(session, excess))
}

/** The guards of `enough`, where their checks hold as well. */
export const enoughOwners = async (
  session: Session,
  totals: ReadonlyMap<string, SharedField>,
  checks: readonly OwnersCheck[],
  enough: ReadonlyMap<Guard, SharedBits>,
): Promise<ReadonlyMap<Guard, SharedBits>> => {
  const held = await Promise.all(
    checks.map(async ({ counts, minimum }, i) => {
      const here = session.step(`${i}`)
      const present = await Promise.all(
        counts.map((name, j) => reaches(here.step(`owner-${j}`), totals.get(name) as SharedField, 1)),
      )
      const [first, ...others] = await bitsToFieldAll(here.step('count'), present)
      const owners = others.reduce((sum, one) => add(session.kernel, sum, one), first as SharedField)
      return reaches(here.step('minimum'), owners, minimum)
    }),
  )
  const result = new Map(enough)
  for (const [i, { guard }] of checks.entries()) {
    const [both] = await and(
      session.step(`and-${i}`),
      [result.get(guard) as SharedBits],
      [held[i] as SharedBits],
    )
    result.set(guard, both as SharedBits)
  }
  return result
}
