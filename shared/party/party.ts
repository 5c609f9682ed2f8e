/**
 * One party, complete but for the outside: takes documents, chunks and frames, runs what was agreed, and answers what
 * members may read. `functions/` puts HTTP, databases and a clock around it.
 */

import type { LogEntry, LogState } from '../audit/log.ts'
import { Refusal } from '../base/errors.ts'
import type { DocumentKind } from '../governance/document/document.ts'
import type { SignedDocument } from '../governance/sign.ts'
import { type Admitted, admitDocument } from './admit.ts'
import { createAllowance } from './allowance.ts'
import { receiveChunk } from './chunks.ts'
import { type ControlAction, type ControlStatus, control, controlStatus } from './control.ts'
import { createDocuments } from './documents.ts'
import { receiveFrame } from './frames.ts'
import { createJobs } from './jobs.ts'
import { createJournal } from './journal.ts'
import { WorkerLeaves } from './lease.ts'
import { loadManifest, type Manifest, requireHome, requireOwnKeys } from './manifest.ts'
import { requireTakesNew } from './mode.ts'
import { readStatus } from './read-status.ts'
import { sealedResultOf } from './sealed-result.ts'
import { type Compiled, canAct, type LiveRun, manifestOf, type Self } from './self.ts'
import type { RequestStatus } from './status.ts'
import { openSubjects, workOn } from './worker.ts'
import type { World } from './world.ts'

export interface Party {
  readonly world: World
  /** null before the first manifest was accepted. */
  manifest(): Promise<Manifest | null>
  postDocument(signed: unknown): Promise<Admitted>
  putChunk(version: string, piece: number, body: Uint8Array): Promise<void>
  postFrame(bytes: Uint8Array): Promise<void>
  /** Signed documents of a kind, of one request when it is given. */
  documents(kind: DocumentKind, request?: string): Promise<readonly SignedDocument[]>
  /** null: no such request here. */
  status(request: string): Promise<RequestStatus | null>
  /** The sealed result and the recipient's name. null: there is none (yet). */
  result(request: string): Promise<{ readonly sealed: Uint8Array; readonly recipient: string } | null>
  log(
    after: number,
    limit: number,
  ): Promise<{ readonly entries: readonly LogEntry[]; readonly state: LogState }>
  /**
   * One worker: does everything about the subject of a wake that can be done now, and returns when it has to wait for
   * somebody else, or shortly before `untilMs`, having woken its successor. Throws Unavailable: wake again later.
   */
  work(subject: string, options?: { readonly untilMs?: number }): Promise<void>
  /** The timer, every second to every minute: wakes a worker for everything that is open. */
  tick(): Promise<void>
  /** Where everything stands, for the operator. */
  controlStatus(): Promise<ControlStatus>
  /** The operator's word; every process of the party obeys it within a lease. */
  control(action: ControlAction): Promise<void>
  /** Waits until nothing is under way in the background. */
  idle(): Promise<void>
  /** Takes no new steps and gives up posting, then waits for what is under way. Running runs go on after a restart. */
  close(): Promise<void>
}

/** A manifest that follows another one is taken by drained parties only, and rarely. */
const LOOK_MS = 1000

export const createParty = async (world: World): Promise<Party> => {
  const locations = await world.place.locate()
  let manifest: Manifest | null = null
  let closing = false
  const tasks = new Set<Promise<unknown>>()
  const tracked = <T>(work: () => Promise<T>): Promise<T> => {
    const task = work().finally(() => tasks.delete(task))
    tasks.add(task)
    return task
  }
  const idle = async (): Promise<void> => {
    while (tasks.size > 0) await Promise.allSettled(tasks)
  }

  const self: Self = {
    world,
    locations,
    manifestOrNull: () => manifest,
    setManifest: accepted => {
      manifest = accepted
    },
    documents: createDocuments(world.durable, () => manifestOf(self).everKeyOf),
    jobs: createJobs(world.durable, world.clock.nowMs),
    journal: createJournal(world.durable, world.clock, world.log),
    live: new Map<string, LiveRun>(),
    working: new Map(),
    posting: new Map<string, Promise<void>>(),
    ending: new Map<string, Promise<unknown>>(),
    compiled: new Map<string, Promise<Compiled>>(),
    requestOfRun: new Map<string, string>(),
    allowance: createAllowance(world.clock),
    isClosing: () => closing,
    background: (event, work) => {
      tracked(work).catch(error => world.log.write('error', `${event}-failed`, { error: String(error) }))
    },
  }
  let lookedMs = Number.NEGATIVE_INFINITY
  /** Another process of this party may have accepted the manifest, or one that follows it; old news for a moment is no harm. */
  const loaded = async (maxAgeMs = LOOK_MS): Promise<Manifest | null> => {
    const nowMs = world.clock.nowMs()
    if (manifest !== null && nowMs - lookedMs < maxAgeMs) return manifest
    lookedMs = nowMs
    const newest = await loadManifest(world, manifest)
    const versionOf = (one: Manifest | null): number => one?.opened.document.version ?? 0
    if (versionOf(newest) > versionOf(manifest)) manifest = newest
    return manifest
  }
  const canWork = async (): Promise<boolean> => {
    await loaded()
    return canAct(self) && !closing
  }
  const withManifest =
    <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      await loaded()
      return work(...args)
    }
  const tick = async (): Promise<void> => {
    if (!(await canWork())) return
    for (const subject of await openSubjects(self)) await world.waker.wake(subject)
  }
  const atStart = await loaded()
  if (atStart !== null) {
    requireOwnKeys(atStart, world)
    requireHome(atStart, world, locations)
  }

  return Object.freeze({
    world,
    manifest: () => loaded(),
    postDocument: withManifest((signed: unknown) => admitDocument(self, signed)),
    putChunk: async (version: string, piece: number, body: Uint8Array) => {
      if (manifest === null) await loaded()
      await requireTakesNew(self)
      await receiveChunk(self, version, piece, body)
    },
    postFrame: async (bytes: Uint8Array) => {
      if (manifest === null) await loaded()
      const known = manifest
      try {
        await receiveFrame(self, bytes)
      } catch (error) {
        // Frames are many, so the store is asked for a later manifest only when one does not fit the known one.
        const isOther = error instanceof Refusal && error.rule === 'frame-federation'
        if (!isOther || (await loaded(0)) === known) throw error
        await receiveFrame(self, bytes)
      }
    },
    documents: withManifest(async (kind: DocumentKind, request?: string) => {
      if (kind === 'federation') {
        const newest = manifestOf(self)
        return [newest, ...newest.earlier].map(one => one.signed)
      }
      const digests =
        kind === 'request' && request !== undefined ? [request] : await self.documents.list(kind, request)
      const signed = await Promise.all(digests.map(digest => self.documents.signed(digest)))
      return signed.filter(one => one !== null)
    }),
    status: (request: string) => readStatus(self, request),
    result: withManifest(async (request: string) => {
      const job = await self.jobs.get(request)
      const opened = await self.documents.open('request', request)
      if (job?.state !== 'done' || opened === null) return null
      const sealed = await sealedResultOf(world.durable, request)
      return sealed === null ? null : { sealed, recipient: opened.document.recipient }
    }),
    log: async (after: number, limit: number) => ({
      entries: await self.journal.read(after, limit),
      state: await self.journal.state(),
    }),
    work: (subject: string, { untilMs = Number.POSITIVE_INFINITY } = {}) =>
      tracked(async () => {
        if (!(await canWork())) return
        await workOn(self, subject, untilMs)
      }),
    tick,
    controlStatus: withManifest(() => controlStatus(self)),
    control: async (action: ControlAction) => {
      await control(self, action)
      await tick()
    },
    idle,
    close: async () => {
      closing = true
      for (const run of self.live.values())
        run.stop(new WorkerLeaves('closing', `party ${world.party} is shutting down`))
      await idle()
    },
  })
}
