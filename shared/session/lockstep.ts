/**
 * The session that runs: three parties in lock step, one frame a neighbour and round.
 *
 * Promises: a frame of the wrong length, a word that is not a field element, ones past the end of a bit vector, a
 * digest that differs, or a neighbour that computes something else aborts the run, and after an abort the session
 * answers nothing any more. A neighbour sees masked vectors and public shapes; the link sees the same.
 */
import { equalBytes, utf8 } from '../base/bytes.ts'
import { canonicalJson, type Json } from '../base/canonical.ts'
import { Abort } from '../base/errors.ts'
import { createSha256, type RunningSha256 } from '../crypto/hash.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Prss } from '../prss/prss.ts'
import type { PartyIndex } from '../sharing/shared.ts'
import { bytesFor, DIGEST_BYTES, decodeVector, encodeVector } from './encoding.ts'
import type { GateTape } from './gate-tape.ts'
import { createRounds, type Queued } from './rounds.ts'
import type { Exchange, Expected, Received, Session, Vector } from './session.ts'
import { sessionAt } from './session-at.ts'

export interface LinkMessage {
  /** Counts from 0. */
  readonly round: number
  /** Hash of all addresses and shapes up to this round; the same at all parties, or they have diverged. */
  readonly addressDigest: Uint8Array
  /** Views to be joined in this order and not to be changed; no frame when they are empty. */
  readonly toPrevious: readonly Uint8Array[]
  readonly toNext: readonly Uint8Array[]
  /** 0 when no frame is expected. */
  readonly bytesFromPrevious: number
  readonly bytesFromNext: number
}

export interface Link {
  /** One round. Rejects with `Abort('parties-diverged')` when a frame carries another address digest. */
  swap(message: LinkMessage): Promise<{ readonly fromPrevious: Uint8Array; readonly fromNext: Uint8Array }>
}

export interface Counters {
  readonly rounds: number
  readonly bytesToPrevious: number
  readonly bytesToNext: number
}

/**
 * What a session knows about the rounds behind it; with this another one goes on where it stopped. Both digests are
 * chains, so they are their own state: digest of a round = SHA-256(digest before | what the round adds).
 */
export interface SessionState extends Counters {
  /** Over all addresses and shapes. */
  readonly addresses: Uint8Array
  /** Over everything sent and received, in order. */
  readonly transcript: Uint8Array
}

export const FRESH_SESSION: SessionState = Object.freeze({
  rounds: 0,
  bytesToPrevious: 0,
  bytesToNext: 0,
  addresses: new Uint8Array(DIGEST_BYTES),
  transcript: new Uint8Array(DIGEST_BYTES),
})

export interface RunningSession extends Session {
  /** As of the last round that is complete. */
  state(): SessionState
  /** Ends the run: throws when an exchange still waits, and whatever stopped the session. */
  finish(): void
  /** Rejects everything that waits; for a body that threw, so that nothing goes on behind its back. */
  stop(reason: Error): void
}

export interface SessionOptions {
  readonly party: PartyIndex
  readonly kernel: Kernel
  readonly prss: Prss
  readonly link: Link
  /** Runs a callback when the microtask queue is empty: `setImmediate`. */
  readonly afterMicrotasks: (run: () => void) => void
  readonly tape: GateTape
  readonly onRound?: ((counters: Counters) => void) | undefined
  /** Where another session of this run stopped, between two rounds; left out, the run begins. */
  readonly resume?: SessionState | undefined
  /** A faster SHA-256 where the host has one. */
  readonly createHash?: (() => RunningSha256) | undefined
}

type Outgoing = Vector | Uint8Array

const isBytes = (outgoing: Outgoing): outgoing is Uint8Array => outgoing instanceof Uint8Array
const isVector = (expected: Expected): expected is Extract<Expected, { domain: unknown }> =>
  'domain' in expected

const sizeOfOutgoing = (outgoing: Outgoing): number =>
  isBytes(outgoing) ? outgoing.length : bytesFor(outgoing)
const sizeOfExpected = (expected: Expected): number =>
  isVector(expected) ? bytesFor(expected) : DIGEST_BYTES
export const sizeOf = (outgoing: readonly Outgoing[] = []): number =>
  outgoing.reduce((bytes, one) => bytes + sizeOfOutgoing(one), 0)
const sizeOfAll = (expected: readonly Expected[] = []): number =>
  expected.reduce((bytes, one) => bytes + sizeOfExpected(one), 0)

/**
 * The public shape of an exchange in the same words at all three parties. What is sent to one side is expected from the
 * other in almost every protocol; the few others say themselves what they do.
 */
export const describeExchange = (address: string, message: Exchange): Json => {
  if (message.shape !== undefined) return [address, message.shape]
  const sent = (list: readonly Outgoing[] = []): Json =>
    list.map(one => (isBytes(one) ? ['digest'] : [one.domain, one.length]))
  const expected = (list: readonly Expected[] = []): Json =>
    list.map(one => (isVector(one) ? [one.domain, one.length] : ['digest']))
  const toPrevious = sent(message.toPrevious)
  const toNext = sent(message.toNext)
  if (
    canonicalJson(toPrevious) !== canonicalJson(expected(message.fromNext)) ||
    canonicalJson(toNext) !== canonicalJson(expected(message.fromPrevious))
  )
    throw new Error(`${address}: an uneven exchange has to name its shape`)
  return [address, toPrevious, toNext]
}

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((n, part) => n + part.length, 0)

export const createSession = (options: SessionOptions): RunningSession => {
  const { party, kernel, prss, link, tape, onRound } = options
  const createHash = options.createHash ?? createSha256
  let state = options.resume ?? FRESH_SESSION

  const digestOfBytes = (bytes: Uint8Array): Uint8Array => {
    const hash = createHash()
    hash.update(bytes)
    return hash.digest()
  }
  const digest = (vector: Vector): Uint8Array => digestOfBytes(encodeVector(vector))

  const chained = (digest: Uint8Array): RunningSha256 => {
    const hash = createHash()
    hash.update(digest)
    return hash
  }

  /** Cuts a frame into the parts expected. */
  const cut = (frame: Uint8Array, lists: readonly (readonly Expected[])[]): Uint8Array[][] => {
    // Without the methods of a host's own kind of byte array, whose `slice` may share memory instead of copying.
    const bytes = new Uint8Array(frame.buffer, frame.byteOffset, frame.length)
    let at = 0
    return lists.map(list =>
      list.map(expected => {
        const from = at
        at += sizeOfExpected(expected)
        return bytes.subarray(from, at)
      }),
    )
  }

  const readDirection = (
    address: string,
    expected: readonly Expected[],
    parts: readonly Uint8Array[],
    partsOfOther: readonly Uint8Array[],
  ): Vector[] => {
    const vectors: Vector[] = []
    expected.forEach((one, i) => {
      const bytes = parts[i] as Uint8Array
      if (isVector(one)) {
        vectors.push(decodeVector(kernel, one, bytes, address))
        return
      }
      const wanted =
        'digest' in one ? one.digest : digestOfBytes(partsOfOther[one.digestOfVector] as Uint8Array)
      if (!equalBytes(bytes, wanted))
        throw new Abort(one.check, 'two parties hold different copies of one value', { where: address })
    })
    return vectors
  }

  const trade = async (queued: readonly Queued[]): Promise<Received[]> => {
    const round = state.rounds
    const addresses = chained(state.addresses)
    for (const { address, message } of queued)
      addresses.update(utf8(`${canonicalJson(describeExchange(address, message))}\n`))
    const encodeAll = (side: 'toPrevious' | 'toNext'): Uint8Array[] =>
      queued.flatMap(({ message }) =>
        (message[side] ?? []).map(one => (isBytes(one) ? one : encodeVector(one))),
      )
    const toPrevious = encodeAll('toPrevious')
    const toNext = encodeAll('toNext')
    const bytesFromPrevious = queued.reduce((n, { message }) => n + sizeOfAll(message.fromPrevious), 0)
    const bytesFromNext = queued.reduce((n, { message }) => n + sizeOfAll(message.fromNext), 0)
    const addressDigest = addresses.digest()
    const transcript = chained(state.transcript)
    const record = (direction: string, parts: readonly Uint8Array[]): void => {
      const length = lengthOf(parts)
      transcript.update(utf8(`${round} ${direction} ${length}\n`))
      for (const part of parts) transcript.update(part)
    }
    record('to-previous', toPrevious)
    record('to-next', toNext)

    const { fromPrevious, fromNext } = await link.swap({
      round,
      addressDigest,
      toPrevious,
      toNext,
      bytesFromPrevious,
      bytesFromNext,
    })
    if (fromPrevious.length !== bytesFromPrevious || fromNext.length !== bytesFromNext)
      throw new Abort('frame-length', 'a frame has another length than the computation expects', {
        where: `round ${round}`,
      })
    record('from-previous', [fromPrevious])
    record('from-next', [fromNext])

    const previousParts = cut(
      fromPrevious,
      queued.map(({ message }) => message.fromPrevious ?? []),
    )
    const nextParts = cut(
      fromNext,
      queued.map(({ message }) => message.fromNext ?? []),
    )
    const received = queued.map(({ address, message }, i) => {
      const previous = previousParts[i] as Uint8Array[]
      const next = nextParts[i] as Uint8Array[]
      return {
        fromPrevious: readDirection(address, message.fromPrevious ?? [], previous, next),
        fromNext: readDirection(address, message.fromNext ?? [], next, previous),
      }
    })
    state = {
      rounds: round + 1,
      bytesToPrevious: state.bytesToPrevious + lengthOf(toPrevious),
      bytesToNext: state.bytesToNext + lengthOf(toNext),
      addresses: addressDigest,
      transcript: transcript.digest(),
    }
    onRound?.(state)
    return received
  }

  const core = createRounds(options.afterMicrotasks, trade)
  return Object.freeze({
    ...sessionAt({ party, kernel, prss, tape, rounds: core, digest }, ''),
    state: () => state,
    stop: core.stop,
    finish: () => {
      core.guard(() => {
        if (!core.isIdle()) throw new Error('the run ended while an exchange was waiting')
      })
      core.stop(new Error('the session has ended'))
    },
  })
}
