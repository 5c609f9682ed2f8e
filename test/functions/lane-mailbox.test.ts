/** The lane mailbox over queues in memory that hide what was received, as queues of a cloud do. */
import { afterEach, expect, test, vi } from 'vitest'
import { memoryStore } from '../../functions/local/store.ts'
import { laneMailbox } from '../../functions/party/lane-mailbox.ts'
import type { LaneQueue } from '../../functions/party/lane-queue.ts'
import { utf8 } from '../../shared/base/bytes.ts'
import { Unavailable } from '../../shared/base/errors.ts'
import type { Inbox } from '../../shared/port/mailbox.ts'
import type { Store } from '../../shared/port/store.ts'
import { mailboxConformance } from '../conformance/mailbox.ts'

interface Queued {
  readonly body: Uint8Array
  receipt: string
  visibleMs: number
}

const POLL_MS = 2

const memoryLanes = (bodyBytesMax = 100_000): LaneQueue & { readonly queued: Map<number, Queued[]> } => {
  const queued = new Map<number, Queued[]>()
  const of = (lane: number): Queued[] => {
    const there = queued.get(lane) ?? []
    queued.set(lane, there)
    return there
  }
  let receipts = 0
  return {
    queued,
    bodyBytesMax,
    send: async (lane, body) => {
      of(lane).push({ body, receipt: '', visibleMs: 0 })
    },
    receive: async (lane, waitMs, visibilityMs, cancelled) => {
      const untilMs = Date.now() + waitMs
      for (;;) {
        const found = of(lane).filter(one => one.visibleMs <= Date.now())
        for (const one of found.slice(0, 10)) {
          one.receipt = String(receipts++)
          one.visibleMs = Date.now() + visibilityMs
        }
        if (found.length > 0 || cancelled.aborted || Date.now() >= untilMs)
          return found.slice(0, 10).map(({ body, receipt }) => ({ body, receipt }))
        await new Promise(resolve => setTimeout(resolve, POLL_MS))
      }
    },
    delete: async (lane, gone) => {
      queued.set(
        lane,
        of(lane).filter(one => !gone.includes(one.receipt)),
      )
    },
    release: async (lane, back) => {
      for (const one of of(lane)) if (back.includes(one.receipt)) one.visibleMs = 0
    },
  }
}

const opened: Inbox[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map(inbox => inbox.close()))
})

/** Several processes of one party: they share a store and the queues, nothing else. */
const cloud = (options: { lanes?: number; visibilityMs?: number; nowMs?: () => number } = {}) => {
  const queue = memoryLanes()
  const volatile: Store = memoryStore()
  const lanes = options.lanes ?? 3
  const process = () => {
    const mailbox = laneMailbox({ ...options, queue, lanes, volatile })
    return {
      ...mailbox,
      open: (run: string) => {
        const inbox = mailbox.open(run)
        opened.push(inbox)
        return inbox
      },
    }
  }
  return { queue, volatile, process }
}

const mail = (id: string, round = 0) => ({ id, round, body: utf8(id) })
const idsOf = async (inbox: Inbox, waitMs = 200): Promise<string[]> =>
  (await inbox.receive(waitMs)).map(({ id }) => id).sort()
const left = (queue: ReturnType<typeof memoryLanes>): number => [...queue.queued.values()].flat().length

mailboxConformance('lane mailbox', () =>
  laneMailbox({ queue: memoryLanes(), lanes: 3, volatile: memoryStore(), visibilityMs: 2000 }),
)

test('lanes: fronts that claim at once agree on one lane, and runs never share one', async () => {
  const { process, volatile } = cloud({ lanes: 4 })
  const runs = ['one', 'two', 'three', 'four']
  await Promise.all(
    runs.flatMap(run => Array.from({ length: 8 }, (_, i) => process().deliver(run, mail(`${run}-${i}`)))),
  )
  expect(await volatile.list('lane/')).toHaveLength(4)
  for (const run of runs) {
    const inbox = process().open(run)
    const ids = new Set<string>()
    while (ids.size < 8) for (const id of await idsOf(inbox)) ids.add(id)
    expect([...ids].every(id => id.startsWith(`${run}-`))).toBe(true)
  }
})

test('lanes: when all are taken a frame is not taken either, until a run has settled', async () => {
  const { process } = cloud({ lanes: 1 })
  await process().deliver('one', mail('a'))
  await expect(process().deliver('two', mail('b'))).rejects.toThrow(Unavailable)
  await process().settle('one')
  const front = process()
  await front.deliver('two', mail('b'))
  expect(await idsOf(front.open('two'))).toEqual(['b'])
})

test('lanes: a lane that was never given back is taken away after a day', async () => {
  let nowMs = Date.now()
  const { process } = cloud({ lanes: 1, nowMs: () => nowMs })
  await process().deliver('one', mail('a'))
  nowMs += 24 * 60 * 60_000
  const front = process()
  await front.deliver('two', mail('b'))
  expect(await idsOf(front.open('two'))).toEqual(['b'])
})

test('lanes: a claim that died half-way is completed by the next one of the same run', async () => {
  const { process, volatile } = cloud({ lanes: 1 })
  await process().deliver('one', mail('a'))
  await volatile.delete('lane-of/one')
  await process().deliver('one', mail('b'))
  const inbox = process().open('one')
  expect([...(await idsOf(inbox)), ...(await idsOf(inbox, 20))]).toEqual(['a', 'b'])
})

test('lanes: what was left behind by a run is deleted by the next one in its lane', async () => {
  const { process, queue } = cloud({ lanes: 1 })
  const front = process()
  await front.deliver('one', mail('a'))
  await process().settle('one')
  // This front has not heard of the end.
  await front.deliver('one', mail('late'))
  await queue.send(0, utf8('no message at all'))
  const worker = process()
  await worker.deliver('two', mail('b'))
  const inbox = worker.open('two')
  expect(await idsOf(inbox)).toEqual(['b'])
  await vi.waitFor(() => expect(left(queue)).toBe(1))
})

test('lanes: a worker that slept while its run ended takes nothing from the next run in the lane', async () => {
  const { process, queue } = cloud({ lanes: 1 })
  const frozen = process()
  await frozen.deliver('one', mail('a'))
  const old = frozen.open('one')
  expect(await idsOf(old)).toEqual(['a'])
  await process().settle('one')
  await process().deliver('two', mail('b'))
  await expect(old.receive(200)).rejects.toThrow(Unavailable)
  expect(left(queue)).toBe(2)
  const next = process().open('two')
  expect(await idsOf(next)).toEqual(['b'])
})

test('lanes: a reader that died keeps its messages for the visibility time-out, one that closed not at all', async () => {
  const { process } = cloud({ visibilityMs: 300 })
  await process().deliver('run', mail('a'))
  const dies = process().open('run')
  expect(await idsOf(dies)).toEqual(['a'])
  const second = process().open('run')
  expect(await idsOf(second, 20)).toEqual([])
  expect(await idsOf(second, 2000)).toEqual(['a'])
  await second.close()
  expect(await idsOf(process().open('run'), 100)).toEqual(['a'])
})

test('lanes: a settled round is deleted from the queue, also when it comes late or again', async () => {
  const { process, queue } = cloud({ visibilityMs: 50 })
  const worker = process()
  const inbox = worker.open('run')
  await worker.deliver('run', mail('a', 0))
  await worker.deliver('run', mail('b', 1))
  const ids = new Set<string>()
  while (ids.size < 2) for (const id of await idsOf(inbox)) ids.add(id)
  // Both come again, and neither is returned again.
  expect(await inbox.receive(150)).toEqual([])
  await worker.settle('run', 1)
  await worker.deliver('run', mail('a', 0))
  expect(await inbox.receive(150)).toEqual([])
  await vi.waitFor(async () => {
    await inbox.receive(20)
    expect(left(queue)).toBe(1)
  })
})

test('lanes: a worker in the process of its front has a frame before the queue gives it, once, and settles it there', async () => {
  const queue = memoryLanes()
  let isStuck = true
  const slow: LaneQueue = {
    ...queue,
    receive: async (...asked) => {
      while (isStuck) await new Promise(resolve => setTimeout(resolve, POLL_MS))
      return queue.receive(...asked)
    },
  }
  const mailbox = laneMailbox({ queue: slow, lanes: 1, volatile: memoryStore() })
  const inbox = mailbox.open('run')
  opened.push(inbox)
  const waiting = inbox.receive(5000)
  await mailbox.deliver('run', { id: 'a', round: 0, body: utf8('a') })
  expect((await waiting).map(({ id }) => id)).toEqual(['a'])
  isStuck = false
  expect(await inbox.receive(50)).toEqual([])
  expect(queue.queued.get(0)).toHaveLength(1)
  await mailbox.settle('run', 1)
  expect(queue.queued.get(0)).toEqual([])
  await mailbox.deliver('run', { id: 'late', round: 0, body: utf8('late') })
  expect(await inbox.receive(50)).toEqual([])
  expect(queue.queued.get(0)).toEqual([])
})

test('lanes: a frame larger than a message is whole however its pieces come', async () => {
  const { process, queue } = cloud()
  const body = new Uint8Array(1 << 20).map((_, i) => i * 31)
  await process().deliver('run', { id: 'large', round: 7, body })
  expect(left(queue)).toBeGreaterThan(10)
  queue.queued.get(0)?.reverse()
  const inbox = process().open('run')
  const mails = await inbox.receive(2000)
  expect(mails).toEqual([{ id: 'large', round: 7, body, deliveredMs: expect.any(Number) }])
  expect(Math.abs(Date.now() - mails[0]!.deliveredMs!)).toBeLessThan(60_000)
})

test('lanes: an outage of the queue is thrown by the receive that meets it, and the next one goes on', async () => {
  const { process, queue } = cloud()
  const worker = process()
  await worker.deliver('run', mail('a'))
  const { receive } = queue
  queue.receive = async () => {
    throw new Unavailable('the queue does not answer')
  }
  const inbox = worker.open('run')
  await expect(inbox.receive(200)).rejects.toThrow(Unavailable)
  queue.receive = receive
  expect(await idsOf(inbox)).toEqual(['a'])
})
