/**
 * Delivery: this party's shares of what was revealed, sealed to the recipient and kept, and the signed word that the run is
 * done. The first sealed result stays, so whoever comes to do this again says the same.
 */
import { fromBase64url, toBase64url } from '../base/bytes.ts'
import type { Revealed } from '../protocol/reveal.ts'
import type { SessionState } from '../session/lockstep.ts'
import { endRun } from './end.ts'
import type { Job } from './jobs.ts'
import type { RequestFile } from './request-file.ts'
import { sealResult } from './result.ts'
import { say } from './say.ts'
import { keepSealedResult } from './sealed-result.ts'
import type { Self } from './self.ts'

export const deliver = async (
  self: Self,
  job: Job,
  { request }: RequestFile,
  revealed: Revealed,
  { rounds, bytesToPrevious, bytesToNext, transcript }: SessionState,
): Promise<void> => {
  const { world } = self
  const purpose = { request: job.request, run: job.run as string, party: world.party }
  const sealed = await sealResult(fromBase64url(request.document.recipientSealingKey), purpose, revealed)
  const kept = await keepSealedResult(world, job.request, sealed)
  // First the result and its digest, then the state: whoever reads `done` finds both.
  await say(self, {
    kind: 'done',
    ...purpose,
    rounds,
    bytesSent: bytesToPrevious + bytesToNext,
    transcript: toBase64url(transcript),
    result: toBase64url(world.crypto.sha256([kept])),
  })
  await endRun(self, job, 'done')
}
