/**
 * Lease: at most one worker does something about a request. It is a record of its own, changed only by conditional writes,
 * because the job record changes for other reasons. A worker that stood still past the end of its lease finds at its next
 * check that another one took over, and leaves. The lease saves work; what keeps two workers from doing harm is the
 * digest that is recorded before every send. The end of a lease is told by the clock of the worker that looks, so a worker
 * whose clock is ahead by more than a lease takes over too early, which costs a stage of work and nothing else; one whose
 * clock is behind takes over later by as much. Public: who holds it (a random handle), until when, and how far the run is.
 */
import type { Clock } from '../port/clock.ts'
import type { RecordVersion, Store } from '../port/store.ts'
import { getJson, putJson } from './blob.ts'

/** Why a worker leaves a run that goes on without it. */
export type LeaveReason = 'closing' | 'paused' | 'time' | 'linger' | 'lease-lost' | 'run-ended'

/** This worker leaves, and the run goes on without it: not a failure of the run, so nobody is told. */
export class WorkerLeaves extends Error {
  override readonly name = 'WorkerLeaves'
  /** Whether it wants a successor now, or leaves until something comes. */
  readonly wantsSuccessor: boolean
  readonly reason: LeaveReason
  constructor(reason: LeaveReason, message: string, { wantsSuccessor = false } = {}) {
    super(message)
    this.reason = reason
    this.wantsSuccessor = wantsSuccessor
  }
}

/** How far the run was when the lease was renewed last. All of it is public within the federation. */
export interface RunProgress {
  /** The step of the plan. */
  readonly step?: string
  readonly round: number
  /** Bytes that this party has sent. */
  readonly bytes: number
  readonly updatedMs: number
  /** The round that waits for frames, and since when: a deadline must not start again with every worker. */
  readonly waiting?: { readonly round: number; readonly sinceMs: number }
}

export interface Lease {
  /** What the worker that held it before has noted. */
  readonly before: RunProgress | undefined
  /** Whether the worker before had not given it back: it died, stood still or was cut off. */
  readonly isTakeover: boolean
  /** Kept with the next renewal. */
  note(progress: RunProgress): void
  /** Before every send, and often while waiting: renews when it is time. Throws WorkerLeaves when the lease is lost. */
  check(): Promise<void>
  /** Another worker may begin at once. */
  release(): Promise<void>
}

export const leaseKey = (subject: string): string => `lease/${subject}`

interface Held {
  readonly holder: string
  readonly untilMs: number
  readonly progress?: RunProgress
}

const RENEWALS_PER_LEASE = 4

const readLease = async (store: Store, subject: string) => {
  const record = await store.get(leaseKey(subject))
  return record === null ? null : { held: getJson<Held>(record.value), version: record.version }
}

/** Whether a worker is busy with it. A lease that runs out at this moment counts as free. */
export const isLeased = async (store: Store, clock: Clock, subject: string): Promise<boolean> => {
  const there = await readLease(store, subject)
  return there !== null && there.held.untilMs > clock.nowMs()
}

/** undefined: nobody has ever worked on it, or it has ended. */
export const leasedUntilMs = async (store: Store, subject: string): Promise<number | undefined> =>
  (await readLease(store, subject))?.held.untilMs

export const progressOf = async (store: Store, subject: string): Promise<RunProgress | undefined> =>
  (await readLease(store, subject))?.held.progress

/** The time without a worker, after the last one died, is this party's own: no other one is late because of it. */
const resumed = (progress: RunProgress | undefined, nowMs: number): RunProgress | undefined => {
  if (progress?.waiting === undefined) return progress
  const { round, sinceMs } = progress.waiting
  return { ...progress, waiting: { round, sinceMs: sinceMs + Math.max(0, nowMs - progress.updatedMs) } }
}

interface LeaseOptions {
  /** Digest of the request. */
  readonly subject: string
  /** A handle of this worker alone. */
  readonly holder: string
  readonly leaseMs: number
}

/** null: another worker holds it. */
export const takeLease = async (
  store: Store,
  clock: Clock,
  { subject, holder, leaseMs }: LeaseOptions,
): Promise<Lease | null> => {
  const key = leaseKey(subject)
  let takenMs = clock.nowMs()
  let version: RecordVersion | null
  let progress: RunProgress | undefined
  const held = (untilMs: number): Uint8Array =>
    putJson({ holder, untilMs, ...(progress && { progress }) } satisfies Held)

  // A record that is there already is the usual case: it stays until the request has ended.
  let there = await readLease(store, subject)
  if (there === null) {
    await store.putIfAbsent(key, putJson({ holder: '', untilMs: 0 } satisfies Held))
    there = await readLease(store, subject)
  }
  if (there === null || there.held.untilMs > takenMs) return null
  const isTakeover = there.held.untilMs > 0
  progress = isTakeover ? resumed(there.held.progress, takenMs) : there.held.progress
  version = await store.compareAndSet(key, there.version, held(takenMs + leaseMs))
  if (version === null) return null

  let turn: Promise<void> = Promise.resolve()
  const renew = async (): Promise<void> => {
    const nowMs = clock.nowMs()
    if (nowMs - takenMs < leaseMs / RENEWALS_PER_LEASE) return
    if (version !== null) version = await store.compareAndSet(key, version, held(nowMs + leaseMs))
    if (version === null) throw new WorkerLeaves('lease-lost', 'another worker has taken over the run')
    takenMs = nowMs
  }
  return {
    before: progress,
    isTakeover,
    note: noted => {
      progress = noted
    },
    check: () => {
      turn = turn.then(renew)
      turn.catch(() => {})
      return turn
    },
    release: async () => {
      await turn.catch(() => {})
      if (version !== null) await store.compareAndSet(key, version, held(0))
      version = null
    },
  }
}
