/**
 * The end of a request at this party, with or without a result: record it, destroy what must not outlive it, tell the
 * others. A process that dies in between leaves a reminder, and the next one finishes the end: everything after the
 * record may be done twice.
 */

import { Abort } from '../base/errors.ts'
import { deleteAll } from './blob.ts'
import { forgetCheckpoints } from './checkpoint.ts'
import type { Job } from './jobs.ts'
import { leaseKey, progressOf } from './lease.ts'
import { sentPrefix } from './link.ts'
import { runHandle } from './run-key.ts'
import { say } from './say.ts'
import { manifestOf, type Self } from './self.ts'
import { type EndReason, hasEnded } from './status.ts'

type End = 'done' | 'aborted' | 'refused' | 'expired'

/** One after the other for each request, so that an end is finished once as long as this process lives. */
const inTurn = async <T>(self: Self, request: string, work: () => Promise<T>): Promise<T> => {
  const before = self.ending.get(request) ?? Promise.resolve()
  const turn = before.catch(() => {}).then(work)
  self.ending.set(request, turn)
  try {
    return await turn
  } finally {
    if (self.ending.get(request) === turn) self.ending.delete(request)
  }
}

/** Ends the request, unless it has ended before. Run keys, frames and digests are gone either way. */
export const endRun = (self: Self, job: Job, state: End, reason?: EndReason): Promise<void> =>
  inTurn(self, job.request, async () => {
    const live = self.live.get(job.request)
    const counts = live?.counts() ?? (await countsOf(self, job))
    const run = job.run === undefined ? {} : { run: job.run }
    const changed = await self.jobs.change(job, {
      ...counts,
      ...run,
      state,
      ...(reason === undefined ? {} : { reason }),
    })
    if (state !== 'done')
      live?.stop(new Abort(reason?.check ?? reason?.rule ?? state, reason?.detail ?? 'the run was stopped'))
    // A worker elsewhere that executes the run finds its lease gone and leaves.
    if (self.working.get(job.request)?.holdsLease !== true)
      await self.world.volatile.delete(leaseKey(job.request))
    if (changed === null) return forgetRun(self, job)
    measureEnd(self, changed)
    await finish(self, changed)
  })

const measureEnd = (self: Self, { state, reason, startedMs }: Job): void => {
  const { telemetry, party, clock } = self.world
  telemetry.count('trias.requests.ended', 1, { state })
  // What a peer calls its check is its own text, so it is no attribute.
  const isOwn = reason?.by === `party ${party}`
  if (state === 'aborted')
    telemetry.count('trias.aborts', 1, { check: isOwn ? (reason.check ?? 'internal') : 'peer' })
  if (state === 'done' && startedMs !== undefined)
    telemetry.record('trias.run.duration', (clock.nowMs() - startedMs) / 1000, {})
}

/** Whether an end that was recorded is still to be finished: its process died, or is at it. */
export const isEndOpen = async (self: Self, request: string): Promise<boolean> =>
  (await self.jobs.open()).includes(request)

/** Finishes an end that a process before this one has begun. Called by the holder of the request's lease. */
export const finishEnd = (self: Self, request: string): Promise<void> =>
  inTurn(self, request, async () => {
    const job = await self.jobs.get(request)
    if (job !== null && hasEnded(job.state) && (await isEndOpen(self, request))) await finish(self, job)
  })

const finish = async (self: Self, job: Job): Promise<void> => {
  const { reason } = job
  await forgetRun(self, job)
  await self.journal.append(job.state, job.request, {
    run: job.run,
    rule: reason?.rule,
    check: reason?.check,
    where: reason?.where,
    by: reason?.by,
    reason: reason?.detail,
  })
  await sayEnd(self, job)
  // The lease until now kept others from finishing the same end.
  await self.world.volatile.delete(leaseKey(job.request))
  await self.jobs.close(job.request)
}

/** What the others must hear about the end: this party's own no or abort, or how far its log goes after a result. */
const sayEnd = async (self: Self, job: Job): Promise<void> => {
  const { party } = self.world
  const { reason, request } = job
  if (job.state === 'done') {
    const federation = manifestOf(self).digest
    await say(self, { kind: 'log-head', federation, party, ...(await self.journal.state()) })
  } else if (job.state === 'aborted' && job.run !== undefined && reason?.by === `party ${party}`) {
    const where = reason.where === undefined ? {} : { where: reason.where }
    await say(self, {
      kind: 'abort',
      request,
      run: job.run,
      party,
      check: reason.check ?? 'internal',
      ...where,
    })
  } else if (job.state === 'refused') {
    const by = manifestOf(self).opened.document.parties[party].operator
    if (reason?.by !== by) return
    await say(self, {
      kind: 'refusal',
      request,
      by,
      reason: reason.detail.slice(0, 2000),
      ...(reason.rule === undefined ? {} : { rule: reason.rule }),
      ...(reason.hint === undefined ? {} : { hint: reason.hint }),
    })
  }
}

/** How far another process's worker had come. */
const countsOf = async (self: Self, job: Job): Promise<Pick<Job, 'rounds' | 'bytes'>> => {
  const progress = await progressOf(self.world.volatile, job.request)
  return { rounds: progress?.round ?? job.rounds, bytes: progress?.bytes ?? job.bytes }
}

/** After this the party cannot open a grant of the run, read a frame of it or draw a mask of it again. */
const forgetRun = async (self: Self, job: Job): Promise<void> => {
  const { world } = self
  await world.keyring.destroyRunKey(runHandle(job))
  self.compiled.delete(job.request)
  if (job.run === undefined) return
  await world.mailbox.settle(job.run)
  await forgetCheckpoints(world.volatile, job.run)
  await deleteAll(world.volatile, await world.volatile.list(sentPrefix(job.run)))
}
