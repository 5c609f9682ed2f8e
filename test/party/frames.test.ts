/** The way in for frames: which run they belong to, and when. What can be wrong with the bytes is in test/wire. */
import { expect, test } from 'vitest'
import { utf8 } from '../../shared/base/bytes.ts'
import { Refusal } from '../../shared/base/errors.ts'
import { createAllowance } from '../../shared/party/allowance.ts'
import { receiveFrame, runRecordKey } from '../../shared/party/frames.ts'
import { createJobs, type Job } from '../../shared/party/jobs.ts'
import { createJournal } from '../../shared/party/journal.ts'
import { takeLease } from '../../shared/party/lease.ts'
import type { Self } from '../../shared/party/self.ts'
import type { Store } from '../../shared/port/store.ts'
import { type FrameHeader, readFrame, sealFrame } from '../../shared/wire/frame.ts'
import { nativeFrameCrypto } from '../../shared/wire/native-frame-crypto.ts'
import { federation, fill, link, run, runId, signing } from './linked.ts'

const REQUEST = 'R'.repeat(43)
const frame = (changes: Partial<FrameHeader> = {}): Uint8Array => {
  const header: FrameHeader = {
    federation,
    run,
    attempt: 1,
    round: 0,
    part: 0,
    parts: 1,
    from: 0,
    to: 1,
    addressDigest: fill(1),
    ...changes,
  }
  return sealFrame(header, fill(2), fill(3), signing[0]!.secretKey, nativeFrameCrypto)
}

/** Party 1 with one job, or none. */
const partyWith = async (job?: Partial<Job>) => {
  const woken: string[] = []
  const waker = { wake: async (subject: string) => void woken.push(subject) }
  const reads: string[] = []
  const noting = (store: Store): Store => ({
    ...store,
    get: key => {
      reads.push(key)
      return store.get(key)
    },
  })
  const linked = link().worlds[1]!
  const world = { ...linked, durable: noting(linked.durable), volatile: noting(linked.volatile), waker }
  const jobs = createJobs(world.durable, world.clock.nowMs)
  const journal = createJournal(world.durable, world.clock, world.log)
  const region = 'this machine'
  const manifest = {
    hasOwnKeys: true,
    opened: {
      document: {
        parties: [
          { index: 0, region },
          { index: 1, region },
        ],
      },
    },
    digestBytes: federation,
    signingKeyOf: (party: number) => signing[party]!.publicKey,
  }
  if (job !== undefined) {
    await world.volatile.putIfAbsent(runRecordKey(runId), utf8(REQUEST))
    await jobs.create({
      request: REQUEST,
      state: 'ready',
      attempt: 1,
      roundsTotal: 5,
      bytesTotal: 0,
      bytesPerParty: [4096, 4096, 4096],
      rounds: 0,
      bytes: 0,
      updatedMs: 0,
      ...job,
    })
  }
  const allowance = createAllowance({ ...world.clock, nowMs: () => 0 })
  const self = {
    world,
    locations: [{ what: 'process and database', region }],
    jobs,
    journal,
    allowance,
    requestOfRun: new Map(),
    manifestOrNull: () => manifest,
  } as unknown as Self
  const post = async (bytes: Uint8Array): Promise<string> => {
    try {
      await receiveFrame(self, bytes)
      return 'taken'
    } catch (error) {
      if (error instanceof Refusal) return error.rule
      throw error
    }
  }
  return { post, world, journal, woken, reads }
}

test('a frame is taken while its run is under way, and a repeated one is one message', async () => {
  for (const state of ['ready', 'running'] as const) {
    const { post, world } = await partyWith({ state, run: runId })
    expect([await post(frame()), await post(frame())]).toEqual(['taken', 'taken'])
    expect(await world.mailbox.open(runId).receive(20)).toHaveLength(1)
  }
})

test('a frame wakes a worker unless one holds the lease', async () => {
  const { post, world, woken } = await partyWith({ state: 'running', run: runId })
  await post(frame())
  expect(woken).toEqual([REQUEST])
  const lease = await takeLease(world.volatile, world.clock, {
    subject: REQUEST,
    holder: 'x',
    leaseMs: 5000,
  })
  await post(frame({ round: 1 }))
  expect(woken).toEqual([REQUEST])
  await lease!.release()
  await post(frame({ round: 2 }))
  expect(woken).toEqual([REQUEST, REQUEST])
})

test('a frame of a run that is known costs two looks at the store: the job, and the lease', async () => {
  const { post, reads } = await partyWith({ state: 'running', run: runId })
  await post(frame())
  reads.length = 0
  await post(frame({ round: 1 }))
  expect(reads).toEqual([`job/${REQUEST}`, `lease/${REQUEST}`])
})

test('a peer can neither name more parts than its plan has bytes for, nor repeat itself without end', async () => {
  const { post, world } = await partyWith({ state: 'running', run: runId, bytesPerParty: [64, 64, 64] })
  expect(await post(frame({ parts: 2 }))).toBe('frame-parts')
  const answers: string[] = []
  const large = sealFrame(
    { ...readFrame(frame()).header },
    new Uint8Array(1 << 20),
    fill(3),
    signing[0]!.secretKey,
    nativeFrameCrypto,
  )
  for (let i = 0; i < 8; i++) answers.push(await post(large))
  expect(answers.indexOf('frame-flood')).toBe(4)
  expect(new Set(answers.slice(4))).toEqual(new Set(['frame-flood']))
  expect(await world.mailbox.open(runId).receive(20)).toHaveLength(1)
})

test('a peer may be quicker than this party writes down that it is ready', async () => {
  const { post } = await partyWith({ state: 'offered' })
  expect(await post(frame())).toBe('taken')
})

test('a frame that is repeated after this party has finished the run is taken, and not stored', async () => {
  const { post, world, journal } = await partyWith({ state: 'done', run: runId })
  expect(await post(frame())).toBe('taken')
  expect(await world.mailbox.open(runId).receive(20)).toHaveLength(0)
  expect(await journal.read(0, 10)).toEqual([])
})

test('every other frame has its rule and its log entry, and is not stored', async () => {
  const nobody = await partyWith()
  expect(await nobody.post(frame())).toBe('frame-run-unknown')
  for (const state of ['aborted', 'refused', 'expired'] as const)
    expect(await (await partyWith({ state, run: runId })).post(frame())).toBe('frame-stale')
  const { post, world, journal } = await partyWith({ state: 'running', run: runId })
  expect(await post(frame({ run: fill(9) }))).toBe('frame-run-unknown')
  expect(await post(frame({ attempt: 2 }))).toBe('frame-attempt')
  expect(await post(frame({ round: 5 }))).toBe('frame-round')
  expect(await world.mailbox.open(runId).receive(20)).toHaveLength(0)
  expect((await journal.read(0, 10)).map(({ event, detail }) => [event, detail.rule])).toEqual([
    ['frame-refused', 'frame-run-unknown'],
    ['frame-refused', 'frame-attempt'],
    ['frame-refused', 'frame-round'],
  ])
})
