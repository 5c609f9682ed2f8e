/** The secrets of one run at one party; all follow from its run key and die with it. */

import { Abort } from '../base/errors.ts'
import { hkdf } from '../crypto/hash.ts'
import type { BoxKeyPair } from '../crypto/sealed-box.ts'
import type { RunSecret } from './checkpoint.ts'
import type { Job } from './jobs.ts'
import type { Self } from './self.ts'

/** Names the run key before the run has an id: offers are what the id is made of. */
export const runHandle = (job: Pick<Job, 'request' | 'attempt'>): string => `${job.request}-${job.attempt}`

/** Throws Abort('run-key-destroyed') when the run has ended or was never offered here. */
export const runKey = async (self: Self, job: Job): Promise<BoxKeyPair> => {
  const pair = await self.world.keyring.runKey(runHandle(job))
  if (pair === null) throw new Abort('run-key-destroyed', 'the key of this run does not exist any more')
  return pair
}

/** What a checkpoint of the run is encrypted under. */
export const runSecret = async (self: Self, job: Job): Promise<RunSecret> => ({
  run: job.run as string,
  attempt: job.attempt,
  secret: (await runKey(self, job)).secretKey,
})

/** PRSS key k_i of party i in this run. */
export const runSeed = async (self: Self, job: Job): Promise<Uint8Array> =>
  hkdf((await runKey(self, job)).secretKey, `prss seed|${job.run}`, 32)
