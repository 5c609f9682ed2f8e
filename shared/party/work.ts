/**
 * One run at one party: inputs, rounds, result. Secret: inputs and everything computed from them; they live in this
 * function and nowhere else. Public: rounds, bytes, addresses. The result leaves through `sealResult` alone.
 *
 * A process may die anywhere in here. The next one executes the whole run again, from its inputs and from the frames that
 * came: everything is deterministic but sealing, so it sends the same bytes, and the first sealed result is kept.
 */
import { fromBase64url, toBase64url } from '../base/bytes.ts'
import { Abort, Refusal } from '../base/errors.ts'
import { openSeed } from '../governance/run.ts'
import type { OpenedDocument } from '../governance/sign.ts'
import { createPrss } from '../prss/prss.ts'
import { semiHonestTape } from '../session/gate-tape.ts'
import { createSession } from '../session/lockstep.ts'
import { nextOf } from '../sharing/shared.ts'
import { execute } from '../sql/execute.ts'
import { abortRun } from './abort.ts'
import { compiledOf } from './compile-request.ts'
import { endRun } from './end.ts'
import { openInputs } from './inputs.ts'
import type { Job } from './jobs.ts'
import { type Lease, takeLease, WorkerLeaves } from './lease.ts'
import { createFrameLink, type FrameLink } from './link.ts'
import type { RequestFile } from './request-file.ts'
import { sealResult } from './result.ts'
import { runKey, runSeed } from './run-key.ts'
import { say } from './say.ts'
import { keepSealedResult } from './sealed-result.ts'
import { type LiveRun, manifestOf, type Self } from './self.ts'

type Readies = readonly OpenedDocument<'ready'>[]

/** What a run was agreed on. */
export interface Agreed {
  readonly file: RequestFile
  readonly approvals: readonly OpenedDocument<'approval'>[]
  readonly readies: Readies
  /** Another process, or an earlier worker of this one, has begun to execute it. */
  readonly isAgain: boolean
}

/** Both PRSS keys of this party: its own, and the one that the next party sealed to it. */
const prssKeys = async (self: Self, job: Job, readies: Readies) => {
  const next = nextOf(self.world.party)
  const ready = readies.find(({ document }) => document.party === next) as OpenedDocument<'ready'>
  const { secretKey } = await runKey(self, job)
  const purpose = { request: job.request, run: job.run as string, party: next }
  return { own: await runSeed(self, job), next: await openSeed(secretKey, purpose, ready.document.seed) }
}

const openLink = (
  self: Self,
  job: Job,
  keys: { own: Uint8Array; next: Uint8Array },
  lease: Lease,
): FrameLink => {
  const manifest = manifestOf(self)
  const run = job.run as string
  return createFrameLink({
    world: self.world,
    peer: manifest.peer,
    federation: manifest.digestBytes,
    run: fromBase64url(run),
    runId: run,
    attempt: job.attempt,
    keys,
    mayGoOn: lease.check,
    onEquivocation: (slot, [first, second]) =>
      self.journal.append('equivocation', run, {
        slot,
        first: toBase64url(first),
        second: toBase64url(second),
      }),
  })
}

const work = async (
  self: Self,
  job: Job,
  { file, approvals, readies }: Agreed,
  live: LiveRun,
  lease: Lease,
): Promise<void> => {
  const { world } = self
  const { kernel } = world
  const { query } = await compiledOf(self, file)
  const keys = await prssKeys(self, job, readies)
  const relation = await openInputs(self, job, file, approvals)
  const link = openLink(self, job, keys, lease)
  try {
    const stoppedEarly = stopOf(live)
    if (stoppedEarly !== undefined) throw stoppedEarly
    const session = createSession({
      party: world.party,
      kernel,
      prss: createPrss({
        keys,
        context: `${job.run}|${job.attempt}`,
        keystream: world.crypto.keystream,
        kernel,
      }),
      link,
      tape: semiHonestTape,
      afterMicrotasks: world.afterMicrotasks,
      createHash: world.crypto.createHash,
      onRound: ({ rounds, bytesToPrevious, bytesToNext }) => {
        live.round = rounds
        live.bytes = bytesToPrevious + bytesToNext
        live.updatedMs = world.clock.nowMs()
      },
    })
    live.stop = reason => {
      link.stop(reason)
      session.stop(reason)
    }
    const revealed = await execute(session, query.plan, relation, ({ step }) => {
      live.stage = step
    })
    session.finish()
    const purpose = { request: job.request, run: job.run as string, party: world.party }
    const { recipientSealingKey } = file.request.document
    const sealed = await keepSealedResult(
      world,
      job.request,
      await sealResult(fromBase64url(recipientSealingKey), purpose, revealed),
    )
    // First the result and its digest, then the state: whoever reads `done` finds both.
    await say(self, {
      kind: 'done',
      ...purpose,
      rounds: session.counters.rounds,
      bytesSent: session.counters.bytesToPrevious + session.counters.bytesToNext,
      transcript: toBase64url(session.counters.transcript()),
      result: toBase64url(world.crypto.sha256([sealed])),
    })
    await endRun(self, job, 'done')
  } finally {
    link.close()
  }
}

/** Something that stopped a run before it had a session. */
const stops = new WeakMap<LiveRun, Error>()
const stopOf = (live: LiveRun): Error | undefined => stops.get(live)

/**
 * Runs in the background, if no other worker does; every way it can end is in the job record, and failures are said to
 * the others. A worker that leaves says nothing: the run goes on elsewhere, or here at the next tick.
 */
export const startRun = (self: Self, job: Job, agreed: Agreed): void => {
  const { volatile, clock, newHandle, deadlines, log } = self.world
  const live: LiveRun = {
    stage: undefined,
    round: 0,
    bytes: 0,
    updatedMs: clock.nowMs(),
    stop: reason => void stops.set(live, reason),
  }
  self.live.set(job.request, live)
  self.background('run', async () => {
    let lease: Lease | null = null
    try {
      const run = job.run as string
      lease = await takeLease(volatile, clock, { run, holder: newHandle(), leaseMs: deadlines.leaseMs })
      // Whoever held the lease may have ended the run just now.
      if (lease === null || (await self.jobs.get(job.request))?.state !== 'running') return
      if (agreed.isAgain) await self.journal.append('resumed', job.request, { run })
      await work(self, job, agreed, live, lease)
    } catch (error) {
      if (error instanceof WorkerLeaves) {
        log.write('warn', 'worker-left', { request: job.request, reason: error.message })
        return
      }
      if (!(error instanceof Abort) && !(error instanceof Refusal))
        log.write('error', 'run-failed', { request: job.request, error: String(error) })
      const known = error instanceof Abort || error instanceof Refusal
      await abortRun(self, job, known ? error : new Abort('internal', `party ${self.world.party} failed`))
    } finally {
      self.live.delete(job.request)
      await lease?.release()
    }
  })
}
