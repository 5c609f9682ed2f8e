/** Rounds and bytes of a plan before it runs: the same operators on sessions that only count. Exact, not an estimate. */
import { createDrySession } from '../session/dry.ts'
import { PARTIES } from '../sharing/shared.ts'
import { blankRelations, execute } from './execute.ts'
import { meterSteps } from './meter.ts'
import type { CompiledQuery, Cost, StepCost } from './plan.ts'

/** `afterMicrotasks` as in a session; a host's own is faster than the portable one. */
export const costOf = async (
  { plan }: Pick<CompiledQuery, 'plan'>,
  afterMicrotasks?: (run: () => void) => void,
): Promise<Cost> => {
  const relations = blankRelations(plan)
  const parties = await Promise.all(
    PARTIES.map(async party => {
      const session = createDrySession({ party, ...(afterMicrotasks && { afterMicrotasks }) })
      const total = () => ({
        rounds: session.counters.rounds,
        bytes: session.counters.bytesToPrevious + session.counters.bytesToNext,
      })
      const meter = meterSteps(plan, () => ({ ...total(), ms: 0 }))
      await execute(session, plan, relations, { onStep: ({ step }) => meter.enter(step) })
      return { spent: meter.spent(), ...total() }
    }),
  )
  const [a, b, c] = parties
  if (a === undefined || b === undefined || c === undefined) throw new Error('three parties expected')
  const bytesAt = (step: number): StepCost['bytesPerParty'] => [
    a.spent[step]?.bytes ?? 0,
    b.spent[step]?.bytes ?? 0,
    c.spent[step]?.bytes ?? 0,
  ]
  return {
    rounds: a.rounds,
    bytesPerParty: [a.bytes, b.bytes, c.bytes],
    steps: a.spent.map(({ name, rounds }, step) => ({ name, rounds, bytesPerParty: bytesAt(step) })),
  }
}
