/**
 * The way in for frames: everything that can be checked without the run's keys is checked here, in an order that believes
 * nothing early; then the frame is stored, and only then acknowledged. Opening it is the run's business.
 */
import { fromUtf8, toBase64url } from '../base/bytes.ts'
import { Refusal } from '../base/errors.ts'
import { FRAME_BYTES_MAX, frameDigest, partsFor, slotOf, verifyFrame } from '../wire/frame.ts'
import { isLeased } from './lease.ts'
import { manifestOf, type Self } from './self.ts'
import { hasEnded } from './status.ts'

/** Which request a run belongs to; written when this party computes the run's id. */
export const runRecordKey = (run: string): string => `run/${run}`

/** Frames are many, so a run that this process knows costs no look at the store. */
const RUNS_KNOWN_MAX = 1000

/** undefined: no run of this party. */
const requestOf = async ({ world, requestOfRun }: Self, run: string): Promise<string | undefined> => {
  const known = requestOfRun.get(run)
  if (known !== undefined) return known
  const record = await world.volatile.get(runRecordKey(run))
  if (record === null) return undefined
  const request = fromUtf8(record.value)
  requestOfRun.set(run, request)
  if (requestOfRun.size > RUNS_KNOWN_MAX) requestOfRun.delete(requestOfRun.keys().next().value as string)
  return request
}

/** What a frame weighs beside its content: header, signature, tag, and what keeping a message costs. */
const FRAME_OVERHEAD_BYTES = 1024
/** A sender that restarts says everything since its last checkpoint again, a few times at worst. */
const REPEATS = 4

/**
 * Throws Refusal with the rules of `verifyFrame`, then frame-run-unknown, frame-stale, frame-attempt, frame-round,
 * frame-parts or frame-flood. A repeated frame is taken and changes nothing.
 */
export const receiveFrame = async (self: Self, bytes: Uint8Array): Promise<void> => {
  const { world, jobs } = self
  const { digestBytes, signingKeyOf } = manifestOf(self)
  const { telemetry } = world
  const verified = telemetry.watch('trias.frame.duration', { operation: 'verify' })
  const frame = verifyFrame(bytes, {
    party: world.party,
    federation: digestBytes,
    signingKeyOf,
    crypto: world.crypto,
  })
  verified()
  const { header } = frame
  const run = toBase64url(header.run)
  const refuse = async (rule: string, message: string): Promise<never> => {
    await self.journal.append('frame-refused', run, { rule, from: header.from, round: header.round })
    throw new Refusal(rule, message)
  }
  const request = await requestOf(self, run)
  const job = request === undefined ? null : await jobs.get(request)
  // The record is written before this party says that it is ready, the job a moment after: a quick peer may be in between.
  if (job === null || (job.run ?? run) !== run)
    return refuse('frame-run-unknown', 'the frame belongs to no run of this party')
  if (hasEnded(job.state) && job.state !== 'done')
    return refuse('frame-stale', 'the frame belongs to a run that has ended')
  if (header.attempt !== job.attempt) return refuse('frame-attempt', 'the frame belongs to another attempt')
  if (header.round >= job.roundsTotal)
    return refuse('frame-round', `round ${header.round} is past the last round of the plan`)
  // The plan says what each party sends in all, so nobody needs more parts, and nobody has to send more bytes.
  const offered = job.bytesPerParty?.[header.from] ?? 0
  if (header.parts > partsFor(offered))
    return refuse('frame-parts', `${header.parts} parts are more than the whole plan needs`)
  // The sender was interrupted and repeats a frame of a run that this party has finished: it is right, and needed no more.
  if (job.state === 'done') return
  const budget = REPEATS * (offered + job.roundsTotal * FRAME_OVERHEAD_BYTES) + FRAME_BYTES_MAX
  if (!self.allowance.spend(`${run}/${header.from}`, bytes.length, budget))
    return refuse('frame-flood', 'the sender repeats itself more than a restart explains')
  await world.mailbox.deliver(run, {
    id: `${slotOf(header)}-${frameDigest(world.crypto, frame)}`,
    round: header.round,
    body: bytes,
  })
  telemetry.count('trias.frames', 1, { direction: 'received' })
  telemetry.count('trias.frame.bytes', bytes.length, { direction: 'received' })
  // A worker that lingers finds it by itself; a lease that has run out or was given back means that nobody waits.
  if (!(await isLeased(world.volatile, world.clock, job.request))) await world.waker.wake(job.request)
}
