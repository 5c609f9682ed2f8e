/**
 * Three parties as they are deployed, whose functions may run for five seconds only, over a network that loses, repeats and
 * delays: a run of many rounds needs many workers. And a worker that is frozen past its lease and comes back.
 */
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { type Asked, type Reports, stageReports } from '../support/reports.ts'
import { seeded } from '../support/seeded.ts'
import { type Stack, startStack } from '../support/stack.ts'

const WORKER_S = 5
const seed = Number(process.env.NETWORK_SEED ?? Math.floor(Math.random() * 2 ** 31))
const random = seeded(seed)

let isRough = false
let [lost, repeated, delayed] = [0, 0, 0]
const network = () => {
  const fate = isRough ? random() : 1
  if (fate < 0.05) {
    lost++
    return { lost: true }
  }
  if (fate < 0.1) {
    delayed++
    return { delayMs: 200 + random() * 2000 }
  }
  if (fate < 0.25) {
    repeated++
    return { times: 2 + Math.floor(random() * 4) }
  }
  return {}
}

let stack: Stack
let reports: Reports
beforeAll(async () => {
  stack = await startStack({ workerS: WORKER_S, network })
  reports = await stageReports(stack.parties, {
    rows: 300,
    policy: { stageRowsMax: 64 },
    timeoutMs: 240_000,
    tries: 10,
  })
}, 180_000)
afterAll(async () => {
  await reports?.close()
  await stack?.close()
})

const isTheSame = async (asked: Asked): Promise<void> => {
  const { parties } = await asked.ended()
  expect(parties.map(status => status?.reason ?? status?.state)).toEqual(['done', 'done', 'done'])
  const { equal, cells } = await asked.compared()
  expect(equal).toBe(cells)
}
const leftOf = (log: string, reason: RegExp): number =>
  log.split('\n').filter(line => line.includes('"worker-left"') && reason.test(line)).length

test(`a run of more rounds than a function has time for, over a rough network (NETWORK_SEED=${seed})`, async () => {
  isRough = true
  const asked = await reports.ask('safety')
  await isTheSame(asked)
  isRough = false
  const handedOver = [0, 1].map(party => leftOf(stack.logOf(party as 0 | 1), /time of this worker is over/))
  console.info(
    `${stack.frames.slots()} slots, ${lost} lost, ${delayed} delayed, ${repeated} repeated, handed over ${handedOver}`,
  )
  expect(Math.min(lost, delayed, repeated)).toBeGreaterThan(0)
  expect(Math.max(...handedOver)).toBeGreaterThan(0)
  expect(stack.frames.twice).toEqual([])
}, 300_000)

test('a worker that was frozen past its lease finds that another one took over, and does no harm', async () => {
  onTestFailed(() => console.error(stack.logs()))
  const asked = await reports.ask('pay')
  const ended = asked.ended()
  const before = PARTIES.map(party => stack.logOf(party).length)
  let pids: readonly number[] = []
  for (const untilMs = Date.now() + 20_000; pids.length === 0 && Date.now() < untilMs; ) {
    await new Promise(resolve => setTimeout(resolve, 50))
    if (stack.logOf(0).slice(before[0]).includes('"running"')) pids = stack.workerPids(0)
  }
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  await new Promise(resolve => setTimeout(resolve, 3000))
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGCONT')
    } catch {
      // The time limit was over: the host has killed it.
    }
  await ended
  await isTheSame(asked)
  expect(pids.length).toBeGreaterThan(0)
  expect(stack.frames.twice).toEqual([])
}, 300_000)
