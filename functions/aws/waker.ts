/** Waker over an SQS queue whose event source mapping calls the worker, once for each message. */
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { Waker } from '../../shared/port/waker.ts'
import { orUnavailable } from './outage.ts'

interface SqsWakerOptions {
  readonly client: SQSClient
  readonly queueUrl: string
}

export const sqsWaker = ({ client, queueUrl }: SqsWakerOptions): Waker =>
  Object.freeze({
    wake: async (subject: string) => {
      await orUnavailable('SQS', () =>
        client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: subject })),
      )
    },
  })
