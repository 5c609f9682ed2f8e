/**
 * Lease: at most one worker executes a run. It is a record of its own, changed only by conditional writes, because the
 * job record changes for other reasons. A worker that stood still past the end of its lease finds at its next check that
 * another one took over, and leaves. The lease saves work; what keeps two workers from doing harm is the digest that is
 * recorded before every send. Public: who holds it (a random handle) and until when.
 */
import type { Clock } from '../port/clock.ts'
import type { RecordVersion, Store } from '../port/store.ts'
import { getJson, putJson } from './blob.ts'

/** This worker leaves, and the run goes on without it: not a failure of the run, so nobody is told. */
export class WorkerLeaves extends Error {
  override readonly name = 'WorkerLeaves'
}

export interface Lease {
  /** Before every send, and often while waiting: renews when it is time. Throws WorkerLeaves when the lease is lost. */
  check(): Promise<void>
  /** Another worker may begin at once. */
  release(): Promise<void>
}

export const leaseKey = (run: string): string => `lease/${run}`

interface Held {
  readonly holder: string
  readonly untilMs: number
}

/** null: another worker holds it. A holder that asks again gets it again. */
export const takeLease = async (
  store: Store,
  clock: Clock,
  { run, holder, leaseMs }: { readonly run: string; readonly holder: string; readonly leaseMs: number },
): Promise<Lease | null> => {
  const key = leaseKey(run)
  const heldUntil = (untilMs: number): Uint8Array => putJson({ holder, untilMs } satisfies Held)

  let takenMs = clock.nowMs()
  let version: RecordVersion | null = null
  await store.putIfAbsent(key, putJson({ holder: '', untilMs: 0 } satisfies Held))
  const there = await store.get(key)
  if (there === null) return null
  const held = getJson<Held>(there.value)
  if (held.holder !== holder && held.untilMs > takenMs) return null
  version = await store.compareAndSet(key, there.version, heldUntil(takenMs + leaseMs))
  if (version === null) return null

  let turn: Promise<void> = Promise.resolve()
  const renew = async (): Promise<void> => {
    const nowMs = clock.nowMs()
    if (nowMs - takenMs < leaseMs / 3) return
    if (version !== null) version = await store.compareAndSet(key, version, heldUntil(nowMs + leaseMs))
    if (version === null) throw new WorkerLeaves('another worker has taken over the run')
    takenMs = nowMs
  }
  return {
    check: () => {
      turn = turn.then(renew)
      turn.catch(() => {})
      return turn
    },
    release: async () => {
      await turn.catch(() => {})
      if (version !== null) await store.compareAndSet(key, version, heldUntil(0))
      version = null
    },
  }
}
