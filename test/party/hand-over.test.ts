/** Workers that come and go: a time limit far below the length of a run, frames that let one wait, wakes that get lost. */
import { expect, test } from 'vitest'
import { startThreeParties, type ThreePartiesOptions } from '../../functions/local/three-parties.ts'
import { systemClock } from '../../functions/party/system-clock.ts'
import { PARTIES, type PartyIndex } from '../../shared/sharing/shared.ts'
import { type Cast, castOf, found, type Row } from '../support/federation.ts'
import { recordFrames } from '../support/recorded-frames.ts'
import { seeded } from '../support/seeded.ts'

const rows: Row[] = Array.from({ length: 640 }, (_, i) => [i % 2 === 0 ? 'junior' : 'senior', 1_000 + i])
const totalOf = (grade: string): string =>
  String(2 * rows.reduce((sum, [is, pay]) => sum + (is === grade ? pay : 0), 0))
const REPORT = [
  ['junior', '640', totalOf('junior')],
  ['senior', '640', totalOf('senior')],
]

/** A run of twenty stages and one more over parties that are started in this way. */
const reportOver = async (options: ThreePartiesOptions, prepare: (cast: Cast) => void = () => {}) => {
  const frames = recordFrames()
  const three = await startThreeParties({
    tickMs: 50,
    ...options,
    network: async (passing, deliver) => {
      if (passing.path === '/v1/frames') frames.record(passing.body)
      return (options.network ?? ((one, on) => on(one.body)))(passing, deliver)
    },
  })
  const cast = await castOf(three, { stageRowsMax: 64 })
  await found(cast)
  prepare(cast)
  const versions = [await cast.push(cast.owners[0], rows), await cast.push(cast.owners[1], rows)]
  const request = await cast.ask(versions)
  for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
  for (const party of PARTIES) {
    const { state, reason, roundsTotal, bytesTotal, steps = [] } = await cast.ended(party, request)
    expect({ party, state, reason }).toEqual({ party, state: 'done', reason: undefined })
    // Whoever executed them, all steps were measured.
    const total = (of: 'rounds' | 'bytes'): number => steps.reduce((sum, step) => sum + step[of], 0)
    expect([total('rounds'), total('bytes')]).toEqual([roundsTotal, bytesTotal])
  }
  expect((await cast.report(request)).rows.map(row => row.map(String)).sort()).toEqual(REPORT)
  expect(frames.twice).toEqual([])
  const events = async (party: PartyIndex): Promise<string[]> =>
    (await three.parties[party].party.log(0, 10_000)).entries
      .filter(({ subject }) => subject === request)
      .map(({ event }) => event)
  return { three, frames, events }
}
const resumed = (events: readonly string[]): number => events.filter(event => event === 'resumed').length

test('workers with a time limit hand over, each going on from the last checkpoint', async () => {
  // Time goes by with the frames, so that a worker has time for so many of them, on any machine.
  let passedMs = 0
  const { three, events } = await reportOver({
    workMs: 2_000,
    clock: { ...systemClock, nowMs: () => Date.now() + passedMs },
    network: ({ path, body }, deliver) => {
      if (path === '/v1/frames') passedMs += 20
      return deliver(body)
    },
  })
  const counts = await Promise.all(PARTIES.map(async party => resumed(await events(party))))
  expect(Math.min(...counts)).toBeGreaterThan(1)
  await three.close()
})

test('a worker that waits in vain leaves, and the next frame brings another one', async () => {
  let held = 0
  const { three, events } = await reportOver({
    deadlines: { lingerMs: 100 },
    tickMs: 60_000,
    network: async ({ from, path, body }, deliver) => {
      // Party 2 is slow now and then: the others must not wait for it awake.
      if (from === 2 && path === '/v1/frames' && ++held % 50 === 0)
        await new Promise(resolve => setTimeout(resolve, 900))
      return deliver(body)
    },
  })
  expect(resumed(await events(0)) + resumed(await events(1))).toBeGreaterThan(0)
  await three.close()
})

const seed = Number(process.env.WAKE_SEED ?? Math.floor(Math.random() * 2 ** 31))
test(`a wake that is lost is made good by the timer (WAKE_SEED=${seed})`, async () => {
  const random = seeded(seed)
  let lost = 0
  const { three } = await reportOver({
    tickMs: 100,
    waker: (_, real) => ({
      wake: async subject => {
        if (random() < 0.5) lost++
        else await real.wake(subject)
      },
    }),
  })
  expect(lost).toBeGreaterThan(6)
  await three.close()
})

test('without a deadline passed, a document that a peer does not take is posted by a later worker', async () => {
  const refusedUntilMs = Date.now() + 1500
  const { three } = await reportOver({
    deadlines: { lingerMs: 300 },
    network: ({ to, path, body }, deliver) => {
      if (to === 1 && path === '/v1/documents' && Date.now() < refusedUntilMs)
        return Promise.reject(new TypeError('nobody answers'))
      return deliver(body)
    },
  })
  for (const { stores } of three.parties) expect(await stores.volatile.list('outbox/')).toEqual([])
  await three.close()
})
