/** Rounds and bytes of a plan before it runs: the same operators on sessions that only count. Exact, not an estimate. */
import { createDrySession } from '../session/dry.ts'
import { PARTIES } from '../sharing/shared.ts'
import { blankRelations, execute } from './execute.ts'
import type { CompiledQuery, Cost, StepCost } from './plan.ts'

/** `afterMicrotasks` as in a session; a host's own is faster than the portable one. */
export const costOf = async (
  { plan }: Pick<CompiledQuery, 'plan'>,
  afterMicrotasks?: (run: () => void) => void,
): Promise<Cost> => {
  const relations = blankRelations(plan)
  const names = [...plan.nodes, ...(plan.form === 'cells' ? plan.perBlock : []), ...plan.perCell].map(
    step => step.name,
  )
  const parties = await Promise.all(
    PARTIES.map(async party => {
      const session = createDrySession({ party, ...(afterMicrotasks && { afterMicrotasks }) })
      const spent = new Map(names.map(name => [name, { rounds: 0, bytes: 0 }]))
      const now = () => ({
        rounds: session.counters.rounds,
        bytes: session.counters.bytesToPrevious + session.counters.bytesToNext,
      })
      let last: { name: string; rounds: number; bytes: number } | undefined
      const close = (): void => {
        const entry = last && spent.get(last.name)
        if (last === undefined || entry === undefined) return
        const { rounds, bytes } = now()
        entry.rounds += rounds - last.rounds
        entry.bytes += bytes - last.bytes
      }
      await execute(session, plan, relations, {
        onStep: ({ step }) => {
          close()
          last = { name: step, ...now() }
        },
      })
      close()
      return { spent, total: now() }
    }),
  )
  const [a, b, c] = parties
  if (a === undefined || b === undefined || c === undefined) throw new Error('three parties expected')
  const bytesOf = (name: string): StepCost['bytesPerParty'] => {
    const [x, y, z] = [a, b, c].map(party => party.spent.get(name)?.bytes ?? 0)
    return [x as number, y as number, z as number]
  }
  return {
    rounds: a.total.rounds,
    bytesPerParty: [a.total.bytes, b.total.bytes, c.total.bytes],
    steps: names.map(name => ({
      name,
      rounds: a.spent.get(name)?.rounds ?? 0,
      bytesPerParty: bytesOf(name),
    })),
  }
}
