/** One worker a run: who may execute it, and when somebody else may. */
import { expect, test } from 'vitest'
import { memoryStore } from '../../functions/local/store.ts'
import { leaseKey, takeLease, WorkerLeaves } from '../../shared/party/lease.ts'

const world = () => {
  let now = 1_000
  const store = memoryStore()
  return {
    store,
    pass: (ms: number) => {
      now += ms
    },
    take: (holder: string) =>
      takeLease(store, { nowMs: () => now, sleep: async () => {} }, { subject: 'run', holder, leaseMs: 300 }),
  }
}

test('a second worker gets no lease until the first one is silent for too long', async () => {
  const { take, pass } = world()
  const first = await take('first')
  expect(await take('second')).toBeNull()
  pass(200)
  await first!.check()
  pass(200)
  expect(await take('second')).toBeNull()
  pass(101)
  expect(await take('second')).not.toBeNull()
})

test('a worker that stood still and was replaced leaves at its next check, and does not disturb its successor', async () => {
  const { take, pass } = world()
  const first = await take('first')
  pass(301)
  const second = await take('second')
  await expect(first!.check()).rejects.toThrow(WorkerLeaves)
  await first!.release()
  await second!.check()
  expect(await take('third')).toBeNull()
})

test('a worker that stood still and was not replaced goes on', async () => {
  const { take, pass } = world()
  const first = await take('first')
  pass(10_000)
  await first!.check()
  expect(await take('second')).toBeNull()
})

test('what a worker noted is there for the next one; the time after a death counts for nobody', async () => {
  const { take, pass } = world()
  const first = await take('first')
  first!.note({ round: 3, bytes: 10, updatedMs: 1_000, waiting: { round: 3, sinceMs: 900 } })
  pass(100)
  await first!.check()
  pass(10_000)
  const second = await take('second')
  expect(second!.before).toEqual({
    round: 3,
    bytes: 10,
    updatedMs: 1_000,
    waiting: { round: 3, sinceMs: 11_000 },
  })
  await second!.release()
  pass(50)
  expect((await take('third'))!.before?.waiting).toEqual({ round: 3, sinceMs: 11_000 })
})

test('a released lease is free at once, and of several that ask one gets it', async () => {
  const { take } = world()
  await (await take('first'))!.release()
  const got = await Promise.all(['a', 'b', 'c'].map(take))
  expect(got.filter(lease => lease !== null)).toHaveLength(1)
})

test('checks that come together renew once; a lease whose record is gone is lost', async () => {
  const { take, pass, store } = world()
  const lease = await take('first')
  pass(150)
  await Promise.all([lease!.check(), lease!.check(), lease!.check()])
  await store.delete(leaseKey('run'))
  pass(150)
  await expect(lease!.check()).rejects.toThrow(WorkerLeaves)
})
