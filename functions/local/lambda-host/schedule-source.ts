/**
 * An EventBridge rule with a rate. An event that comes while the one before is under way is left out; Lambda would queue
 * it, and a failed one is not tried again before the next.
 */
import { randomUUID } from 'node:crypto'
import type { ScheduledEvent } from 'aws-lambda'
import type { EventSource } from '../host/event-source.ts'
import type { HostLog } from '../host/log.ts'
import { ACCOUNT, type ScheduleConfig } from './config.ts'

export const startScheduleSource = (
  { function: name, everyS }: ScheduleConfig,
  region: string,
  invoke: (event: ScheduledEvent) => Promise<string>,
  log: HostLog,
): EventSource => {
  let running: Promise<unknown> | undefined
  const tick = (): void => {
    running ??= invoke({
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: ACCOUNT,
      time: new Date().toISOString(),
      region,
      resources: [`arn:aws:events:${region}:${ACCOUNT}:rule/${name}`],
      detail: {},
    })
      .catch(error => log.event('schedule-failed', { function: name, error: String(error) }))
      .finally(() => {
        running = undefined
      })
  }
  const timer = setInterval(tick, everyS * 1000)
  return {
    stop: async () => {
      clearInterval(timer)
      await running
    },
  }
}
