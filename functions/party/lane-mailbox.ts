/**
 * Mailbox over a fixed number of cloud queues, the lanes. A queue cannot be asked for the messages of one run, so a run
 * has a lane to itself from its first frame to its settle; fronts send into it and the run's worker reads it, in
 * different processes. Every message carries the token of the tenancy that it was sent under. One with another token was
 * left behind by an earlier run, or came late for it: the reader deletes it, but only after it has seen that the lane is
 * still its own. A worker that was frozen while its run ended must not delete what belongs to the next one.
 */
import { Unavailable } from '../../shared/base/errors.ts'
import { inParallel } from '../../shared/base/in-parallel.ts'
import { DEFAULT_DEADLINES } from '../../shared/party/world.ts'
import type { Mail, Mailbox } from '../../shared/port/mailbox.ts'
import type { Store } from '../../shared/port/store.ts'
import { encodeMail } from './lane-message.ts'
import type { LaneQueue } from './lane-queue.ts'
import { createLaneReader, type LaneReader } from './lane-reader.ts'
import { createTenancies, type Tenancy } from './lane-tenancy.ts'

interface LaneMailboxOptions {
  readonly queue: LaneQueue
  readonly lanes: number
  readonly volatile: Store
  /** How long a message stays with a reader that died, about as long as its lease. A live one takes it again. */
  readonly visibilityMs?: number
  /** A lane that its run has not given back for so long is taken away; far longer than a run may last. */
  readonly tenancyMs?: number
  readonly nowMs?: () => number
}

const TENANCY_MS = 24 * 60 * 60_000
const SENDS_AT_ONCE = 4

/** What a reader holds comes back a little after its lease has run out. */
export const visibilityFor = (leaseMs: number): number => 2 * leaseMs

export const laneMailbox = ({
  queue,
  lanes,
  volatile,
  visibilityMs = visibilityFor(DEFAULT_DEADLINES.leaseMs),
  tenancyMs = TENANCY_MS,
  nowMs = Date.now,
}: LaneMailboxOptions): Mailbox => {
  const tenancies = createTenancies({ volatile, lanes, tenancyMs, nowMs })
  /** So that a frame costs no read. What is sent into a lane that the run has lost since is dropped there. */
  const known = new Map<string, Tenancy>()
  const readers = new Map<string, Set<LaneReader>>()
  /** Rounds settled while nobody in this process read the run. */
  const settledEarly = new Map<string, number>()

  const tenancyOf = async (run: string): Promise<Tenancy> => {
    const before = known.get(run)
    if (before !== undefined) return before
    const tenancy = await tenancies.of(run)
    known.set(run, tenancy)
    // Runs that another process has ended are never heard of again here.
    if (known.size > 4 * lanes) known.delete(known.keys().next().value as string)
    return tenancy
  }

  return Object.freeze({
    deliver: async (run: string, mail: Mail) => {
      const { lane, token } = await tenancyOf(run)
      const messages = encodeMail(token, mail, queue.bodyBytesMax, nowMs())
      await inParallel(
        messages.map(message => () => queue.send(lane, message)),
        SENDS_AT_ONCE,
      )
      // Where front and worker share a process, as on Azure, the worker need not wait for the queue.
      for (const reader of readers.get(run) ?? []) reader.offer(mail)
    },
    open: (run: string) => {
      const ofRun = readers.get(run) ?? new Set()
      readers.set(run, ofRun)
      const reader = createLaneReader({
        queue,
        visibilityMs,
        nowMs,
        tenancy: () => tenancyOf(run),
        checkTenancy: async tenancy => {
          if (await tenancies.isCurrent(tenancy)) return
          known.delete(run)
          throw new Unavailable('the run has lost its lane: it has ended, or lasted too long')
        },
        settledBefore: settledEarly.get(run) ?? 0,
        closed: () => {
          ofRun.delete(reader)
          if (ofRun.size === 0) readers.delete(run)
        },
      })
      ofRun.add(reader)
      return reader
    },
    settle: async (run: string, round?: number) => {
      const ofRun = readers.get(run)
      for (const reader of ofRun ?? []) await reader.settle(round ?? Number.POSITIVE_INFINITY)
      if (round === undefined) {
        settledEarly.delete(run)
        known.delete(run)
        await tenancies.end(run)
      } else if (ofRun === undefined) {
        settledEarly.set(run, round)
        if (settledEarly.size > 4 * lanes) settledEarly.delete(settledEarly.keys().next().value as string)
      }
    },
  })
}
