/** Rounds and bytes of a plan before it runs: the same operators on sessions that only count. Exact, not an estimate. */
import { createDrySession } from '../session/dry.ts'
import { PARTIES } from '../sharing/shared.ts'
import { blankRelations, execute } from './execute.ts'
import { meterSteps } from './meter.ts'
import type { CellPlan, CompiledQuery, Cost, PhysicalPlan, StepCost } from './plan.ts'

type AfterMicrotasks = (run: () => void) => void

/** `afterMicrotasks` as in a session; a host's own is faster than the portable one. */
export const costOf = async (
  { plan }: Pick<CompiledQuery, 'plan'>,
  afterMicrotasks?: AfterMicrotasks,
): Promise<Cost> => {
  if (plan.form === 'tables') return countOf(plan, afterMicrotasks)
  // Blocks follow one another and all but the last are alike: what one of them adds, the others add as well.
  const blocks = Math.ceil(plan.rows / plan.rowBlock)
  if (blocks <= 3) return countOf(plan, afterMicrotasks)
  const last = plan.rows - (blocks - 1) * plan.rowBlock
  const over = (full: number): CellPlan => ({ ...plan, rows: full * plan.rowBlock + last })
  const [two, three] = [await countOf(over(1), afterMicrotasks), await countOf(over(2), afterMicrotasks)]
  return extended(two, three, blocks - 2)
}

/** `from`, and `times` what `to` has more than `from`. */
const extended = (from: Cost, to: Cost, times: number): Cost => {
  const more = (a: number, b: number): number => a + times * (b - a)
  const bytes = (a: StepCost['bytesPerParty'], b: StepCost['bytesPerParty']) =>
    [more(a[0], b[0]), more(a[1], b[1]), more(a[2], b[2])] as const
  return {
    rounds: more(from.rounds, to.rounds),
    bytesPerParty: bytes(from.bytesPerParty, to.bytesPerParty),
    steps: from.steps.map((step, i) => {
      const other = to.steps[i] as StepCost
      return {
        name: step.name,
        rounds: more(step.rounds, other.rounds),
        bytesPerParty: bytes(step.bytesPerParty, other.bytesPerParty),
      }
    }),
  }
}

const countOf = async (plan: PhysicalPlan, afterMicrotasks?: AfterMicrotasks): Promise<Cost> => {
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
