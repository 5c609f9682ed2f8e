/**
 * One party, complete but for the outside: takes documents, chunks and frames, runs what was agreed, and answers what
 * members may read. `functions/` puts HTTP, databases and a clock around it.
 */

import type { LogEntry, LogState } from '../audit/log.ts'
import type { DocumentKind } from '../governance/document/document.ts'
import type { SignedDocument } from '../governance/sign.ts'
import { CHORES } from '../port/waker.ts'
import type { PartyIndex } from '../sharing/shared.ts'
import { type Admitted, admitDocument } from './admit.ts'
import { advanceRequest } from './advance.ts'
import { receiveChunk } from './chunks.ts'
import { createDocuments } from './documents.ts'
import { receiveFrame } from './frames.ts'
import { createJobs } from './jobs.ts'
import { createJournal } from './journal.ts'
import { WorkerLeaves } from './lease.ts'
import { loadManifest, type Manifest } from './manifest.ts'
import { sealedResultOf } from './sealed-result.ts'
import { type Compiled, type LiveRun, manifestOf, type Self } from './self.ts'
import { hasEnded, type RequestStatus } from './status.ts'
import { witness } from './witness.ts'
import type { World } from './world.ts'

export interface Party {
  readonly world: World
  /** null before the first manifest was accepted. */
  manifest(): Manifest | null
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
  /** Waits until nothing is under way in the background. */
  idle(): Promise<void>
  /** Takes no new steps and gives up posting, then waits for what is under way. Running runs go on after a restart. */
  close(): Promise<void>
}

export const createParty = async (world: World): Promise<Party> => {
  let manifest: Manifest | null = null
  let closing = false
  const tasks = new Set<Promise<void>>()
  const live = new Map<string, LiveRun>()

  const background: Self['background'] = (event, work) => {
    const task: Promise<void> = work()
      .catch(error => world.log.write('error', `${event}-failed`, { error: String(error) }))
      .finally(() => tasks.delete(task))
    tasks.add(task)
  }

  const witnessing = new Map<PartyIndex, Promise<void>>()
  /** One step at a time for each request; a call during a step makes one more step after it. */
  const stepping = new Map<string, { again: boolean }>()
  const advance = (request: string): void => {
    const busy = stepping.get(request)
    if (busy !== undefined) {
      busy.again = true
      return
    }
    const turn = { again: true }
    stepping.set(request, turn)
    background('advance', async () => {
      try {
        while (turn.again && !closing) {
          turn.again = false
          await advanceRequest(self, request)
        }
      } finally {
        stepping.delete(request)
      }
    })
  }

  const self: Self = {
    world,
    manifestOrNull: () => manifest,
    setManifest: accepted => {
      manifest = accepted
    },
    documents: createDocuments(world.durable, () => manifestOf(self).keyOf),
    jobs: createJobs(world.durable, world.clock.nowMs),
    journal: createJournal(world.durable, world.clock, world.log),
    live,
    met: new Set<string>(),
    ending: new Map<string, Promise<unknown>>(),
    compiled: new Map<string, Promise<Compiled>>(),
    isClosing: () => closing,
    background,
    witness: (opened, signed) => {
      const { party: other } = opened.document
      const turn = (witnessing.get(other) ?? Promise.resolve()).then(() => witness(self, opened, signed))
      witnessing.set(
        other,
        turn.catch(() => {}),
      )
      background('witness', () => turn)
    },
    advance,
  }
  manifest = await loadManifest(world)

  const status: Party['status'] = async request => {
    const job = await self.jobs.get(request)
    if (job === null) return null
    const run = live.get(request)
    const running = run !== undefined && !hasEnded(job.state)
    return {
      request,
      party: world.party,
      state: job.state,
      attempt: job.attempt,
      round: running ? run.round : job.rounds,
      roundsTotal: job.roundsTotal,
      bytes: running ? run.bytes : job.bytes,
      bytesTotal: job.bytesTotal,
      updatedAt: new Date(running ? Math.max(run.updatedMs, job.updatedMs) : job.updatedMs).toISOString(),
      ...(job.run === undefined ? {} : { run: job.run }),
      ...(running && run.stage !== undefined ? { stage: run.stage } : {}),
      ...(job.startedMs === undefined ? {} : { startedAt: new Date(job.startedMs).toISOString() }),
      ...(job.reason === undefined ? {} : { reason: job.reason }),
    }
  }

  return Object.freeze({
    world,
    manifest: () => manifest,
    postDocument: (signed: unknown) => admitDocument(self, signed),
    putChunk: (version: string, piece: number, body: Uint8Array) => receiveChunk(self, version, piece, body),
    postFrame: (bytes: Uint8Array) => receiveFrame(self, bytes),
    documents: async (kind: DocumentKind, request?: string) => {
      if (kind === 'federation') return [manifestOf(self).signed]
      const digests =
        kind === 'request' && request !== undefined ? [request] : await self.documents.list(kind, request)
      const signed = await Promise.all(digests.map(digest => self.documents.signed(digest)))
      return signed.filter(one => one !== null)
    },
    status,
    result: async (request: string) => {
      const job = await self.jobs.get(request)
      const opened = await self.documents.open('request', request)
      if (job?.state !== 'done' || opened === null) return null
      const sealed = await sealedResultOf(world.durable, request)
      return sealed === null ? null : { sealed, recipient: opened.document.recipient }
    },
    log: async (after: number, limit: number) => ({
      entries: await self.journal.read(after, limit),
      state: await self.journal.state(),
    }),
    work: async (subject: string) => {
      if (manifest === null || closing || subject === CHORES) return
      advance(subject)
      while (tasks.size > 0) await Promise.all(tasks)
    },
    tick: async () => {
      if (manifest === null || closing) return
      for (const request of await self.jobs.open()) advance(request)
    },
    idle: async () => {
      while (tasks.size > 0) await Promise.all(tasks)
    },
    close: async () => {
      closing = true
      for (const run of live.values()) run.stop(new WorkerLeaves(`party ${world.party} is shutting down`))
      while (tasks.size > 0) await Promise.all(tasks)
    },
  })
}
