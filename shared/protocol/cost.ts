/** What protocols cost, and the arithmetic of it. */
import type { Cost } from '../session/dry.ts'

export type { Cost } from '../session/dry.ts'

/** Every party sends the same. */
export const evenCost = (rounds: number, bytes: number): Cost => ({
  rounds,
  bytesPerParty: [bytes, bytes, bytes],
})

const combine = (costs: readonly Cost[], rounds: (counts: readonly number[]) => number): Cost => {
  const sent = (party: 0 | 1 | 2): number => costs.reduce((sum, cost) => sum + cost.bytesPerParty[party], 0)
  return { rounds: rounds(costs.map(cost => cost.rounds)), bytesPerParty: [sent(0), sent(1), sent(2)] }
}

/** One after the other. */
export const inSequence = (...costs: readonly Cost[]): Cost =>
  combine(costs, counts => counts.reduce((sum, count) => sum + count, 0))

/** At once: rounds merge. */
export const inParallel = (...costs: readonly Cost[]): Cost =>
  combine(costs, counts => Math.max(0, ...counts))

/** Levels of a binary tree over `leaves` leaves. */
export const levelsFor = (leaves: number): number => (leaves <= 1 ? 0 : Math.ceil(Math.log2(leaves)))

/** Bytes of one bit vector on the wire. */
export const bitBytes = (length: number): number => Math.ceil(length / 8)
