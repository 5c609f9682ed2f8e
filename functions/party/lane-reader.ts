/** One reader of a lane: joins pieces, drops repeats, and holds what is not settled, so that it can be handed back. */
import { concatBytes } from '../../shared/base/bytes.ts'
import type { Inbox, Mail } from '../../shared/port/mailbox.ts'
import { decodePiece, type Piece } from './lane-message.ts'
import type { LaneQueue } from './lane-queue.ts'
import type { Tenancy } from './lane-tenancy.ts'

export interface LaneReader extends Inbox {
  /** A front of this process has sent it: it need not wait until the queue gives it back. */
  offer(mail: Mail): void
  settle(round: number): Promise<void>
}

interface LaneReaderOptions {
  readonly queue: LaneQueue
  readonly visibilityMs: number
  readonly nowMs: () => number
  tenancy(): Promise<Tenancy>
  /** Throws Unavailable when the lane belongs to another run by now. */
  checkTenancy(tenancy: Tenancy): Promise<void>
  readonly settledBefore: number
  closed(): void
}

/** A poll that is under way cannot be broken off without losing what it brings, so `close` may have to wait for it. */
const POLL_MS = 1000

export const createLaneReader = (options: LaneReaderOptions): LaneReader => {
  const { queue, visibilityMs, nowMs } = options
  /** Every piece that came and is not settled. */
  const held = new Map<string, { readonly receipts: readonly string[]; readonly round: number }>()
  const partial = new Map<string, { readonly round: number; readonly contents: Map<number, Uint8Array> }>()
  /** The round of each message that was put together, so that a repeat is known. */
  const whole = new Map<string, number>()
  let ready: Mail[] = []
  let settled = options.settledBefore
  let tenancy: Tenancy | undefined
  let polling: Promise<void> | undefined
  let failure: Error | undefined
  let wake = (): void => {}
  const closing = new AbortController()

  const take = ({ id, round, piece, pieces, content, deliveredMs }: Piece, receipt: string): void => {
    // One message comes again after its visibility time-out, and a frame that was sent twice is two: all of them go in the end.
    const name = `${id}/${piece}`
    held.set(name, { receipts: [...(held.get(name)?.receipts ?? []), receipt], round })
    if (whole.has(id)) return
    const { contents } = partial.get(id) ?? { contents: new Map<number, Uint8Array>() }
    partial.set(id, { round, contents })
    contents.set(piece, content)
    if (contents.size < pieces) return
    partial.delete(id)
    whole.set(id, round)
    const parts = Array.from({ length: pieces }, (_, at) => contents.get(at) as Uint8Array)
    const body = pieces === 1 ? (parts[0] as Uint8Array) : concatBytes(parts)
    ready.push({ id, round, body, deliveredMs })
  }

  const poll = async (): Promise<void> => {
    const mine = await options.tenancy()
    tenancy = mine
    const messages = await queue.receive(mine.lane, POLL_MS, visibilityMs, closing.signal)
    const foreign: string[] = []
    const stale: string[] = []
    for (const { body, receipt } of messages) {
      const piece = decodePiece(body)
      if (piece?.token !== mine.token) foreign.push(receipt)
      else if (piece.round < settled) stale.push(receipt)
      else take(piece, receipt)
    }
    if (foreign.length > 0)
      await options.checkTenancy(mine).catch(async reason => {
        await queue.release(mine.lane, foreign)
        throw reason
      })
    if (foreign.length + stale.length > 0) await queue.delete(mine.lane, [...foreign, ...stale])
  }

  /** One at a time; it outlives the `receive` that began it, which may return before. */
  const ensurePolling = (): Promise<void> => {
    polling ??= poll()
      .catch(reason => {
        failure = reason
      })
      .finally(() => {
        polling = undefined
      })
    return polling
  }

  const receive = async (waitMs: number): Promise<readonly Mail[]> => {
    const untilMs = nowMs() + waitMs
    let isOver = false
    const over = new Promise<void>(resolve => {
      wake = () => {
        isOver = true
        resolve()
      }
    })
    const timer = setTimeout(wake, waitMs)
    while (ready.length === 0 && failure === undefined && !isOver && nowMs() < untilMs)
      await Promise.race([ensurePolling(), over])
    clearTimeout(timer)
    if (failure !== undefined) {
      const reason = failure
      failure = undefined
      throw reason
    }
    const mails = ready
    ready = []
    return mails
  }

  return {
    receive,
    wake: () => wake(),
    offer: mail => {
      // Its message comes later and is known by then; it is held, or deleted when its round is over.
      if (closing.signal.aborted || mail.round < settled || whole.has(mail.id)) return
      partial.delete(mail.id)
      whole.set(mail.id, mail.round)
      ready.push(mail)
      wake()
    },
    settle: async round => {
      settled = Math.max(settled, round)
      ready = ready.filter(mail => mail.round >= settled)
      for (const [id, one] of partial) if (one.round < settled) partial.delete(id)
      for (const [id, itsRound] of whole) if (itsRound < settled) whole.delete(id)
      const done = [...held].filter(([, one]) => one.round < settled)
      if (done.length === 0 || tenancy === undefined) return
      const receipts = done.flatMap(([, one]) => one.receipts)
      await queue.delete(tenancy.lane, receipts)
      for (const [key, one] of done) if (held.get(key) === one) held.delete(key)
    },
    close: async () => {
      closing.abort()
      wake()
      options.closed()
      await polling
      const receipts = [...held.values()].flatMap(one => one.receipts)
      held.clear()
      if (tenancy !== undefined && receipts.length > 0) await queue.release(tenancy.lane, receipts)
    },
  }
}
