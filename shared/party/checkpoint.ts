/**
 * Checkpoints: what a run knows between two stages, so that a worker that dies costs the time of one stage. Shares, so
 * they are encrypted under a key of the run and die with it. They are written once and never changed: the next stage
 * always begins from the highest complete one, and everything before it is deleted.
 *
 *   checkpoint-<run>/<stage>        index, written first and deleted last: so it names every body. Holds what each step
 *                                   has taken so far (JSON; public, and only for people, so it is not authenticated)
 *   checkpoint-<run>-<stage>/body   AES-256-GCM of: rounds, bytes to previous, bytes to next (each 8 bytes, big endian),
 *                                   digest chain of addresses (32), of the transcript (32), then for every vector that
 *                                   is held between the two stages own and next words
 *
 * The content of a body is a function of the run alone, so two workers that write the same stage write the same bytes, and
 * a key of its own for every stage never encrypts two. Times are not, so they stand in the index.
 */
import { bytesOfWords, concatBytes, utf8, wordsOfBytes } from '../base/bytes.ts'
import { Abort } from '../base/errors.ts'
import { bits } from '../bits/bits.ts'
import { hkdf } from '../crypto/hash.ts'
import { field } from '../field/field.ts'
import { wordsForBits } from '../kernel/kernel.ts'
import type { Store } from '../port/store.ts'
import type { Column } from '../protocol/rows.ts'
import type { Shape } from '../session/encoding.ts'
import type { SessionState } from '../session/lockstep.ts'
import type { Between } from '../sql/execute.ts'
import type { StepSpent } from '../sql/meter.ts'
import type { PhysicalPlan } from '../sql/plan.ts'
import { shapesAt } from '../sql/stages.ts'
import { deleteAll, getBlob, getJson, putBlob, putJson } from './blob.ts'
import type { World } from './world.ts'

export interface Checkpoint {
  readonly between: Between
  readonly session: SessionState
  /** Measured until here, by this worker and those before it. Empty where it cannot be read. */
  readonly spent: readonly StepSpent[]
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

const indexPrefix = (run: string): string => `checkpoint-${run}/`
const bodyPrefix = (run: string, stage: number): string => `checkpoint-${run}-${stage}/`
const keyOf = ({ secret, run, attempt }: RunSecret, stage: number): Uint8Array =>
  hkdf(secret, `checkpoint|${run}|${attempt}|${stage}`, 32)
const contextOf = ({ run, attempt }: RunSecret, stage: number): Uint8Array =>
  utf8(`trias-checkpoint-1|${run}|${attempt}|${stage}`)

const wordsOfShape = ({ domain, length }: Shape): number =>
  domain === 'field' ? length : wordsForBits(length)

const encode = ({ between, session }: Omit<Checkpoint, 'spent'>, plan: PhysicalPlan): Uint8Array => {
  const shapes = shapesAt(plan, between.stage)
  if (
    shapes.length !== between.held.length ||
    between.held.some(({ own }, i) => own.domain !== shapes[i]?.domain || own.length !== shapes[i]?.length)
  )
    throw new Error(`a checkpoint of stage ${between.stage} holds other vectors than its plan says`)
  const counters = new DataView(new ArrayBuffer(COUNTERS_BYTES))
  for (const [i, count] of [session.rounds, session.bytesToPrevious, session.bytesToNext].entries())
    counters.setBigUint64(8 * i, BigInt(count))
  const held = between.held.flatMap(({ own, next }) => [bytesOfWords(own.words), bytesOfWords(next.words)])
  return concatBytes([new Uint8Array(counters.buffer), session.addresses, session.transcript, ...held])
}

const decode = (bytes: Uint8Array, stage: number, plan: PhysicalPlan): Omit<Checkpoint, 'spent'> => {
  const shapes = shapesAt(plan, stage)
  if (bytes.length !== HEAD_BYTES + 16 * shapes.reduce((sum, shape) => sum + wordsOfShape(shape), 0))
    throw new Abort('checkpoint-malformed', 'a checkpoint does not have the form of its plan', {
      where: `stage ${stage}`,
    })
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const [rounds, bytesToPrevious, bytesToNext] = [0, 8, 16].map(at => Number(view.getBigUint64(at)))
  const words = wordsOfBytes(bytes.slice(HEAD_BYTES))
  let at = 0
  const held = shapes.map((shape): Column => {
    const take = () => {
      const own = words.slice(at, at + wordsOfShape(shape))
      at += own.length
      return shape.domain === 'field' ? field(own) : bits(own, shape.length)
    }
    return { own: take(), next: take() } as Column
  })
  return {
    between: { stage, held },
    session: {
      rounds: rounds as number,
      bytesToPrevious: bytesToPrevious as number,
      bytesToNext: bytesToNext as number,
      addresses: bytes.slice(COUNTERS_BYTES, COUNTERS_BYTES + DIGEST_BYTES),
      transcript: bytes.slice(COUNTERS_BYTES + DIGEST_BYTES, HEAD_BYTES),
    },
  }
}

const stagesOf = async (volatile: Store, run: string): Promise<readonly number[]> => {
  const prefix = indexPrefix(run)
  return (await volatile.list(prefix)).map(key => Number(key.slice(prefix.length))).sort((a, b) => b - a)
}

const forget = async (volatile: Store, run: string, stages: readonly number[]): Promise<void> => {
  for (const stage of stages) {
    await deleteAll(volatile, await volatile.list(bodyPrefix(run, stage)))
    await volatile.delete(`${indexPrefix(run)}${stage}`)
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
  const sealed = crypto.aead.encrypt(
    keyOf(run, stage),
    NONCE,
    encode(checkpoint, plan),
    contextOf(run, stage),
  )
  await volatile.putIfAbsent(`${indexPrefix(run.run)}${stage}`, putJson(checkpoint.spent))
  await putBlob(volatile, `${bodyPrefix(run.run, stage)}body`, sealed)
  await forget(
    volatile,
    run.run,
    (await stagesOf(volatile, run.run)).filter(other => other < stage),
  )
}

const isCount = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0

const spentAt = async (volatile: Store, run: string, stage: number): Promise<readonly StepSpent[]> => {
  const record = await volatile.get(`${indexPrefix(run)}${stage}`)
  try {
    const steps = getJson<readonly Partial<StepSpent>[]>(record?.value ?? new Uint8Array())
    return steps.filter(
      (step): step is StepSpent =>
        typeof step.name === 'string' && [step.rounds, step.bytes, step.seconds].every(isCount),
    )
  } catch {
    return []
  }
}

/** The latest checkpoint of the run. null: it has none. Throws Abort('authentication-failed' or 'checkpoint-malformed'). */
export const loadCheckpoint = async (
  { volatile, crypto }: World,
  run: RunSecret,
  plan: PhysicalPlan,
): Promise<Checkpoint | null> => {
  for (const stage of await stagesOf(volatile, run.run)) {
    const sealed = await getBlob(volatile, `${bodyPrefix(run.run, stage)}body`)
    // Not completely written, or being deleted: then the stage before it, or the one after it, counts.
    if (sealed === null) continue
    const plain = crypto.aead.decrypt(keyOf(run, stage), NONCE, sealed, contextOf(run, stage))
    return { ...decode(plain, stage, plan), spent: await spentAt(volatile, run.run, stage) }
  }
  return null
}

/** At the end of a run. */
export const forgetCheckpoints = async (volatile: Store, run: string): Promise<void> =>
  forget(volatile, run, await stagesOf(volatile, run))
