/** When a worker whose function may run for `leftMs` more has to hand over: time is kept for what is under way then. */

/** At most so much of it, and at most a quarter of what is left. */
const HAND_OVER_MS = 10_000

export const handOverAt = (leftMs: number): number => Date.now() + leftMs - Math.min(HAND_OVER_MS, leftMs / 4)
