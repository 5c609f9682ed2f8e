/**
 * What each step of a plan takes while it runs: rounds, bytes that one party sends, seconds. The dry count before a run and
 * the measurement of a real one go through here, so both attribute to the same step by the same rule: whatever happens
 * between the start of a step and the start of the next one belongs to it. Blocks repeat steps, so a step's numbers are
 * sums over all blocks.
 *
 * Rounds and bytes follow from the plan alone. Seconds are what a clock says at a party; kernels take the same time
 * whatever they compute on, so they say how busy machine and network were, and nothing about rows.
 */
import type { PhysicalPlan } from './plan.ts'

/** One step at one party. */
export interface StepSpent {
  readonly name: string
  readonly rounds: number
  /** Sent by this party. */
  readonly bytes: number
  /** From its start to the start of the next step, waiting and checkpoints included. */
  readonly seconds: number
}

/** Totals since a run began. */
interface Reading {
  readonly rounds: number
  readonly bytes: number
  readonly ms: number
}

export interface StepMeter {
  /** A step begins; the one before it is over. */
  enter(step: string): void
  /** Every step of the plan, in its order, the open one up to now. */
  spent(): readonly StepSpent[]
}

const stepNames = (plan: PhysicalPlan): readonly string[] =>
  [...plan.nodes, ...(plan.form === 'cells' ? plan.perBlock : []), ...plan.perCell].map(({ name }) => name)

/** `before`: what earlier workers of the same run have measured. Steps that are not of the plan are ignored. */
export const meterSteps = (
  plan: PhysicalPlan,
  read: () => Reading,
  before: readonly StepSpent[] = [],
): StepMeter => {
  const earlier = new Map(before.map(one => [one.name, one]))
  const spent = new Map(
    stepNames(plan).map(name => {
      const { rounds = 0, bytes = 0, seconds = 0 } = earlier.get(name) ?? {}
      return [name, { rounds, bytes, ms: 1000 * seconds }]
    }),
  )
  let open: { readonly name: string; readonly since: Reading } | undefined
  const openNow = (now: Reading) => {
    const kept = open && spent.get(open.name)
    if (open === undefined || kept === undefined) return undefined
    const { since } = open
    return {
      rounds: kept.rounds + now.rounds - since.rounds,
      bytes: kept.bytes + now.bytes - since.bytes,
      ms: kept.ms + now.ms - since.ms,
    }
  }
  return {
    enter: step => {
      const now = read()
      const done = openNow(now)
      if (open !== undefined && done !== undefined) spent.set(open.name, done)
      open = { name: step, since: now }
    },
    spent: () => {
      const current = openNow(read())
      return [...spent].map(([name, kept]) => {
        const { rounds, bytes, ms } = name === open?.name && current !== undefined ? current : kept
        return { name, rounds, bytes, seconds: Math.round(ms) / 1000 }
      })
    },
  }
}
