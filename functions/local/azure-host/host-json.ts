/** `host.json` of a function app: what of it the local host enforces, with the cloud's defaults. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../../../shared/base/errors.ts'

/** `[days.]hours:minutes:seconds[.fraction]` in milliseconds. */
const TIME_SPAN = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d{1,7})?)$/

const timeSpan = z.string().transform((text, context) => {
  const [matched, days = '0', hours, minutes, seconds] = TIME_SPAN.exec(text) ?? []
  if (matched === undefined) {
    context.addIssue({ code: 'custom', message: `${text} is not a time span such as 00:00:30` })
    return z.NEVER
  }
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
})

const POLL_MS_MIN = 100

const hostJsonSchema = z.looseObject({
  version: z.literal('2.0'),
  functionTimeout: timeSpan.default(5 * 60_000),
  extensions: z
    .looseObject({
      http: z.looseObject({ routePrefix: z.string().default('api') }).prefault({}),
      queues: z
        .looseObject({
          maxPollingInterval: timeSpan.default(60_000),
          visibilityTimeout: timeSpan.default(0),
          batchSize: z.int().min(1).max(32).default(16),
          newBatchThreshold: z.int().min(0).optional(),
          maxDequeueCount: z.int().min(1).default(5),
          messageEncoding: z.enum(['base64', 'none']).default('base64'),
        })
        .refine(
          ({ maxPollingInterval }) => maxPollingInterval >= POLL_MS_MIN,
          'maxPollingInterval is at least 00:00:00.100',
        )
        .prefault({}),
    })
    .prefault({}),
})

export interface QueueSettings {
  /** The first pause when a queue is empty; it doubles up to the largest. */
  readonly pollMsMin: number
  readonly pollMsMax: number
  /** How long a message is invisible after it failed. */
  readonly retryS: number
  readonly batchSize: number
  /** A new batch is fetched when no more than this many messages are being worked on. */
  readonly newBatchThreshold: number
  readonly dequeueCountMax: number
  readonly base64: boolean
}

export interface HostJson {
  readonly timeLimitMs: number
  readonly routePrefix: string
  readonly queues: QueueSettings
}

/** Throws InputError. */
export const readHostJson = (directory: string): HostJson => {
  const path = join(directory, 'host.json')
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new InputError('the function app has no readable host.json', { where: path, cause })
  }
  const parsed = hostJsonSchema.safeParse(content)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new InputError(`${issue?.path.join('.')}: ${issue?.message}`, { where: path })
  }
  const { functionTimeout, extensions } = parsed.data
  const { queues } = extensions
  return {
    timeLimitMs: functionTimeout,
    routePrefix: extensions.http.routePrefix,
    queues: {
      pollMsMin: POLL_MS_MIN,
      pollMsMax: queues.maxPollingInterval,
      retryS: Math.ceil(queues.visibilityTimeout / 1000),
      batchSize: queues.batchSize,
      newBatchThreshold: queues.newBatchThreshold ?? Math.floor(queues.batchSize / 2),
      dequeueCountMax: queues.maxDequeueCount,
      base64: queues.messageEncoding === 'base64',
    },
  }
}
