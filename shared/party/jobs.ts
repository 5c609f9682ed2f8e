/** Job records: where each request stands at this party, changed only by compare-and-set. */
import type { Store } from '../port/store.ts'
import type { SpanAttributes } from '../port/telemetry.ts'
import type { StepSpent } from '../sql/meter.ts'
import { getJson, putJson } from './blob.ts'
import { type EndReason, hasEnded, type RequestState } from './status.ts'

export interface Job {
  readonly request: string
  readonly state: RequestState
  readonly attempt: number
  readonly roundsTotal: number
  readonly bytesTotal: number
  /** What each party will have sent at the end; there once this party has made its offer. */
  readonly bytesPerParty?: readonly [number, number, number]
  readonly rounds: number
  readonly bytes: number
  readonly updatedMs: number
  readonly run?: string
  readonly startedMs?: number
  readonly reason?: EndReason
  /** What each step took; there once a run has ended at the worker that executed it. */
  readonly steps?: readonly StepSpent[]
}

/** What a span says about a job. */
export const spanOf = ({ request, run }: Job): SpanAttributes =>
  run === undefined ? { request } : { request, run }

export interface Jobs {
  /** null: no such request. */
  get(request: string): Promise<Job | null>
  create(job: Job): Promise<void>
  /** The changed job. null: somebody else changed it first, or it has ended; nothing was done. */
  change(job: Job, changes: Partial<Job>): Promise<Job | null>
  /** Nothing is left to do about a request that has ended: `open` does not name it any more. */
  close(request: string): Promise<void>
  /** Requests that have not ended, or whose end is not finished. */
  open(): Promise<readonly string[]>
}

export const createJobs = (store: Store, nowMs: () => number): Jobs => {
  const keyOf = (request: string): string => `job/${request}`
  const openKeyOf = (request: string): string => `open-job/${request}`
  const read = async (request: string) => {
    const record = await store.get(keyOf(request))
    return record === null ? null : { job: getJson<Job>(record.value), version: record.version }
  }
  return {
    get: async request => (await read(request))?.job ?? null,
    create: async job => {
      // First the reminder, then the job: a crash between the two leaves a reminder of nothing, which is harmless.
      await store.putIfAbsent(openKeyOf(job.request), new Uint8Array())
      await store.putIfAbsent(keyOf(job.request), putJson(job))
    },
    change: async (job, changes) => {
      const there = await read(job.request)
      if (there === null || there.job.state !== job.state || hasEnded(there.job.state)) return null
      const changed = { ...there.job, ...changes, updatedMs: nowMs() }
      const version = await store.compareAndSet(keyOf(job.request), there.version, putJson(changed))
      return version === null ? null : changed
    },
    close: request => store.delete(openKeyOf(request)),
    open: async () => (await store.list('open-job/')).map(key => key.slice('open-job/'.length)),
  }
}
