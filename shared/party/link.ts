/**
 * One run's rounds over frames: the `Link` of a session.
 *
 * A round is cut into parts of bounded size, each sealed, signed and posted by itself, a few at a time. The digest of what
 * a round sends is recorded before the first send, so a replay that would send something else stops here. What arrives
 * may be early, repeated or late; it is put in its place by slot. Two different frames for one slot are equivocation.
 * Secret: contents. Public: sizes, addresses, times. 1 round of frames a call.
 */
import { concatBytes, equalBytes } from '../base/bytes.ts'
import { Abort, Refusal, Unavailable } from '../base/errors.ts'
import { inParallel } from '../base/in-parallel.ts'
import type { Mail } from '../port/mailbox.ts'
import type { Peer } from '../port/peer.ts'
import type { Link, LinkMessage } from '../session/lockstep.ts'
import { nextOf, type PartyIndex, previousOf } from '../sharing/shared.ts'
import {
  frameDigest,
  frameKey,
  openFrame,
  PART_BYTES_MAX,
  partsFor,
  readFrame,
  sealFrame,
  slotOf,
  type VerifiedFrame,
} from '../wire/frame.ts'
import { WorkerLeaves } from './lease.ts'
import type { World } from './world.ts'

export interface FrameLinkOptions {
  readonly world: World
  readonly peer: Peer
  /** Digest of the manifest and id of the run, as bytes. */
  readonly federation: Uint8Array
  readonly run: Uint8Array
  /** The same id as the mailbox and the store know it. */
  readonly runId: string
  readonly attempt: number
  /** PRSS keys of the run: `own` is known to the previous party, `next` to the next one. */
  readonly keys: { readonly own: Uint8Array; readonly next: Uint8Array }
  /** The first round of this worker: what belongs to earlier ones is behind a checkpoint. */
  readonly firstRound?: number
  /** A round that an earlier worker was waiting in, and since when. */
  readonly waiting?: WaitingRound | undefined
  /** Called before every send and often while waiting; throws when this worker must leave the run to another one. */
  readonly mayGoOn?: () => Promise<void>
  /** Called with both signed headers before the run aborts for equivocation. */
  readonly onEquivocation: (slot: string, headers: readonly [Uint8Array, Uint8Array]) => Promise<void>
}

interface WaitingRound {
  readonly round: number
  readonly sinceMs: number
}

export interface FrameLink extends Link {
  /** The round under way. */
  waiting(): WaitingRound | undefined
  /** Ends the run from outside; every swap, now or later, rejects with the reason. */
  stop(reason: Error): void
  /** After a stop: whether something has come that this link has not seen. */
  hasNews(): Promise<boolean>
  /** Frames of earlier rounds are not needed any more, by this worker or any other. */
  settle(round: number): Promise<void>
  close(): Promise<void>
}

/** Where the digest of what a round sends stands until the run ends. */
export const sentPrefix = (run: string): string => `sent-${run}/`

/** Parts under way at once: enough to seal one while others travel, few enough to bound memory. */
const PARTS_AT_ONCE = 4
const PUMP_WAIT_MS = 500
const LAST_LOOK_MS = 500
/** What a dead worker held may stay hidden for so long in a queue. */
const GRACE_PER_LEASE = 2
/** A peer that refuses our frame has usually aborted; its abort document says why and is on its way. */
const REFUSED_GRACE_MS = 2000

interface Seen {
  readonly round: number
  readonly digest: string
  readonly signedHeader: Uint8Array
}

interface Incoming {
  readonly from: PartyIndex
  readonly bytes: Uint8Array
  readonly parts: number
  missing: number
}

interface Round {
  readonly round: number
  readonly addressDigest: Uint8Array
  readonly incoming: readonly Incoming[]
  readonly startedMs: number
  readonly resolve: () => void
  readonly reject: (reason: Error) => void
}

/** Part number `part` of views laid end to end, without a copy when it lies inside one view. */
const partOf = (views: readonly Uint8Array[], part: number): Uint8Array => {
  const [from, to] = [part * PART_BYTES_MAX, (part + 1) * PART_BYTES_MAX]
  const pieces: Uint8Array[] = []
  let at = 0
  for (const view of views) {
    const [start, end] = [Math.max(from - at, 0), Math.min(to - at, view.length)]
    if (start < end) pieces.push(view.subarray(start, end))
    at += view.length
  }
  return pieces.length === 1 ? (pieces[0] as Uint8Array) : concatBytes(pieces)
}

const lengthOf = (views: readonly Uint8Array[]): number => views.reduce((sum, view) => sum + view.length, 0)

export const createFrameLink = (options: FrameLinkOptions): FrameLink => {
  const { world, peer, keys, runId } = options
  const { party, crypto, clock, deadlines, log, telemetry } = world
  const { mayGoOn = async () => {}, firstRound = 0 } = options
  const [previous, next] = [previousOf(party), nextOf(party)]
  /** The pair (j, j - 1) shares key j: with the previous party that is ours, with the next one it is its own. */
  const keyWith = (other: PartyIndex): Uint8Array => (other === previous ? keys.own : keys.next)
  const sendKeys = {
    [previous]: frameKey(keyWith(previous), party, previous),
    [next]: frameKey(keyWith(next), party, next),
  }
  const receiveKeys = {
    [previous]: frameKey(keyWith(previous), previous, party),
    [next]: frameKey(keyWith(next), next, party),
  }

  const inbox = world.mailbox.open(runId)
  /** What came for each slot: digest for good, the frame until its round has come. */
  const seen = new Map<string, Seen>()
  const early = new Map<string, VerifiedFrame>()
  /** A neighbour that has sent a frame of a later round has everything of this one. */
  const latest = new Map<PartyIndex, number>()
  let current: Round | undefined
  let roundNow = firstRound - 1
  let settled = firstRound
  let heardMs = clock.nowMs()
  let roundBeganMs = heardMs
  let stopped: Error | undefined
  let closed = false

  const stop = (reason: Error): void => {
    if (stopped !== undefined) return
    stopped = reason
    current?.reject(reason)
    inbox.wake()
  }

  const place = (frame: VerifiedFrame, round: Round): void => {
    const { header } = frame
    const where = `round ${header.round}`
    const incoming = round.incoming.find(one => one.from === header.from)
    if (
      incoming === undefined ||
      header.parts !== incoming.parts ||
      header.attempt !== options.attempt ||
      !equalBytes(header.addressDigest, round.addressDigest)
    )
      throw new Abort('parties-diverged', `party ${header.from} computes something else than this party`, {
        where,
      })
    const content = openFrame(frame, receiveKeys[header.from] as Uint8Array, crypto.aead)
    const at = header.part * PART_BYTES_MAX
    if (content.length !== Math.min(PART_BYTES_MAX, incoming.bytes.length - at))
      throw new Abort(
        'frame-length',
        `party ${header.from} sent another length than the computation expects`,
        { where },
      )
    incoming.bytes.set(content, at)
    incoming.missing -= 1
    if (round.incoming.every(one => one.missing === 0)) round.resolve()
  }

  const take = async (mail: Mail): Promise<void> => {
    if (mail.round < settled) return
    const frame = readFrame(mail.body)
    const slot = slotOf(frame.header)
    const digest = frameDigest(crypto, frame)
    const before = seen.get(slot)
    if (before !== undefined) {
      if (before.digest === digest) return
      await options.onEquivocation(slot, [before.signedHeader, frame.signedHeader])
      throw new Abort('equivocation', `party ${frame.header.from} sent two different frames for one slot`, {
        where: `round ${frame.header.round}`,
      })
    }
    const { from, round } = frame.header
    seen.set(slot, { round, digest, signedHeader: frame.signedHeader })
    latest.set(from, Math.max(round, latest.get(from) ?? 0))
    if (frame.header.round < roundNow || (frame.header.round === roundNow && current === undefined)) {
      telemetry.count('trias.frames', 1, { direction: 'stale' })
      log.write('warn', 'frame-stale', { run: runId, round: frame.header.round, from: frame.header.from })
      return
    }
    if (current !== undefined && frame.header.round === current.round) place(frame, current)
    else early.set(slot, frame)
  }

  /** When the round is over, at the earliest; a worker that found it under way first looks what is there. */
  const roundEndMs = (startedMs: number): number =>
    Math.max(
      startedMs + deadlines.roundMs,
      startedMs === roundBeganMs ? 0 : roundBeganMs + GRACE_PER_LEASE * deadlines.leaseMs,
    )

  const checkDeadline = (): void => {
    if (current === undefined || clock.nowMs() <= roundEndMs(current.startedMs)) return
    const late = current.incoming.filter(one => one.missing > 0).map(one => one.from)
    if (late.length === 0) return
    throw new Abort(
      'deadline',
      `party ${late.join(' and party ')} did not answer in round ${current.round}`,
      {
        where: `round ${current.round}`,
      },
    )
  }

  /** Whoever waits costs: when nothing comes for long, this worker goes, and the next frame calls another one. */
  const checkLinger = (): void => {
    if (current === undefined) return
    if (clock.nowMs() - Math.max(heardMs, roundBeganMs) > deadlines.lingerMs)
      throw new WorkerLeaves('linger', `nothing came for round ${current.round}`)
  }

  const pump = async (): Promise<void> => {
    while (!closed && stopped === undefined) {
      const mails = await inbox.receive(Math.min(PUMP_WAIT_MS, deadlines.roundMs))
      if (mails.length > 0) heardMs = clock.nowMs()
      for (const mail of mails) await take(mail)
      checkDeadline()
      checkLinger()
      if (!closed) await mayGoOn()
    }
  }
  pump().catch(reason => stop(reason as Error))

  /** Never two different messages under one mask: a round that was sent before is sent again or not at all. */
  const recordDigest = async ({ round, addressDigest, toPrevious, toNext }: LinkMessage): Promise<void> => {
    await mayGoOn()
    if (lengthOf(toPrevious) + lengthOf(toNext) === 0) return
    const digest = concatBytes([addressDigest, crypto.sha256(toPrevious), crypto.sha256(toNext)])
    const key = `${sentPrefix(runId)}${options.attempt}/${round}`
    const before = await world.volatile.putIfAbsent(key, digest)
    if (before !== null && !equalBytes(before.value, digest))
      throw new Abort('mask-reuse', 'this party would send something else than it sent before', {
        where: `round ${round}`,
      })
  }

  const sends = (
    message: LinkMessage,
    to: PartyIndex,
    views: readonly Uint8Array[],
    startedMs: number,
  ): (() => Promise<void>)[] => {
    const parts = partsFor(lengthOf(views))
    return Array.from({ length: parts }, (_, part) => async () => {
      await mayGoOn()
      if (stopped !== undefined) throw stopped
      // An earlier worker has sent it, and the neighbour has gone on with it.
      if ((latest.get(to) ?? -1) > message.round) return
      const header = {
        federation: options.federation,
        run: options.run,
        attempt: options.attempt,
        round: message.round,
        part,
        parts,
        from: party,
        to,
        addressDigest: message.addressDigest,
      }
      const sealed = telemetry.watch('trias.frame.duration', { operation: 'seal' })
      const frame = sealFrame(
        header,
        partOf(views, part),
        sendKeys[to] as Uint8Array,
        world.keyring.signer.secretKey,
        crypto,
      )
      sealed()
      const where = `round ${message.round}`
      try {
        await peer.post(to, '/v1/frames', frame, {
          deadlineMs: Math.max(1, roundEndMs(startedMs) - clock.nowMs()),
          cancelled: () => stopped !== undefined || closed,
        })
        telemetry.count('trias.frames', 1, { direction: 'sent' })
        telemetry.count('trias.frame.bytes', frame.length, { direction: 'sent' })
      } catch (error) {
        if (stopped !== undefined) throw stopped
        if (error instanceof Unavailable)
          throw new Abort('deadline', `party ${to} did not answer in round ${message.round}`, {
            where,
            cause: error,
          })
        if (!(error instanceof Refusal)) throw error
        for (let waited = 0; waited < REFUSED_GRACE_MS && stopped === undefined; waited += 50)
          await clock.sleep(50)
        if (stopped !== undefined) throw stopped
        throw new Abort('peer-refused', `party ${to} refused a frame: ${error.message}`, {
          where,
          cause: error,
        })
      }
    })
  }

  const swap: Link['swap'] = async message => {
    if (stopped !== undefined) throw stopped
    const expect = (from: PartyIndex, bytes: number): Incoming => {
      const parts = partsFor(bytes)
      return { from, bytes: new Uint8Array(bytes), parts, missing: parts }
    }
    const fromPrevious = expect(previous, message.bytesFromPrevious)
    const fromNext = expect(next, message.bytesFromNext)
    await recordDigest(message)

    const { promise: received, resolve, reject } = Promise.withResolvers<void>()
    received.catch(() => {})
    if (stopped !== undefined) throw stopped
    roundBeganMs = clock.nowMs()
    const finished = telemetry.watch('trias.round.duration', {})
    const { waiting } = options
    current = {
      round: message.round,
      addressDigest: message.addressDigest,
      incoming: [fromPrevious, fromNext],
      startedMs: waiting?.round === message.round ? waiting.sinceMs : roundBeganMs,
      resolve,
      reject,
    }
    roundNow = message.round
    if (fromPrevious.missing + fromNext.missing === 0) resolve()
    try {
      for (const [slot, frame] of early)
        if (frame.header.round === message.round) {
          early.delete(slot)
          place(frame, current)
        }
      const sending = inParallel(
        [
          ...sends(message, previous, message.toPrevious, current.startedMs),
          ...sends(message, next, message.toNext, current.startedMs),
        ],
        PARTS_AT_ONCE,
      )
      await Promise.all([sending, received])
      // Whatever stopped the run while the last part was being acknowledged stops it here.
      if (stopped !== undefined) throw stopped
      finished()
      telemetry.count('trias.rounds', 1, {})
      return { fromPrevious: fromPrevious.bytes, fromNext: fromNext.bytes }
    } catch (error) {
      stop(error as Error)
      throw error
    } finally {
      current = undefined
    }
  }

  return {
    swap,
    stop,
    waiting: () => current && { round: current.round, sinceMs: current.startedMs },
    hasNews: async () => {
      const mails = await inbox.receive(LAST_LOOK_MS)
      return mails.some(mail => mail.round >= settled && !seen.has(slotOf(readFrame(mail.body).header)))
    },
    settle: async round => {
      settled = round
      for (const [slot, one] of seen) if (one.round < round) seen.delete(slot)
      await world.mailbox.settle(runId, round)
    },
    close: async () => {
      closed = true
      await inbox.close()
    },
  }
}
