/**
 * One run at one party: inputs, rounds, result. Secret: inputs and everything computed from them; they live in this
 * function and, encrypted, in checkpoints, and nowhere else. Public: rounds, bytes, addresses. The result leaves through
 * `sealResult` alone.
 *
 * A worker may die anywhere in here. The next one goes on from the last checkpoint and the frames that came since:
 * everything is deterministic but sealing, so it sends the same bytes, and the first sealed result is kept.
 */
import { fromBase64url, toBase64url } from '../base/bytes.ts'
import { Abort } from '../base/errors.ts'
import { openSeed } from '../governance/run.ts'
import type { OpenedDocument } from '../governance/sign.ts'
import { createPrss } from '../prss/prss.ts'
import { semiHonestTape } from '../session/gate-tape.ts'
import { createSession, FRESH_SESSION, type RunningSession } from '../session/lockstep.ts'
import { nextOf } from '../sharing/shared.ts'
import { execute } from '../sql/execute.ts'
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts'
import { compiledOf } from './compile-request.ts'
import { endRun } from './end.ts'
import { openInputs } from './inputs.ts'
import type { Job } from './jobs.ts'
import { type Lease, WorkerLeaves } from './lease.ts'
import { createFrameLink, type FrameLink } from './link.ts'
import type { RequestFile } from './request-file.ts'
import { sealResult } from './result.ts'
import { runKey, runSecret, runSeed } from './run-key.ts'
import { say } from './say.ts'
import { keepSealedResult } from './sealed-result.ts'
import { type LiveRun, manifestOf, type Self } from './self.ts'

type Readies = readonly OpenedDocument<'ready'>[]

/** What a run was agreed on. */
export interface Agreed {
  readonly file: RequestFile
  readonly approvals: readonly OpenedDocument<'approval'>[]
  readonly readies: Readies
}

/** The worker that executes the run. */
export interface Worker {
  readonly lease: Lease
  /** When it has to be gone, in ms; an absolute time. */
  readonly untilMs: number
}

/** Both PRSS keys of this party: its own, and the one that the next party sealed to it. */
const prssKeys = async (self: Self, job: Job, readies: Readies) => {
  const next = nextOf(self.world.party)
  const ready = readies.find(({ document }) => document.party === next) as OpenedDocument<'ready'>
  const { secretKey } = await runKey(self, job)
  const purpose = { request: job.request, run: job.run as string, party: next }
  return { own: await runSeed(self, job), next: await openSeed(secretKey, purpose, ready.document.seed) }
}

/** Throws when this worker must not go on: another one has the lease, the process stops, or a time is over. */
const mayWork = async (self: Self, job: Job, { lease, untilMs }: Worker): Promise<void> => {
  const nowMs = self.world.clock.nowMs()
  if (self.isClosing()) throw new WorkerLeaves('closing', `party ${self.world.party} is shutting down`)
  if (nowMs >= untilMs)
    throw new WorkerLeaves('time', 'the time of this worker is over', { wantsSuccessor: true })
  if (nowMs - (job.startedMs ?? nowMs) > self.world.deadlines.runMs)
    throw new Abort('deadline', 'the run took longer than this party allows', { where: 'run' })
  await lease.check()
}

const requireRunning = async (self: Self, job: Job): Promise<void> => {
  if ((await self.jobs.get(job.request))?.state !== 'running')
    throw new WorkerLeaves('run-ended', 'the run has ended')
}

/** Executes the run to its end. Throws Abort or Refusal to end it, WorkerLeaves or Unavailable to leave it to others. */
export const runToEnd = async (self: Self, job: Job, agreed: Agreed, worker: Worker): Promise<void> => {
  const { world } = self
  const { lease } = worker
  const { file, approvals, readies } = agreed
  const { query } = await compiledOf(self, file)
  const { plan } = query
  const secret = await runSecret(self, job)
  const checkpoint = await loadCheckpoint(world, secret, plan)
  const before = checkpoint?.session ?? FRESH_SESSION
  const keys = await prssKeys(self, job, readies)
  const relation = await openInputs(self, job, file, approvals)
  const run = job.run as string

  const { telemetry } = world
  const measureStage = (): ((error?: unknown) => void) => {
    const stop = telemetry.watch('trias.stage.duration', {})
    const end = telemetry.begin('trias.stage', { request: job.request, run })
    return error => {
      if (error === undefined) stop()
      end(error)
    }
  }
  let endStage: ((error?: unknown) => void) | undefined
  let step: string | undefined
  let session: RunningSession | undefined
  const countsNow = (): ReturnType<LiveRun['counts']> => {
    const { rounds, bytesToPrevious, bytesToNext } = session?.state() ?? before
    return { rounds, bytes: bytesToPrevious + bytesToNext }
  }
  const mayGoOn = (): Promise<void> => {
    const { rounds, bytes } = countsNow()
    const waiting = link.waiting()
    lease.note({
      round: rounds,
      bytes,
      updatedMs: world.clock.nowMs(),
      ...(step === undefined ? {} : { step }),
      ...(waiting === undefined ? {} : { waiting }),
    })
    return mayWork(self, job, worker)
  }
  const link: FrameLink = createFrameLink({
    world,
    peer: manifestOf(self).peer,
    federation: manifestOf(self).digestBytes,
    run: fromBase64url(run),
    runId: run,
    attempt: job.attempt,
    keys,
    firstRound: before.rounds,
    waiting: lease.before?.waiting,
    mayGoOn,
    onEquivocation: (slot, [first, second]) =>
      self.journal.append('equivocation', run, {
        slot,
        first: toBase64url(first),
        second: toBase64url(second),
      }),
  })
  self.live.set(job.request, {
    stop: reason => {
      link.stop(reason)
      session?.stop(reason)
    },
    counts: countsNow,
  })
  try {
    // Whoever ends the run changes the record first and stops what is live after that, so one of the two is seen.
    await requireRunning(self, job)
    session = createSession({
      party: world.party,
      kernel: world.kernel,
      prss: createPrss({
        keys,
        context: `${run}|${job.attempt}`,
        keystream: world.crypto.keystream,
        kernel: world.kernel,
      }),
      link,
      tape: semiHonestTape,
      afterMicrotasks: world.afterMicrotasks,
      createHash: world.crypto.createHash,
      resume: before,
    })
    const running = session
    endStage = measureStage()
    const revealed = await execute(running, plan, relation, {
      from: checkpoint?.between,
      onStep: progress => {
        step = progress.step
      },
      onStage: async between => {
        await saveCheckpoint(world, secret, plan, { between, session: running.state() })
        await link.settle(running.state().rounds)
        endStage?.()
        endStage = measureStage()
        await mayGoOn()
      },
    })
    running.finish()
    endStage()
    endStage = undefined
    await requireRunning(self, job)
    const purpose = { request: job.request, run, party: world.party }
    const { recipientSealingKey } = file.request.document
    const sealed = await keepSealedResult(
      world,
      job.request,
      await sealResult(fromBase64url(recipientSealingKey), purpose, revealed),
    )
    const { rounds, bytes } = countsNow()
    // First the result and its digest, then the state: whoever reads `done` finds both.
    await say(self, {
      kind: 'done',
      ...purpose,
      rounds,
      bytesSent: bytes,
      transcript: toBase64url(running.state().transcript),
      result: toBase64url(world.crypto.sha256([sealed])),
    })
    await endRun(self, job, 'done')
  } catch (error) {
    endStage?.(error)
    await leaveBehind(self, job, worker, link, error)
    throw error
  } finally {
    self.live.delete(job.request)
    await link.close()
  }
}

/**
 * A worker that wants a successor hands its frames back before it calls it, or the successor would find none.
 *
 * A worker that leaves for want of frames gives the lease back first and looks once more after that: a frame that came
 * before the look is seen by it, and whoever delivers one later finds no lease and wakes somebody.
 */
const leaveBehind = async (
  self: Self,
  job: Job,
  { lease }: Worker,
  link: FrameLink,
  error: unknown,
): Promise<void> => {
  if (!(error instanceof WorkerLeaves)) return
  if (error.wantsSuccessor) await link.close()
  await lease.release()
  if (error.wantsSuccessor || (await link.hasNews())) await self.world.waker.wake(job.request)
}
