/**
 * The session that only counts: the same protocol code over vectors that hold nothing, so rounds and bytes of a plan are
 * known before it runs. What it counts is exact, because lengths never depend on data.
 */
import { dryKernel } from '../kernel/dry.ts'
import { onceOnly } from '../prss/prss.ts'
import { PARTIES, type PartyIndex } from '../sharing/shared.ts'
import { semiHonestTape } from './gate-tape.ts'
import { type Counters, describeExchange, sizeOf } from './lockstep.ts'
import { createRounds } from './rounds.ts'
import type { Expected, Session, Vector } from './session.ts'
import { sessionAt } from './session-at.ts'

/** What a computation costs: rounds, and the bytes that each party sends. */
export interface Cost {
  readonly rounds: number
  readonly bytesPerParty: readonly [number, number, number]
}

export interface DryOptions {
  readonly party?: PartyIndex
  /** Runs a callback when the microtask queue is empty; by default with the means that every host has. */
  readonly afterMicrotasks?: (run: () => void) => void
}

/** A message to oneself arrives when the microtasks have drained, without a clock. */
const byMessage = (run: () => void): void => {
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    port1.close()
    run()
  }
  port2.postMessage(undefined)
}

const EMPTY = new BigUint64Array(0)

const blank = (expected: readonly Expected[] = []): Vector[] =>
  expected.flatMap(one =>
    'domain' in one ? [{ domain: one.domain, length: one.length, words: EMPTY } as Vector] : [],
  )

export const createDrySession = (options: DryOptions = {}): Session & { readonly counters: Counters } => {
  let rounds = 0
  let bytesToPrevious = 0
  let bytesToNext = 0
  const once = onceOnly()
  const use = (address: string, purpose: string, length: number) =>
    once(JSON.stringify([address, purpose]), length)
  const mask = <D extends 'boolean' | 'field'>(
    domain: D,
    address: string,
    purpose: string,
    length: number,
  ) => {
    use(address, purpose, length)
    const vector = { domain, length, words: EMPTY }
    return { own: vector, next: vector }
  }
  const core = createRounds(options.afterMicrotasks ?? byMessage, async queued => {
    rounds += 1
    return queued.map(({ address, message }) => {
      describeExchange(address, message)
      bytesToPrevious += sizeOf(message.toPrevious)
      bytesToNext += sizeOf(message.toNext)
      return { fromPrevious: blank(message.fromPrevious), fromNext: blank(message.fromNext) }
    })
  })
  const session = sessionAt(
    {
      party: options.party ?? 0,
      kernel: dryKernel,
      prss: {
        bits: (address, purpose, length) => mask('boolean', address, purpose, length),
        field: (address, purpose, length) => mask('field', address, purpose, length),
        masks: (address, purpose, words) => {
          use(address, purpose, words)
          return { own: () => EMPTY, next: () => EMPTY }
        },
        fieldFrom: (_, address, purpose, length) => mask('field', address, purpose, length).own,
      },
      tape: semiHonestTape,
      rounds: core,
      digest: () => new Uint8Array(32),
    },
    '',
  )
  const counters: Counters = Object.freeze({
    get rounds() {
      return rounds
    },
    get bytesToPrevious() {
      return bytesToPrevious
    },
    get bytesToNext() {
      return bytesToNext
    },
  })
  return Object.freeze({ ...session, counters })
}

/** Runs `body` once for each party and reports what all of it costs. */
export const dryCost = async (
  body: (session: Session) => Promise<unknown>,
  afterMicrotasks?: (run: () => void) => void,
): Promise<Cost> => {
  const counted = await Promise.all(
    PARTIES.map(async party => {
      const session = createDrySession({ party, ...(afterMicrotasks && { afterMicrotasks }) })
      await body(session)
      return session.counters
    }),
  )
  const bytes = (party: PartyIndex): number => {
    const { bytesToPrevious, bytesToNext } = counted[party] as Counters
    return bytesToPrevious + bytesToNext
  }
  return { rounds: (counted[0] as Counters).rounds, bytesPerParty: [bytes(0), bytes(1), bytes(2)] }
}
