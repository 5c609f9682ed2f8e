/**
 * Both reports of the demo, with one party dying at its n-th write or send and started again on its tables only; every n is
 * a named point between two writes. By default a sample of the n; TRIAS_KILLS sets how many in all.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startThreeParties, type ThreeParties } from '../../functions/local/three-parties.ts'
import { verifyLog } from '../../shared/audit/log.ts'
import { PARTIES, type PartyIndex } from '../../shared/sharing/shared.ts'
import { type Life, mortal, mortalNetwork } from '../support/mortal.ts'
import { recordFrames } from '../support/recorded-frames.ts'
import { type ReportName, type Reports, stageReports } from '../support/reports.ts'

const KILLS = Number(process.env.TRIAS_KILLS ?? 10)
const SHARE_ROWS = 300
/** Members read every request of their federation, so a sweep begins another one now and then. */
const RUNS_PER_FEDERATION = 40
const VOLATILE = ['run-key/', 'outbox/REQUEST/', 'lease/REQUEST', 'checkpoint-RUN/', 'sent-RUN/']
const REPORTS = ['pay', 'safety'] as const

const frames = recordFrames()
const lives: Life[] = PARTIES.map(() => ({ left: Number.POSITIVE_INFINITY, dead: false }))
let three: ThreeParties
let reports: Reports
let reviving: NodeJS.Timeout

const begin = async (): Promise<void> => {
  three = await startThreeParties({
    deadlines: { leaseMs: 100 },
    tickMs: 40,
    databases: (party, real) => {
      const life = { left: Number.POSITIVE_INFINITY, dead: false }
      lives[party] = life
      return mortal(real, life)
    },
    network: mortalNetwork(lives, frames),
  })
  reports = await stageReports(
    three.parties.map(({ endpoint, signingKey, sealingKey, party }) => ({
      url: endpoint,
      keys: { signingKey, sealingKey },
      signer: party.world.keyring.signer,
    })),
    { rows: SHARE_ROWS, fetch: three.fetch, policy: { stageRowsMax: 128 } },
  )
}
const logsHold = async (): Promise<void> => {
  for (const { party } of three.parties) {
    const { entries, state } = await party.log(0, 1_000_000)
    expect(verifyLog(entries, state)).toEqual(state)
  }
}
const end = async (): Promise<void> => {
  await three.close()
  await reports.close()
}
beforeAll(async () => {
  await begin()
  reviving = setInterval(() => {
    for (const party of PARTIES) if (lives[party]!.dead) void three.restart(party)
  }, 20)
}, 120_000)
afterAll(async () => {
  clearInterval(reviving)
  await end()
})

/** Writes and sends of the victim in one run that it survives, or until it died. */
const runWith = async (report: ReportName, victim: PartyIndex, n: number): Promise<number> => {
  const life = lives[victim]!
  life.left = n
  const asked = await reports.ask(report)
  const { parties } = await asked.ended()
  const where = { report, victim, n }
  expect({ ...where, states: parties.map(status => [status?.state, status?.reason]) }).toEqual({
    ...where,
    states: [
      ['done', undefined],
      ['done', undefined],
      ['done', undefined],
    ],
  })
  const { equal, cells } = await asked.compared()
  expect({ ...where, equal }).toEqual({ ...where, equal: cells })
  // A run takes with it what must not outlive it, however often it was interrupted.
  const run = parties[0]?.run as string
  await three.idle()
  for (const { stores } of three.parties)
    for (const prefix of VOLATILE.map(name => name.replace('RUN', run).replace('REQUEST', asked.request)))
      expect({ ...where, left: await stores.volatile.list(prefix) }).toEqual({ ...where, left: [] })
  const left = life.left
  lives[victim]!.left = Number.POSITIVE_INFINITY
  return n - left
}

test(
  'a party dies at any of its writes, and both reports are the same',
  async () => {
    let [deaths, runs] = [0, 0]
    for (const report of REPORTS)
      for (const victim of PARTIES) {
        const writes = await runWith(report, victim, 1_000_000)
        const stride = Math.max(1, Math.floor((writes * REPORTS.length * PARTIES.length) / KILLS))
        for (let n = victim % stride; n < writes; n += stride) {
          if (++runs % RUNS_PER_FEDERATION === 0) {
            await logsHold()
            await end()
            await begin()
          }
          const before = lives[victim]
          await runWith(report, victim, n)
          if (before !== lives[victim]) deaths++
        }
      }
    console.info(`${deaths} deaths, ${frames.slots()} slots, ${frames.repeated()} frames repeated`)
    expect(deaths).toBeGreaterThanOrEqual(Math.min(KILLS, 6))
    expect(frames.twice).toEqual([])
    await logsHold()
  },
  Math.max(300_000, KILLS * 8_000),
)
