/** A timer trigger: invokes its function when the schedule says so, never twice at a time. */

import type { EventSource } from '../host/event-source.ts'
import type { HostLog } from '../host/log.ts'
import { compileSchedule } from './schedule.ts'
import type { Workers } from './workers.ts'

/** In place of the status that the cloud keeps in its storage. */
const TIMER = JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false })

export const startTimerTrigger = (
  name: string,
  /** Six fields, or seconds between two invocations. */
  schedule: string | number,
  workers: Workers,
  log: HostLog,
): EventSource => {
  let running: Promise<unknown> | undefined
  const fire = (): void => {
    running ??= workers
      .invoke(name, { json: TIMER }, {})
      .catch(error => log.event('timer-failed', { function: name, error: String(error) }))
      .finally(() => {
        running = undefined
      })
  }
  const isDue = typeof schedule === 'string' ? compileSchedule(schedule) : undefined
  let second = Math.floor(Date.now() / 1000)
  const look = (): void => {
    // A timer may come late; a second that was due is not left out.
    for (const now = Math.floor(Date.now() / 1000); second < now; ) {
      second++
      if (isDue?.(new Date(second * 1000))) fire()
    }
  }
  const timer = typeof schedule === 'number' ? setInterval(fire, schedule * 1000) : setInterval(look, 250)
  return {
    stop: async () => {
      clearInterval(timer)
      await running
    },
  }
}
