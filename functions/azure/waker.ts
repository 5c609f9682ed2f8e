/** Waker over a storage queue whose trigger calls the worker. Base64, which the trigger decodes. */
import type { QueueClient } from '@azure/storage-queue'
import type { Waker } from '../../shared/port/waker.ts'
import { orUnavailable } from './outage.ts'

export const queueWaker = (queue: QueueClient): Waker =>
  Object.freeze({
    wake: async (subject: string) => {
      await orUnavailable('Queue Storage', () => queue.sendMessage(Buffer.from(subject).toString('base64')))
    },
  })
