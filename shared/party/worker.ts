/**
 * One worker: what it does when it is called with the subject of a wake. It takes the lease, does what can be done now,
 * gives the lease back and is gone; whatever it cannot finish, the next one finishes.
 */
import { Unavailable } from '../base/errors.ts'
import { CHORES } from '../port/waker.ts'
import { advanceRequest, hearOthers } from './advance.ts'
import { finishEnd, isEndOpen } from './end.ts'
import { spanOf } from './jobs.ts'
import { isLeased, type Lease, leaseKey, takeLease, WorkerLeaves } from './lease.ts'
import { isPaused, leavesPaused } from './mode.ts'
import { postNoted, unpostedSubjects } from './outbox.ts'
import type { Self } from './self.ts'
import { hasEnded } from './status.ts'
import { headsToWitness, witnessAll } from './witness.ts'

const ASK_AGAIN_MS = 50

/** Subjects that the timer must wake somebody for; none while the party is paused. */
export const openSubjects = async (self: Self): Promise<ReadonlySet<string>> => {
  if (await isPaused(self)) return new Set()
  const { volatile, clock } = self.world
  const subjects = new Set(await unpostedSubjects(self))
  if ((await headsToWitness(self)) > 0) subjects.add(CHORES)
  for (const request of await self.jobs.open())
    if (!(await isLeased(volatile, clock, request))) subjects.add(request)
  return subjects
}

/** Throws Unavailable when the worker has to be called again. */
export const workOn = async (self: Self, subject: string, untilMs: number): Promise<void> => {
  if (await isPaused(self)) return
  const { clock } = self.world
  if (subject === CHORES) await doChores(self)
  else await workOnRequest(self, subject, untilMs)
  // What cannot be posted in time stays noted for the next worker.
  const posted = postNoted(self, subject)
  if (untilMs === Number.POSITIVE_INFINITY) return posted
  await Promise.race([posted, clock.sleep(Math.max(0, untilMs - clock.nowMs()))])
}

const doChores = async (self: Self): Promise<void> => {
  const lease = await lend(self, CHORES)
  if (lease === null) return
  try {
    await whileAlive(self, CHORES, lease, () => witnessAll(self))
  } finally {
    await lease.release()
  }
}

const lend = (self: Self, subject: string): Promise<Lease | null> => {
  const { volatile, clock, newHandle, deadlines } = self.world
  return takeLease(volatile, clock, { subject, holder: newHandle(), leaseMs: deadlines.leaseMs })
}

/** Renews the lease while `work` goes on, also when it computes or reads for long without asking; stops a run that is paused. */
const whileAlive = async (
  self: Self,
  subject: string,
  lease: Lease,
  work: () => Promise<void>,
): Promise<void> => {
  let isWorking = true
  const beat = async (): Promise<void> => {
    while (isWorking) {
      await self.world.clock.sleep(self.world.deadlines.leaseMs / 4)
      if (!isWorking) return
      await lease.check()
      if (await isPaused(self)) self.live.get(subject)?.stop(leavesPaused())
    }
  }
  // A lease that is lost is noticed by the work itself, at its next check.
  beat().catch(() => {})
  try {
    await work()
  } finally {
    isWorking = false
  }
}

/** One worker of this process at a time for each request; news during its work makes one more turn after it. */
const workOnRequest = async (self: Self, request: string, untilMs: number): Promise<void> => {
  const busy = self.working.get(request)
  if (busy !== undefined) {
    busy.again = true
    busy.untilMs = Math.max(busy.untilMs, untilMs)
    if (self.live.has(request)) await hearTheOthers(self, request)
    return
  }
  const turn = { again: true, untilMs, holdsLease: false }
  self.working.set(request, turn)
  try {
    while (turn.again && !self.isClosing() && self.world.clock.nowMs() < turn.untilMs) {
      turn.again = false
      await takeTurn(self, request, turn.untilMs)
    }
  } finally {
    self.working.delete(request)
  }
  if (turn.again && !self.isClosing()) await self.world.waker.wake(request)
}

const hearTheOthers = async (self: Self, request: string): Promise<void> => {
  const job = await self.jobs.get(request)
  if (job !== null && !hasEnded(job.state)) await hearOthers(self, job)
}

const takeTurn = async (self: Self, request: string, untilMs: number): Promise<void> => {
  const { clock, deadlines, volatile, log, telemetry } = self.world
  const giveUpMs = clock.nowMs() + 2 * deadlines.leaseMs
  for (;;) {
    const job = await self.jobs.get(request)
    if (job === null) return
    const isOver = hasEnded(job.state)
    if (isOver && !(await isEndOpen(self, request))) return
    const lease = await lend(self, request)
    if (lease !== null) {
      telemetry.count('trias.workers.started', 1, {})
      if (lease.isTakeover) telemetry.count('trias.lease.takeovers', 1, {})
      const work = (): Promise<void> =>
        isOver ? finishEnd(self, request) : advanceRequest(self, request, { lease, untilMs })
      await telemetry.span('trias.worker', spanOf(job), () => holding(self, request, lease, work))
      if (hasEnded((await self.jobs.get(request))?.state ?? 'requested'))
        await volatile.delete(leaseKey(request))
      return
    }
    // Another worker finishes the end.
    if (isOver) return
    // Another worker executes the run and hears nothing but frames.
    if (job.state === 'running') return hearOthers(self, job)
    // Another worker takes a short step, and may have looked before our news came.
    if (clock.nowMs() > giveUpMs) {
      log.write('warn', 'request-busy', { request })
      throw new Unavailable('another worker has the request in hand')
    }
    await clock.sleep(ASK_AGAIN_MS)
  }
}

const holding = async (
  self: Self,
  request: string,
  lease: Lease,
  work: () => Promise<void>,
): Promise<void> => {
  const { telemetry, log } = self.world
  const turn = self.working.get(request)
  if (turn !== undefined) turn.holdsLease = true
  const stop = telemetry.watch('trias.worker.duration', {})
  try {
    await whileAlive(self, request, lease, work)
  } catch (error) {
    const reason = error instanceof WorkerLeaves ? error.reason : 'outage'
    telemetry.count('trias.workers.left', 1, { reason })
    if (!(error instanceof WorkerLeaves)) throw error
    log.write('info', 'worker-left', { request, reason, detail: error.message })
  } finally {
    stop()
    if (turn !== undefined) turn.holdsLease = false
    await lease.release()
  }
}
