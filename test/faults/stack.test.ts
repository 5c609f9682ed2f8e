/**
 * Both reports over three parties as they are deployed, on emulators, while workers are killed at random moments. TRIAS_KILLS
 * sets how many kills there are about; FAULT_SEED repeats a sequence.
 */
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { fetchEntries } from '../../client/sdk/log.ts'
import { verifyLog } from '../../shared/audit/log.ts'
import { PARTIES, type PartyIndex } from '../../shared/sharing/shared.ts'
import { type Asked, type Reports, stageReports } from '../support/reports.ts'
import { seeded } from '../support/seeded.ts'
import { type Stack, startStack } from '../support/stack.ts'

const KILLS = Number(process.env.TRIAS_KILLS ?? 6)
const seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31))
const random = seeded(seed)
/** A minute in the long sweep. */
const DOWN_MS = KILLS > 50 ? 60_000 : 4_000
const REPORTS = ['pay', 'safety'] as const

let stack: Stack
let reports: Reports
beforeAll(async () => {
  stack = await startStack()
  reports = await stageReports(stack.parties, {
    rows: 400,
    policy: { stageRowsMax: 128 },
    timeoutMs: 180_000,
  })
}, 180_000)
afterAll(async () => {
  await reports?.close()
  await stack?.close()
})

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

const isTheSame = async (asked: Asked, what: object): Promise<void> => {
  const { parties } = await asked.ended()
  expect({ ...what, ends: parties.map(status => status?.reason ?? status?.state) }).toEqual({
    ...what,
    ends: ['done', 'done', 'done'],
  })
  const { equal, cells } = await asked.compared()
  expect({ ...what, equal }).toEqual({ ...what, equal: cells })
}

test(
  `workers of the three clouds are killed, and both reports are the same (FAULT_SEED=${seed})`,
  async () => {
    onTestFailed(() => console.error(stack.logs()))
    let kills = 0
    for (let run = 0; kills < KILLS; run++) {
      const name = REPORTS[run % REPORTS.length]!
      const groups: PartyIndex[][] = [[0], [1], [2], [0, 1], [0, 1, 2]]
      const victims = groups[run % groups.length]!
      const asked = await reports.ask(name)
      const ended = asked.ended()
      let isOver = false
      const over = (): void => {
        isOver = true
      }
      ended.then(over, over)
      const done: string[] = []
      // Several kills in one run: also of the worker that has just taken over.
      for (let i = 0; i < 3 && !isOver; i++) {
        await sleep(random() * 700)
        if (isOver) break
        await Promise.all(victims.map(stack.kill))
        done.push(victims.join('+'))
        kills += victims.length
      }
      await isTheSame(asked, { run, name, kills: done.join(', ') })
    }
    console.info(
      `${kills} kills, ${stack.frames.slots()} slots, ${stack.frames.repeated()} frames repeated, seed ${seed}`,
    )
    expect(stack.frames.twice).toEqual([])
  },
  Math.max(240_000, KILLS * 30_000),
)

test('a party that is down for a while finds the run where it was', async () => {
  onTestFailed(() => console.error(stack.logs()))
  const asked = await reports.ask('safety')
  await stack.kill(2, DOWN_MS)
  await isTheSame(asked, { down: DOWN_MS })
  expect(stack.frames.twice).toEqual([])
}, 300_000)

test('the logs of all three hold together afterwards', async () => {
  for (const party of PARTIES) {
    const { connection } = reports.federation.recipient
    const entries = await fetchEntries(connection, party)
    expect(verifyLog(entries).entries).toBe(entries.length)
  }
})
