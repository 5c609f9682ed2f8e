/** The timer of an on-prem party: each second it wakes a worker for everything that is open. */
import type { Log } from '../../shared/port/log.ts'

const TICK_MS = 1000

/** Ticks once at once, because what was interrupted goes on and the two others wait. */
export const startTimer = (tick: () => Promise<void>, log: Log): { stop(): void } => {
  let isTicking = false
  const once = async (): Promise<void> => {
    // A database that hangs does not need more questions.
    if (isTicking) return
    isTicking = true
    try {
      await tick()
    } catch (error) {
      log.write('error', 'tick-failed', { error: String(error) })
    } finally {
      isTicking = false
    }
  }
  const ticking = setInterval(() => void once(), TICK_MS)
  void once()
  return { stop: () => clearInterval(ticking) }
}
