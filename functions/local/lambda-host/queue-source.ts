/**
 * An SQS event source mapping: long-polls a queue, invokes the function with what came, deletes what it has dealt with.
 * What failed stays, and comes back after the visibility time-out of the queue, or goes where its redrive policy says.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { SQSRecord } from 'aws-lambda'
import { InputError } from '../../../shared/base/errors.ts'
import type { EventSource } from '../host/event-source.ts'
import type { HostLog } from '../host/log.ts'
import { ACCOUNT, type FunctionConfig, type QueueConfig } from './config.ts'
import { FunctionError } from './function-error.ts'

const LONG_POLL_S = 20
const PAUSE_AFTER_ERROR_MS = 200

const recordOf = (message: Message, queue: string, region: string): SQSRecord => ({
  messageId: message.MessageId ?? '',
  receiptHandle: message.ReceiptHandle ?? '',
  body: message.Body ?? '',
  attributes: {
    ApproximateReceiveCount: message.Attributes?.ApproximateReceiveCount ?? '1',
    SentTimestamp: message.Attributes?.SentTimestamp ?? '',
    SenderId: message.Attributes?.SenderId ?? '',
    ApproximateFirstReceiveTimestamp: message.Attributes?.ApproximateFirstReceiveTimestamp ?? '',
  },
  messageAttributes: Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        dataType: DataType ?? 'String',
        ...(StringValue === undefined ? {} : { stringValue: StringValue }),
        ...(BinaryValue === undefined ? {} : { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
      },
    ]),
  ),
  md5OfBody: message.MD5OfBody ?? '',
  eventSource: 'aws:sqs',
  eventSourceARN: `arn:aws:sqs:${region}:${ACCOUNT}:${queue}`,
  awsRegion: region,
})

/** Of a response with ReportBatchItemFailures; anything that is not understood counts as a failure of the whole batch. */
const failedIds = (response: string, all: readonly string[]): readonly string[] => {
  const failures = JSON.parse(response)?.batchItemFailures ?? []
  if (!Array.isArray(failures)) return all
  const ids = failures.map(failure => failure?.itemIdentifier)
  return ids.every(id => all.includes(id)) ? ids : all
}

/**
 * Lambda takes no mapping whose messages would come back while their function may still be at work on them. Throws
 * InputError.
 */
const checkTimeOut = async (sqs: SQSClient, queueUrl: string, timeLimitS: number): Promise<void> => {
  const { Attributes } = await sqs
    .send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['VisibilityTimeout'] }))
    .catch(cause => {
      throw new InputError('the queue of an event source mapping does not answer', { where: queueUrl, cause })
    })
  const visibleAgainS = Number(Attributes?.VisibilityTimeout)
  if (visibleAgainS < timeLimitS)
    throw new InputError(
      `the visibility time-out of the queue (${visibleAgainS} s) is less than the time limit of its function (${timeLimitS} s)`,
      { where: queueUrl, hint: 'Lambda refuses that; give the queue a longer one' },
    )
}

export const startQueueSource = async (
  { queueUrl, batchSize, maximumConcurrency, function: name }: QueueConfig,
  { timeLimitS }: FunctionConfig,
  region: string,
  invoke: (event: { readonly Records: readonly SQSRecord[] }) => Promise<string>,
  log: HostLog,
): Promise<EventSource> => {
  const { origin, pathname } = new URL(queueUrl)
  const queue = pathname.split('/').at(-1) ?? ''
  const sqs = new SQSClient({
    region,
    endpoint: origin,
    useQueueUrlAsEndpoint: false,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  await checkTimeOut(sqs, queueUrl, timeLimitS)
  const stopped = new AbortController()

  const dealWith = async (messages: readonly Message[]): Promise<void> => {
    const records = messages.map(message => recordOf(message, queue, region))
    const ids = records.map(({ messageId }) => messageId)
    const failed = failedIds(await invoke({ Records: records }), ids)
    const done = records.filter(({ messageId }) => !failed.includes(messageId))
    if (failed.length > 0) log.event('batch-items-failed', { function: name, failed: failed.length })
    if (done.length === 0) return
    await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: done.map(({ receiptHandle }, index) => ({
          Id: String(index),
          ReceiptHandle: receiptHandle,
        })),
      }),
    )
  }
  const poll = async (): Promise<void> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: batchSize,
        WaitTimeSeconds: LONG_POLL_S,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
      { abortSignal: stopped.signal },
    )
    if (Messages.length > 0) await dealWith(Messages)
  }
  const poller = async (): Promise<void> => {
    while (!stopped.signal.aborted)
      try {
        await poll()
      } catch (error) {
        if (stopped.signal.aborted) return
        const isFunction = error instanceof FunctionError
        log.event(isFunction ? 'batch-failed' : 'poll-failed', {
          function: name,
          error: isFunction ? `${error.type}: ${error.message}` : String(error),
        })
        await sleep(PAUSE_AFTER_ERROR_MS)
      }
  }
  const pollers = Array.from({ length: maximumConcurrency }, poller)
  return {
    stop: async () => {
      stopped.abort()
      await Promise.all(pollers)
      sqs.destroy()
    },
  }
}
