/** The time of this machine. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../shared/port/clock.ts'

export const systemClock: Clock = Object.freeze({
  nowMs: () => Date.now(),
  sleep: async (ms: number) => {
    await sleep(ms, undefined, { ref: false })
  },
})
