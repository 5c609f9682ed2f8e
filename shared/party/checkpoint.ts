/**
 * Checkpoints: what a run knows between two stages, so that a worker that dies costs the time of one stage. Shares, so
 * they are encrypted under a key of the run and die with it. They are written once and never changed: the next stage
 * always begins from the highest complete one, and everything before it is deleted.
 *
 *   checkpoint-<run>/<stage>   AES-256-GCM of: rounds, bytes to previous, bytes to next (each 8 bytes, big endian),
 *                              digest chain of addresses (32), of the transcript (32), then for every slot own and next words
 *
 * The content is a function of the run alone, so two workers that write the same stage write the same bytes, and a key
 * of its own for every stage never encrypts two.
 */
import { bytesOfWords, concatBytes, utf8, wordsOfBytes } from '../base/bytes.ts'
import { Abort } from '../base/errors.ts'
import { hkdf } from '../crypto/hash.ts'
import { field } from '../field/field.ts'
import type { SessionState } from '../session/lockstep.ts'
import { sharedField } from '../sharing/shared.ts'
import { type Between, slotsOf } from '../sql/execute.ts'
import type { PhysicalPlan } from '../sql/plan.ts'
import { deleteAll, getBlob, putBlob } from './blob.ts'
import type { World } from './world.ts'

export interface Checkpoint {
  readonly between: Between
  readonly session: SessionState
}

/** Names the run and opens what belongs to it. */
export interface RunSecret {
  readonly run: string
  readonly secret: Uint8Array
  readonly attempt: number
}

const NONCE = new Uint8Array(12)
const COUNTERS_BYTES = 24
const DIGEST_BYTES = 32
const HEAD_BYTES = COUNTERS_BYTES + 2 * DIGEST_BYTES

export const checkpointPrefix = (run: string): string => `checkpoint-${run}/`
const nameOf = (stage: number): string => String(stage).padStart(8, '0')
const keyOf = ({ secret, run, attempt }: RunSecret, stage: number): Uint8Array =>
  hkdf(secret, `checkpoint|${run}|${attempt}|${stage}`, 32)
const contextOf = ({ run, attempt }: RunSecret, stage: number): Uint8Array =>
  utf8(`trias-checkpoint-1|${run}|${attempt}|${stage}`)

const encode = ({ between, session }: Checkpoint, plan: PhysicalPlan): Uint8Array => {
  const counters = new DataView(new ArrayBuffer(COUNTERS_BYTES))
  for (const [i, count] of [session.rounds, session.bytesToPrevious, session.bytesToNext].entries())
    counters.setBigUint64(8 * i, BigInt(count))
  const totals = slotsOf(plan).flatMap(name => {
    const total = between.totals.get(name)
    if (total === undefined) throw new Error(`a checkpoint needs a total of ${name}`)
    return [bytesOfWords(total.own.words), bytesOfWords(total.next.words)]
  })
  return concatBytes([new Uint8Array(counters.buffer), session.addresses, session.transcript, ...totals])
}

const decode = (bytes: Uint8Array, stage: number, plan: PhysicalPlan): Checkpoint => {
  const slots = slotsOf(plan)
  if (bytes.length !== HEAD_BYTES + 16 * slots.length * plan.cells)
    throw new Abort('checkpoint-malformed', 'a checkpoint does not have the form of its plan', {
      where: `stage ${stage}`,
    })
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const [rounds, bytesToPrevious, bytesToNext] = [0, 8, 16].map(at => Number(view.getBigUint64(at)))
  const words = wordsOfBytes(bytes.slice(HEAD_BYTES))
  const vector = (i: number) => field(words.slice(i * plan.cells, (i + 1) * plan.cells))
  return {
    between: {
      stage,
      totals: new Map(slots.map((name, i) => [name, sharedField(vector(2 * i), vector(2 * i + 1))])),
    },
    session: {
      rounds: rounds as number,
      bytesToPrevious: bytesToPrevious as number,
      bytesToNext: bytesToNext as number,
      addresses: bytes.slice(COUNTERS_BYTES, COUNTERS_BYTES + DIGEST_BYTES),
      transcript: bytes.slice(COUNTERS_BYTES + DIGEST_BYTES, HEAD_BYTES),
    },
  }
}

/** Durable when it returns; then earlier ones are gone. Idempotent. */
export const saveCheckpoint = async (
  { volatile, crypto }: World,
  run: RunSecret,
  plan: PhysicalPlan,
  checkpoint: Checkpoint,
): Promise<void> => {
  const { stage } = checkpoint.between
  const prefix = checkpointPrefix(run.run)
  const sealed = crypto.aead.encrypt(
    keyOf(run, stage),
    NONCE,
    encode(checkpoint, plan),
    contextOf(run, stage),
  )
  await putBlob(volatile, `${prefix}${nameOf(stage)}`, sealed)
  await deleteAll(
    volatile,
    (await volatile.list(prefix)).filter(key => key < `${prefix}${nameOf(stage)}`),
  )
}

/** The latest checkpoint of the run. null: it has none. Throws Abort('authentication-failed' or 'checkpoint-malformed'). */
export const loadCheckpoint = async (
  { volatile, crypto }: World,
  run: RunSecret,
  plan: PhysicalPlan,
): Promise<Checkpoint | null> => {
  const prefix = checkpointPrefix(run.run)
  const stages = new Set(
    (await volatile.list(prefix)).map(key => Number(key.slice(prefix.length).split('/')[0])),
  )
  for (const stage of [...stages].sort((a, b) => b - a)) {
    // The head is written last, so a checkpoint that a crash cut short is none.
    const sealed = await getBlob(volatile, `${prefix}${nameOf(stage)}`)
    if (sealed === null) continue
    return decode(crypto.aead.decrypt(keyOf(run, stage), NONCE, sealed, contextOf(run, stage)), stage, plan)
  }
  return null
}
