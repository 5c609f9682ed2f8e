/** How this party stops a run by itself: nothing is revealed, the reason is recorded, and the others are told. */
import { Abort, type Refusal } from '../base/errors.ts'
import { endRun } from './end.ts'
import type { Job } from './jobs.ts'
import type { Self } from './self.ts'

/** Stops the run here and tells the others why. */
export const abortRun = async (self: Self, job: Job, error: Abort | Refusal): Promise<void> => {
  const check = error instanceof Abort ? error.check : error.rule
  const where =
    error instanceof Abort && error.where !== undefined ? { where: error.where.slice(0, 500) } : {}
  await endRun(self, job, 'aborted', {
    check,
    detail: error.message,
    ...where,
    by: `party ${self.world.party}`,
  })
}
