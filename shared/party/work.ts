/**
 * One run at one party: inputs, rounds, result. Secret: inputs and everything computed from them; they live in this
 * function and, encrypted, in checkpoints, and nowhere else. Public: rounds, bytes, addresses. The result leaves through
 * `deliver` alone.
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
import { meterSteps } from '../sql/meter.ts'
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts'
import { compiledOf } from './compile-request.ts'
import { deliver } from './deliver.ts'
import { openInputs } from './inputs.ts'
import { type Job, spanOf } from './jobs.ts'
import { type Lease, WorkerLeaves } from './lease.ts'
import { createFrameLink, type FrameLink, type FrameLinkOptions } from './link.ts'
import type { RequestFile } from './request-file.ts'
import { runKey, runSecret, runSeed } from './run-key.ts'
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

/** Measures stages one after the other; call what it returns when one is over, with the error if there was one. */
const stageWatch = ({ world }: Self, job: Job): ((error?: unknown) => void) => {
  const stop = world.telemetry.watch('trias.stage.duration', {})
  const end = world.telemetry.begin('trias.stage', spanOf(job))
  return error => {
    if (error === undefined) stop()
    end(error)
  }
}

const openLink = (
  self: Self,
  job: Job,
  options: Pick<FrameLinkOptions, 'keys' | 'firstRound' | 'waiting' | 'mayGoOn'>,
): FrameLink => {
  const manifest = manifestOf(self)
  const run = job.run as string
  return createFrameLink({
    ...options,
    world: self.world,
    peer: manifest.peer,
    federation: manifest.digestBytes,
    run: fromBase64url(run),
    runId: run,
    attempt: job.attempt,
    onEquivocation: (slot, [first, second]) =>
      self.journal.append('equivocation', run, {
        slot,
        first: toBase64url(first),
        second: toBase64url(second),
      }),
  })
}

/** Executes the run to its end. Throws Abort or Refusal to end it, WorkerLeaves or Unavailable to leave it to others. */
export const runToEnd = async (self: Self, job: Job, agreed: Agreed, worker: Worker): Promise<void> => {
  const { world } = self
  const { lease } = worker
  const { file, approvals, readies } = agreed
  const { plan } = (await compiledOf(self, file)).query
  const secret = await runSecret(self, job)
  const checkpoint = await loadCheckpoint(world, secret, plan)
  const before = checkpoint?.session ?? FRESH_SESSION
  const keys = await prssKeys(self, job, readies)
  const relations = await openInputs(self, job, file, approvals)

  let endStage: ReturnType<typeof stageWatch> | undefined
  let step: string | undefined
  let session: RunningSession | undefined
  const countsNow = (): Omit<ReturnType<LiveRun['counts']>, 'steps'> => {
    const { rounds, bytesToPrevious, bytesToNext } = session?.state() ?? before
    return { rounds, bytes: bytesToPrevious + bytesToNext }
  }
  const meter = meterSteps(plan, () => ({ ...countsNow(), ms: world.clock.nowMs() }), checkpoint?.spent)
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
  const link = openLink(self, job, {
    keys,
    firstRound: before.rounds,
    waiting: lease.before?.waiting,
    mayGoOn,
  })
  self.live.set(job.request, {
    stop: reason => {
      link.stop(reason)
      session?.stop(reason)
    },
    counts: () => ({ ...countsNow(), steps: meter.spent() }),
  })
  try {
    // Whoever ends the run changes the record first and stops what is live after that, so one of the two is seen.
    await requireRunning(self, job)
    const { kernel } = world
    const context = `${job.run}|${job.attempt}`
    const running = createSession({
      party: world.party,
      kernel,
      prss: createPrss({ keys, context, keystream: world.crypto.keystream, kernel }),
      link,
      tape: semiHonestTape,
      afterMicrotasks: world.afterMicrotasks,
      createHash: world.crypto.createHash,
      resume: before,
    })
    session = running
    endStage = stageWatch(self, job)
    const revealed = await execute(running, plan, relations, {
      from: checkpoint?.between,
      onStep: progress => {
        step = progress.step
        meter.enter(step)
      },
      onStage: async between => {
        await saveCheckpoint(world, secret, plan, {
          between,
          session: running.state(),
          spent: meter.spent(),
        })
        await link.settle(running.state().rounds)
        endStage?.()
        endStage = stageWatch(self, job)
        await mayGoOn()
      },
    })
    running.finish()
    endStage()
    endStage = undefined
    await requireRunning(self, job)
    await deliver(self, job, file, revealed, running.state())
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
