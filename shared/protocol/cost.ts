/** What protocols cost, and the arithmetic of it. */
import type { Cost } from '../session/dry.ts'

export type { Cost } from '../session/dry.ts'

/** Every party sends the same. */
export const evenCost = (rounds: number, bytes: number): Cost => ({
  rounds,
  bytesPerParty: [bytes, bytes, bytes],
})

/** Levels of a binary tree over `leaves` leaves. */
export const levelsFor = (leaves: number): number => (leaves <= 1 ? 0 : Math.ceil(Math.log2(leaves)))

/** Bytes of one bit vector on the wire. */
export const bitBytes = (length: number): number => Math.ceil(length / 8)
