/**
 * A queue trigger: polls a queue, with pauses that grow while it is empty, and gives each message to the function. What
 * succeeded is deleted; what failed is visible again after the pause that `host.json` names, and after too many failures
 * it moves to the poison queue. While a message is worked on, its lease is renewed; when this host dies, it runs out.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type DequeuedMessageItem, type QueueClient, QueueServiceClient } from '@azure/storage-queue'
import type { EventSource } from '../host/event-source.ts'
import type { HostLog } from '../host/log.ts'
import type { QueueSettings } from './host-json.ts'
import type { TypedData } from './protocol.ts'
import type { Workers } from './workers.ts'

const PAUSE_AFTER_ERROR_MS = 1000
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const metadataOf = (message: DequeuedMessageItem, text: string): Record<string, TypedData> => ({
  QueueTrigger: { string: text },
  Id: { string: message.messageId },
  PopReceipt: { string: message.popReceipt },
  DequeueCount: { json: JSON.stringify(message.dequeueCount) },
  InsertionTime: { json: JSON.stringify(message.insertedOn) },
  ExpirationTime: { json: JSON.stringify(message.expiresOn) },
  NextVisibleTime: { json: JSON.stringify(message.nextVisibleOn) },
})

export interface QueueTriggerOptions {
  readonly function: string
  readonly queue: string
  readonly connectionString: string
  readonly settings: QueueSettings
  readonly leaseS: number
  readonly workers: Workers
  readonly log: HostLog
}

export const startQueueTrigger = ({
  function: name,
  queue: queueName,
  connectionString,
  settings,
  leaseS,
  workers,
  log,
}: QueueTriggerOptions): EventSource => {
  const service = QueueServiceClient.fromConnectionString(connectionString, {
    retryOptions: { maxTries: 3, maxRetryDelayInMs: 1000 },
  })
  const queue = service.getQueueClient(queueName)
  const poison = service.getQueueClient(`${queueName}-poison`)
  const stopped = new AbortController()
  const underWay = new Set<Promise<void>>()

  const toPoison = async (message: DequeuedMessageItem, popReceipt: string): Promise<void> => {
    log.event('message-poisoned', { function: name, queue: queueName, count: message.dequeueCount })
    await poison.createIfNotExists()
    await poison.sendMessage(message.messageText)
    await queue.deleteMessage(message.messageId, popReceipt)
  }
  const run = async (message: DequeuedMessageItem): Promise<void> => {
    const { messageText } = message
    if (settings.base64 && !BASE64.test(messageText)) throw new Error('the message is not in base64')
    const text = settings.base64 ? Buffer.from(messageText, 'base64').toString() : messageText
    await workers.invoke(name, { string: text }, metadataOf(message, text))
  }
  const dealWith = async (message: DequeuedMessageItem): Promise<void> => {
    if (message.dequeueCount > settings.dequeueCountMax) return toPoison(message, message.popReceipt)
    const lease = holdLease(queue, message, leaseS)
    try {
      await run(message)
    } catch (error) {
      log.event('message-failed', { function: name, count: message.dequeueCount, error: String(error) })
      const popReceipt = await lease.release()
      if (message.dequeueCount >= settings.dequeueCountMax) return toPoison(message, popReceipt)
      await queue.updateMessage(message.messageId, popReceipt, undefined, settings.retryS)
      return
    }
    await queue.deleteMessage(message.messageId, await lease.release())
  }
  const poll = async (): Promise<boolean> => {
    const { receivedMessageItems } = await queue.receiveMessages({
      numberOfMessages: settings.batchSize,
      visibilityTimeout: leaseS,
      abortSignal: stopped.signal,
    })
    for (const message of receivedMessageItems) {
      const work = dealWith(message)
        .catch(error => log.event('message-unsettled', { function: name, error: String(error) }))
        .finally(() => underWay.delete(work))
      underWay.add(work)
    }
    return receivedMessageItems.length > 0
  }
  const pause = (ms: number): Promise<void> =>
    sleep(ms, undefined, { signal: stopped.signal }).catch(() => {})
  const polling = (async () => {
    let emptyMs = settings.pollMsMin
    while (!stopped.signal.aborted) {
      if (underWay.size > settings.newBatchThreshold) {
        await Promise.race([...underWay, pause(PAUSE_AFTER_ERROR_MS)])
        continue
      }
      try {
        if (await poll()) emptyMs = settings.pollMsMin
        else {
          await pause(emptyMs)
          emptyMs = Math.min(2 * emptyMs, settings.pollMsMax)
        }
      } catch (error) {
        if (stopped.signal.aborted) break
        log.event('poll-failed', { function: name, queue: queueName, error: String(error) })
        await pause(PAUSE_AFTER_ERROR_MS)
      }
    }
  })()
  return {
    stop: async () => {
      stopped.abort()
      await polling
      await Promise.all(underWay)
    },
  }
}

/** Keeps a message invisible until released; every renewal gives it another receipt. */
const holdLease = (queue: QueueClient, { messageId, popReceipt }: DequeuedMessageItem, leaseS: number) => {
  let renewing: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    renewing = queue
      .updateMessage(messageId, popReceipt, undefined, leaseS)
      .then(answer => {
        popReceipt = answer.popReceipt ?? popReceipt
      })
      // Tried again at the next turn; if the lease runs out, another host takes the message.
      .catch(() => {})
  }, leaseS * 500)
  return {
    /** The receipt that is good now. */
    release: async (): Promise<string> => {
      clearInterval(timer)
      await renewing
      return popReceipt
    },
  }
}
