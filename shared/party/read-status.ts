/** Where a request stands, from its job record and, while it runs, from what its worker has noted in the lease. */
import { progressOf } from './lease.ts'
import { isPaused } from './mode.ts'
import type { Self } from './self.ts'
import { hasEnded, type RequestStatus } from './status.ts'

/** null: no such request here. */
export const readStatus = async (self: Self, request: string): Promise<RequestStatus | null> => {
  const job = await self.jobs.get(request)
  if (job === null) return null
  const progress = job.state === 'running' ? await progressOf(self.world.volatile, request) : undefined
  const counts = self.live.get(request)?.counts()
  const paused = !hasEnded(job.state) && (await isPaused(self))
  return {
    request,
    party: self.world.party,
    state: job.state,
    attempt: job.attempt,
    round: counts?.rounds ?? progress?.round ?? job.rounds,
    roundsTotal: job.roundsTotal,
    bytes: counts?.bytes ?? progress?.bytes ?? job.bytes,
    bytesTotal: job.bytesTotal,
    updatedAt: new Date(Math.max(progress?.updatedMs ?? 0, job.updatedMs)).toISOString(),
    ...(paused ? { isPaused: true } : {}),
    ...(job.run === undefined ? {} : { run: job.run }),
    ...(progress?.step === undefined ? {} : { stage: progress.step }),
    ...(job.startedMs === undefined ? {} : { startedAt: new Date(job.startedMs).toISOString() }),
    ...(job.reason === undefined ? {} : { reason: job.reason }),
    ...(job.steps === undefined ? {} : { steps: job.steps }),
  }
}
