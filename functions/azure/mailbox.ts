/**
 * Lanes over Queue Storage, with a claim check: a message holds at most 48 KiB, so a larger body goes into the volatile
 * table and the message names it. There is no long poll; a reader that waits asks again and again, at first often.
 *
 * A message is base64 of one byte, 0 for a body that follows or 1 for the digest of one in the table:
 *
 *   claim-<digest>/body   named by its content, so that a repeated send writes it once
 */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue'
import { concatBytes, fromUtf8, utf8 } from '../../shared/base/bytes.ts'
import { inParallel } from '../../shared/base/in-parallel.ts'
import { deleteAll, getBlob, putBlob } from '../../shared/party/blob.ts'
import type { Store } from '../../shared/port/store.ts'
import type { LaneMessage, LaneQueue } from '../party/lane-queue.ts'
import { orUnavailable, statusOf } from './outage.ts'

interface StorageLanesOptions {
  /** One queue a lane. */
  readonly queues: readonly QueueClient[]
  readonly volatile: Store
  /** The pause of a reader that finds nothing; after `OFTEN_MS` it doubles, up to `POLL_MS_MAX`. */
  readonly pollMs?: number
}

/** The largest frame of a front: it travels whole. */
const BODY_BYTES_MAX = 5 << 20
/** 64 KiB of base64, less the byte before the body. */
const INLINE_BYTES_MAX = 48 * 1024 - 1
const [INLINE, CLAIM] = [0, 1]
/** Each may stand for megabytes, so few at a time. */
const BATCH = 8
const REQUESTS_AT_ONCE = 8
/** A message that expired would leave its body behind; what a run has left is deleted by the next one in the lane. */
const NEVER = -1
const POLL_MS = 10
/** Between two rounds of a run that goes well it takes less than this; whoever waits longer may as well ask less. */
const OFTEN_MS = 250
const POLL_MS_MAX = 200

const digestOf = (body: Uint8Array): string => createHash('sha256').update(body).digest('base64url')
const claimKey = (digest: string): string => `claim-${digest}/body`

/** What deletes or releases a message: its id, the receipt of this delivery, and the body that it names, if it does. */
const receiptOf = (messageId: string, popReceipt: string, claim = ''): string =>
  JSON.stringify([messageId, popReceipt, claim])
const readReceipt = (receipt: string): readonly [messageId: string, popReceipt: string, claim: string] =>
  JSON.parse(receipt)

export const storageLanes = ({ queues, volatile, pollMs = POLL_MS }: StorageLanesOptions): LaneQueue => {
  const ask = <T>(call: () => Promise<T>): Promise<T> => orUnavailable('Queue Storage', call)
  const queueOf = (lane: number): QueueClient => {
    const queue = queues[lane]
    if (queue === undefined) throw new RangeError(`there is no queue for lane ${lane}`)
    return queue
  }
  /** A receipt that is too old (400 or 404) is no error: the message has come back, or is gone. */
  const unlessGone = async (call: () => Promise<unknown>): Promise<void> => {
    try {
      await ask(call)
    } catch (error) {
      if (statusOf(error) !== 404 && statusOf(error) !== 400) throw error
    }
  }
  const open = async ({ messageId, popReceipt, messageText }: DequeuedMessageItem): Promise<LaneMessage> => {
    const message = new Uint8Array(Buffer.from(messageText, 'base64'))
    if (message[0] !== CLAIM) return { body: message.subarray(1), receipt: receiptOf(messageId, popReceipt) }
    const digest = fromUtf8(message.subarray(1))
    // Gone with another message of the same content: nobody needs this one either, and an empty one is dropped.
    const body = (await getBlob(volatile, claimKey(digest))) ?? new Uint8Array()
    return { body, receipt: receiptOf(messageId, popReceipt, digest) }
  }
  return Object.freeze({
    bodyBytesMax: BODY_BYTES_MAX,
    send: async (lane: number, body: Uint8Array) => {
      const isSmall = body.length <= INLINE_BYTES_MAX
      const digest = isSmall ? '' : digestOf(body)
      if (!isSmall) await putBlob(volatile, claimKey(digest), body)
      const message = concatBytes([Uint8Array.of(isSmall ? INLINE : CLAIM), isSmall ? body : utf8(digest)])
      const text = Buffer.from(message).toString('base64')
      await ask(() => queueOf(lane).sendMessage(text, { messageTimeToLive: NEVER }))
    },
    receive: async (lane: number, waitMs: number, visibilityMs: number, cancelled: AbortSignal) => {
      const startMs = Date.now()
      const untilMs = startMs + waitMs
      const next = (pauseMs: number): number =>
        Date.now() - startMs < OFTEN_MS ? pollMs : Math.min(2 * pauseMs, POLL_MS_MAX)
      for (let pauseMs = pollMs; !cancelled.aborted; pauseMs = next(pauseMs)) {
        const { receivedMessageItems: found } = await ask(() =>
          queueOf(lane).receiveMessages({
            numberOfMessages: BATCH,
            visibilityTimeout: Math.max(1, Math.ceil(visibilityMs / 1000)),
          }),
        )
        if (found.length > 0)
          return inParallel(
            found.map(item => () => open(item)),
            REQUESTS_AT_ONCE,
          )
        if (Date.now() + pauseMs >= untilMs) break
        await sleep(pauseMs, undefined, { signal: cancelled }).catch(() => {})
      }
      return []
    },
    delete: async (lane: number, receipts: readonly string[]) => {
      await inParallel(
        receipts.map(receipt => async () => {
          const [messageId, popReceipt, claim] = readReceipt(receipt)
          // The body first: a message without one is dropped, a body without a message would stay for ever.
          if (claim !== '') await deleteAll(volatile, await volatile.list(`claim-${claim}/`))
          await unlessGone(() => queueOf(lane).deleteMessage(messageId, popReceipt))
        }),
        REQUESTS_AT_ONCE,
      )
    },
    release: async (lane: number, receipts: readonly string[]) => {
      await inParallel(
        receipts.map(receipt => async () => {
          const [messageId, popReceipt] = readReceipt(receipt)
          // Without a text the message keeps its own.
          await unlessGone(() => queueOf(lane).updateMessage(messageId, popReceipt, undefined, 0))
        }),
        REQUESTS_AT_ONCE,
      )
    },
  })
}
