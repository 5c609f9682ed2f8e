/**
 * One run at one party: inputs, rounds, result. Secret: inputs and everything computed from them; they live in this
 * function and nowhere else. Public: rounds, bytes, addresses. The result leaves through `sealResult` alone.
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
import { putBlob } from './blob.ts'
import { compiledOf } from './compile-request.ts'
import { endRun } from './end.ts'
import { openInputs } from './inputs.ts'
import type { Job } from './jobs.ts'
import { createFrameLink, type FrameLink } from './link.ts'
import type { RequestFile } from './request-file.ts'
import { sealResult } from './result.ts'
import { runKey, runSeed } from './run-key.ts'
import { say } from './say.ts'
import { type LiveRun, manifestOf, type Self } from './self.ts'

export const resultKey = (request: string): string => `result/${request}`

type Approvals = readonly OpenedDocument<'approval'>[]
type Readies = readonly OpenedDocument<'ready'>[]

/** Both PRSS keys of this party: its own, and the one that the next party sealed to it. */
const prssKeys = async (self: Self, job: Job, readies: Readies) => {
  const next = nextOf(self.world.party)
  const ready = readies.find(({ document }) => document.party === next) as OpenedDocument<'ready'>
  const { secretKey } = await runKey(self, job)
  const purpose = { request: job.request, run: job.run as string, party: next }
  return { own: await runSeed(self, job), next: await openSeed(secretKey, purpose, ready.document.seed) }
}

const openLink = (self: Self, job: Job, keys: { own: Uint8Array; next: Uint8Array }): FrameLink => {
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
  file: RequestFile,
  approvals: Approvals,
  readies: Readies,
  live: LiveRun,
): Promise<void> => {
  const { world } = self
  const { kernel } = world
  const { query } = await compiledOf(self, file)
  const keys = await prssKeys(self, job, readies)
  const relation = await openInputs(self, job, file, approvals)
  const link = openLink(self, job, keys)
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
    const sealed = await sealResult(fromBase64url(recipientSealingKey), purpose, revealed)
    await putBlob(world.durable, resultKey(job.request), sealed)
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
    await say(self, { kind: 'log-head', party: world.party, ...(await self.journal.state()) })
  } finally {
    link.close()
  }
}

/** Something that stopped a run before it had a session. */
const stops = new WeakMap<LiveRun, Error>()
const stopOf = (live: LiveRun): Error | undefined => stops.get(live)

/** Runs in the background; every way it can end is in the job record, and failures are said to the others. */
export const startRun = (
  self: Self,
  job: Job,
  file: RequestFile,
  approvals: Approvals,
  readies: Readies,
): void => {
  const live: LiveRun = {
    stage: undefined,
    round: 0,
    bytes: 0,
    updatedMs: self.world.clock.nowMs(),
    stop: reason => void stops.set(live, reason),
  }
  self.live.set(job.request, live)
  self.background('run', async () => {
    try {
      await work(self, job, file, approvals, readies, live)
    } catch (error) {
      if (!(error instanceof Abort) && !(error instanceof Refusal))
        self.world.log.write('error', 'run-failed', { request: job.request, error: String(error) })
      const known = error instanceof Abort || error instanceof Refusal
      await abortRun(self, job, known ? error : new Abort('internal', `party ${self.world.party} failed`))
    } finally {
      self.live.delete(job.request)
    }
  })
}
