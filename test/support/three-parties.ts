/**
 * Three parties in one process over an in-memory link, for tests. The link checks what a real one checks: frame lengths
 * and address digests. A party can be made to lie (`corrupt`), and everything that crosses can be watched (`onFrame`).
 */
import { concatBytes, equalBytes, utf8, wordsOfBytes } from '../../shared/base/bytes.ts'
import { Abort } from '../../shared/base/errors.ts'
import { type Bits, bitAt, bitsFrom } from '../../shared/bits/bits.ts'
import { type RunningSha256, sha256 } from '../../shared/crypto/hash.ts'
import { decodeInteger, encodeInteger, type Field, field, P } from '../../shared/field/field.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { referenceKernel } from '../../shared/kernel/reference.ts'
import type { Keystream } from '../../shared/prss/keystream.ts'
import { portableKeystream } from '../../shared/prss/portable-keystream.ts'
import { createPrss } from '../../shared/prss/prss.ts'
import type { Cost } from '../../shared/session/dry.ts'
import { type GateTape, semiHonestTape } from '../../shared/session/gate-tape.ts'
import {
  createSession,
  type Link,
  type LinkMessage,
  type RunningSession,
  type SessionState,
} from '../../shared/session/lockstep.ts'
import type { Exchange, Session } from '../../shared/session/session.ts'
import { reconstructBits, reconstructField } from '../../shared/sharing/reconstruct.ts'
import {
  nextOf,
  PARTIES,
  type PartyIndex,
  previousOf,
  type SharedBits,
  type SharedField,
} from '../../shared/sharing/shared.ts'

export interface Frame {
  readonly from: PartyIndex
  readonly to: PartyIndex
  readonly round: number
  readonly bytes: Uint8Array
}

interface Corruption {
  readonly party: PartyIndex
  /** Address of the exchange to tamper with. */
  readonly address: string
  /** Only this direction; both when absent. */
  readonly direction?: 'previous' | 'next'
  readonly change: (bytes: Uint8Array) => Uint8Array
}

export interface ThreeOptions {
  readonly kernel?: Kernel
  readonly keystream?: Keystream
  /** Everything random in the run follows from this text. */
  readonly seed?: string
  readonly corrupt?: Corruption
  readonly createHash?: () => RunningSha256
  readonly tape?: (party: PartyIndex) => GateTape
  /** How the host hands over what arrived; the same bytes. */
  readonly received?: (bytes: Uint8Array) => Uint8Array
  readonly onFrame?: (frame: Frame) => void
  /** Where each party's session goes on; left out, they begin. */
  readonly resume?: readonly SessionState[]
}

type Outcome<T> = { readonly value: T } | { readonly error: Error }

export interface ThreeOutcomes<T> {
  readonly outcomes: readonly [Outcome<T>, Outcome<T>, Outcome<T>]
  readonly counters: readonly [SessionState, SessionState, SessionState]
}

export interface ThreeResults<T> {
  readonly results: readonly [T, T, T]
  readonly counters: readonly [SessionState, SessionState, SessionState]
}

/** Flips the lowest bit of the first byte. */
export const flipFirstBit = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte))

interface Waiting {
  readonly from: PartyIndex
  readonly to: PartyIndex
  readonly resolve: (frame: DigestedFrame) => void
  readonly reject: (reason: Error) => void
}
interface DigestedFrame {
  readonly digest: Uint8Array
  readonly bytes: Uint8Array
}

/** Where frames wait for their receiver; a party that leaves lets nobody wait for it in vain. */
const createNetwork = () => {
  const frames = new Map<string, DigestedFrame>()
  const waiting = new Map<string, Waiting>()
  const left = new Map<PartyIndex, Error>()
  const slot = (from: PartyIndex, to: PartyIndex, round: number) => `${from}>${to}#${round}`
  return {
    send: (from: PartyIndex, to: PartyIndex, round: number, frame: DigestedFrame): void => {
      const key = slot(from, to, round)
      const receiver = waiting.get(key)
      waiting.delete(key)
      if (receiver) receiver.resolve(frame)
      else frames.set(key, frame)
    },
    receive: (from: PartyIndex, to: PartyIndex, round: number): Promise<DigestedFrame> =>
      new Promise((resolve, reject) => {
        const key = slot(from, to, round)
        const frame = frames.get(key)
        const gone = left.get(from)
        frames.delete(key)
        if (frame) resolve(frame)
        else if (gone) reject(gone)
        else waiting.set(key, { from, to, resolve, reject })
      }),
    leave: (party: PartyIndex, reason: Error): void => {
      left.set(party, reason)
      for (const [key, one] of waiting)
        if (one.from === party) {
          waiting.delete(key)
          one.reject(reason)
        }
    },
  }
}

/**
 * Remembers which address every queued part belongs to, in the order of queueing, which is the order in the frame; so a
 * corruption can be aimed at one address though rounds are merged.
 */
const traced = (session: Session, parts: { previous: string[]; next: string[] }): Session => ({
  ...session,
  step: name => traced(session.step(name), parts),
  exchange: (message: Exchange) => {
    parts.previous.push(...(message.toPrevious ?? []).map(() => session.address))
    parts.next.push(...(message.toNext ?? []).map(() => session.address))
    return session.exchange(message)
  },
})

export const settleThree = async <T>(
  body: (session: Session) => Promise<T>,
  options: ThreeOptions = {},
): Promise<ThreeOutcomes<T>> => {
  const { kernel = referenceKernel, keystream = portableKeystream, seed = 'three parties', corrupt } = options
  const keys = PARTIES.map(j => sha256(utf8(`${seed} key ${j}`)))
  const network = createNetwork()

  const start = (party: PartyIndex): { session: RunningSession; outcome: Promise<Outcome<T>> } => {
    const pending = { previous: [] as string[], next: [] as string[] }
    const outgoing = (direction: 'previous' | 'next', list: readonly Uint8Array[]): Uint8Array => {
      const addresses = pending[direction].splice(0, list.length)
      const aimed = corrupt?.party === party && (corrupt.direction ?? direction) === direction
      return concatBytes(
        list.map((part, i) => (aimed && addresses[i] === corrupt.address ? corrupt.change(part) : part)),
      )
    }
    const receive = async (from: PartyIndex, message: LinkMessage, bytes: number): Promise<Uint8Array> => {
      if (bytes === 0) return new Uint8Array(0)
      const frame = await network.receive(from, party, message.round)
      if (!equalBytes(frame.digest, message.addressDigest))
        throw new Abort('parties-diverged', 'the parties do not compute the same thing')
      return options.received?.(frame.bytes) ?? frame.bytes
    }
    const link: Link = {
      swap: async message => {
        const send = (direction: 'previous' | 'next', to: PartyIndex, parts: readonly Uint8Array[]): void => {
          const bytes = outgoing(direction, parts)
          if (bytes.length === 0) return
          options.onFrame?.({ from: party, to, round: message.round, bytes })
          network.send(party, to, message.round, { digest: message.addressDigest, bytes })
        }
        send('previous', previousOf(party), message.toPrevious)
        send('next', nextOf(party), message.toNext)
        const [fromPrevious, fromNext] = await Promise.all([
          receive(previousOf(party), message, message.bytesFromPrevious),
          receive(nextOf(party), message, message.bytesFromNext),
        ])
        return { fromPrevious, fromNext }
      },
    }
    const session = createSession({
      party,
      kernel,
      prss: createPrss({
        keys: { own: keys[party] as Uint8Array, next: keys[nextOf(party)] as Uint8Array },
        context: 'test',
        keystream,
        kernel,
      }),
      link,
      afterMicrotasks: setImmediate,
      createHash: options.createHash,
      tape: options.tape?.(party) ?? semiHonestTape,
      resume: options.resume?.[party],
    })
    const run = async (): Promise<Outcome<T>> => {
      try {
        const value = await body(traced(session, pending))
        session.finish()
        network.leave(party, new Abort('peer-finished', 'a party has finished already'))
        return { value }
      } catch (thrown) {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown))
        session.stop(error)
        network.leave(party, new Abort('peer-aborted', 'another party has aborted'))
        return { error }
      }
    }
    return { session, outcome: run() }
  }

  const started = PARTIES.map(start)
  const outcomes = await Promise.all(started.map(({ outcome }) => outcome))
  const [a, b, c] = started.map(({ session }) => session.state())
  return {
    outcomes: outcomes as unknown as ThreeOutcomes<T>['outcomes'],
    counters: [a, b, c] as ThreeOutcomes<T>['counters'],
  }
}

/** Runs `body` at all three parties; throws what went wrong first, if anything did. */
export const runThree = async <T>(
  body: (session: Session) => Promise<T>,
  options: ThreeOptions = {},
): Promise<ThreeResults<T>> => {
  const { outcomes, counters } = await settleThree(body, options)
  const errors = outcomes.flatMap(outcome => ('error' in outcome ? [outcome.error] : []))
  const cause =
    errors.find(error => !(error instanceof Abort && error.check.startsWith('peer-'))) ?? errors[0]
  if (cause) throw cause
  return {
    results: outcomes.map(
      outcome => (outcome as { value: T }).value,
    ) as unknown as ThreeResults<T>['results'],
    counters,
  }
}

/** The checks under which the parties aborted; undefined where a party got its result. */
export const checksOf = ({ outcomes }: ThreeOutcomes<unknown>): readonly (string | undefined)[] =>
  outcomes.map(outcome => {
    if (!('error' in outcome)) return undefined
    return outcome.error instanceof Abort ? outcome.error.check : `${outcome.error}`
  })

/** What the counters measured, in the form of a cost. */
export const measuredCost = ({ counters }: Pick<ThreeResults<unknown>, 'counters'>): Cost => ({
  rounds: counters[0].rounds,
  bytesPerParty: counters.map(c => c.bytesToPrevious + c.bytesToNext) as unknown as Cost['bytesPerParty'],
})

// ── dealing and reconstructing ────────────────────────────────────────────────────────────────────────────────────

type Three<S> = readonly [S, S, S]
const replicate = <V extends Bits | Field>(shares: readonly V[]): Three<{ own: V; next: V }> =>
  PARTIES.map(i => ({ own: shares[i] as V, next: shares[nextOf(i)] as V })) as unknown as Three<{
    own: V
    next: V
  }>

let dealt = 0
const freshWords = (count: number): BigUint64Array =>
  wordsOfBytes(portableKeystream(sha256(utf8('deal')), `deal ${dealt++}`)(count * 8))

/** Deals truth values; party i takes element i. */
export const dealBits = (values: ArrayLike<unknown>): Three<SharedBits> => {
  const [a, b] = [0, 1].map(() => {
    const words = freshWords(Math.ceil(values.length / 64))
    return bitsFrom(
      Array.from({ length: values.length }, (_, i) => ((words[i >> 6] as bigint) >> BigInt(i % 64)) & 1n),
    )
  }) as [Bits, Bits]
  const c = bitsFrom(
    Array.from({ length: values.length }, (_, i) => Boolean(values[i]) !== (bitAt(a, i) !== bitAt(b, i))),
  )
  return replicate([a, b, c])
}

/** Deals the low `width` bits of integers as slices, lowest first; party i takes element i. */
export const dealSlices = (values: readonly bigint[], width: number): Three<readonly SharedBits[]> => {
  const slices = Array.from({ length: width }, (_, j) => dealBits(values.map(v => (v >> BigInt(j)) & 1n)))
  return PARTIES.map(i => slices.map(slice => slice[i])) as unknown as Three<readonly SharedBits[]>
}

/** Deals signed integers. */
export const dealField = (values: readonly bigint[]): Three<SharedField> => {
  const random = (): Field => field(freshWords(values.length).map(word => (word & P) % P))
  const [a, b] = [random(), random()]
  const c = field(
    BigUint64Array.from(
      values.map((v, i) => (encodeInteger(v) + 2n * P - (a.words[i] as bigint) - (b.words[i] as bigint)) % P),
    ),
  )
  return replicate([a, b, c])
}

/** Public bits as 0 and 1. */
export const bitsToArray = (vector: Bits): number[] =>
  Array.from({ length: vector.length }, (_, i) => (bitAt(vector, i) ? 1 : 0))
export const valuesOfBits = (shares: Three<SharedBits>): number[] =>
  bitsToArray(reconstructBits(referenceKernel, shares))
export const valuesOfField = (shares: Three<SharedField>): bigint[] =>
  Array.from(reconstructField(referenceKernel, shares).words, decodeInteger)
/** Slices, lowest first, as unsigned integers. */
export const valuesOfSlices = (shares: Three<readonly SharedBits[]>): bigint[] => {
  const slices = shares[0].map((_, j) =>
    valuesOfBits(shares.map(list => list[j]) as unknown as Three<SharedBits>),
  )
  return (slices[0] ?? []).map((_, row) =>
    slices.reduce((value, slice, j) => value | (BigInt(slice[row] as number) << BigInt(j)), 0n),
  )
}
