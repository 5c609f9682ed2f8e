/** The end of a request at this party, with or without a result: record it, then destroy what must not outlive it. */

import { Abort } from '../base/errors.ts'
import type { Job } from './jobs.ts'
import { runHandle } from './run-key.ts'
import type { Self } from './self.ts'
import type { EndReason } from './status.ts'

type End = 'done' | 'aborted' | 'refused' | 'expired'

/** True when this call ended it; false when it had ended before. Run keys, frames and digests are gone either way. */
export const endRun = async (self: Self, job: Job, state: End, reason?: EndReason): Promise<boolean> => {
  const live = self.live.get(job.request)
  const counts = live === undefined ? {} : { rounds: live.round, bytes: live.bytes }
  const run = job.run === undefined ? {} : { run: job.run }
  const changed = await self.jobs.change(job, {
    ...counts,
    ...run,
    state,
    ...(reason === undefined ? {} : { reason }),
  })
  if (state !== 'done')
    live?.stop(new Abort(reason?.check ?? reason?.rule ?? state, reason?.detail ?? 'the run was stopped'))
  await forgetRun(self, job)
  if (changed === null) return false
  await self.journal.append(state, job.request, {
    run: job.run,
    rule: reason?.rule,
    check: reason?.check,
    where: reason?.where,
    by: reason?.by,
    reason: reason?.detail,
  })
  return true
}

/** After this the party cannot open a grant of the run, read a frame of it or draw a mask of it again. */
const forgetRun = async (self: Self, job: Job): Promise<void> => {
  const { world } = self
  await world.keyring.destroyRunKey(runHandle(job))
  self.compiled.delete(job.request)
  if (job.run === undefined) return
  await world.mailbox.settle(job.run)
  for (const key of await world.volatile.list(`sent/${job.run}/`)) await world.volatile.delete(key)
}
