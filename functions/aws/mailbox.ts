/**
 * Lanes over SQS standard queues. Frames travel inside messages, in base64, so a body is at most three quarters of what
 * SQS takes. Lane queues need no redrive policy: a message comes back whenever a worker died, and that is no fault of it.
 */
import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { Unavailable } from '../../shared/base/errors.ts'
import { inParallel } from '../../shared/base/in-parallel.ts'
import type { LaneQueue } from '../party/lane-queue.ts'
import { orUnavailable } from './outage.ts'

interface SqsLanesOptions {
  readonly client: SQSClient
  /** One queue a lane. */
  readonly queueUrls: readonly string[]
}

const MESSAGE_BYTES_MAX = 1024 * 1024
const BATCH = 10
const BATCHES_AT_ONCE = 4
const LONG_POLL_S_MAX = 20

const ask = <T>(call: () => Promise<T>): Promise<T> => orUnavailable('SQS', call)

const inSeconds = (ms: number): number => Math.ceil(ms / 1000)

/** Entries fail one by one. A fault of the sender is a receipt that is too old, and no error. */
const inBatches = async (
  receipts: readonly string[],
  send: (
    entries: { Id: string; ReceiptHandle: string }[],
  ) => Promise<{ Failed?: BatchResultErrorEntry[] | undefined }>,
): Promise<void> => {
  const batches = Array.from({ length: Math.ceil(receipts.length / BATCH) }, (_, at) =>
    receipts
      .slice(at * BATCH, (at + 1) * BATCH)
      .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle })),
  )
  await inParallel(
    batches.map(entries => async () => {
      const { Failed = [] } = await ask(() => send(entries))
      const failed = Failed.find(one => one.SenderFault !== true)
      if (failed !== undefined) throw new Unavailable(`SQS does not answer: ${failed.Code}`)
    }),
    BATCHES_AT_ONCE,
  )
}

export const sqsLanes = ({ client, queueUrls }: SqsLanesOptions): LaneQueue => {
  const urlOf = (lane: number): string => {
    const url = queueUrls[lane]
    if (url === undefined) throw new RangeError(`there is no queue for lane ${lane}`)
    return url
  }
  return Object.freeze({
    bodyBytesMax: (MESSAGE_BYTES_MAX / 4) * 3,
    send: async (lane: number, body: Uint8Array) => {
      const MessageBody = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64')
      await ask(() => client.send(new SendMessageCommand({ QueueUrl: urlOf(lane), MessageBody })))
    },
    // A request that is broken off may already have taken messages, so a poll runs to its end.
    receive: async (lane: number, waitMs: number, visibilityMs: number, cancelled: AbortSignal) => {
      if (cancelled.aborted) return []
      const { Messages = [] } = await ask(() =>
        client.send(
          new ReceiveMessageCommand({
            QueueUrl: urlOf(lane),
            MaxNumberOfMessages: BATCH,
            WaitTimeSeconds: Math.min(LONG_POLL_S_MAX, inSeconds(waitMs)),
            VisibilityTimeout: inSeconds(visibilityMs),
          }),
        ),
      )
      return Messages.map(({ Body = '', ReceiptHandle = '' }) => ({
        body: new Uint8Array(Buffer.from(Body, 'base64')),
        receipt: ReceiptHandle,
      }))
    },
    delete: (lane: number, receipts: readonly string[]) =>
      inBatches(receipts, Entries =>
        client.send(new DeleteMessageBatchCommand({ QueueUrl: urlOf(lane), Entries })),
      ),
    release: (lane: number, receipts: readonly string[]) =>
      inBatches(receipts, entries =>
        client.send(
          new ChangeMessageVisibilityBatchCommand({
            QueueUrl: urlOf(lane),
            Entries: entries.map(entry => ({ ...entry, VisibilityTimeout: 0 })),
          }),
        ),
      ),
  })
}
