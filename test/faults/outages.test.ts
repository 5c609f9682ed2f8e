/**
 * Tables and queues that fail now and then at any call, for three parties at once: throttling, an error of the other side, a
 * connection that breaks. By default one call in 40; the run goes on and gives the same. OUTAGE_SEED repeats a sequence.
 */
import { afterAll, expect, test } from 'vitest'
import { type LocalDatabases, startThreeParties } from '../../functions/local/three-parties.ts'
import { verifyLog } from '../../shared/audit/log.ts'
import { Unavailable } from '../../shared/base/errors.ts'
import type { Mailbox } from '../../shared/port/mailbox.ts'
import type { Store } from '../../shared/port/store.ts'
import { type Reports, stageReports } from '../support/reports.ts'
import { seeded } from '../support/seeded.ts'

const seed = Number(process.env.OUTAGE_SEED ?? Math.floor(Math.random() * 2 ** 31))
const random = seeded(seed)
const RATE = 1 / 40
const RUNS = Math.max(2, Math.round(Number(process.env.TRIAS_KILLS ?? 0) / 20))

let isRough = false
let outages = 0
/** Half of the failed calls were done all the same: the answer was lost. */
const perhaps = async <T>(work: () => Promise<T>): Promise<T> => {
  if (!isRough || random() >= RATE) return work()
  outages++
  if (random() < 0.5) await work()
  throw new Unavailable('made up by the test')
}
const roughStore = (real: Store): Store => ({
  get: key => perhaps(() => real.get(key)),
  list: prefix => perhaps(() => real.list(prefix)),
  delete: key => perhaps(() => real.delete(key)),
  // An adapter knows its own write again, so of these an answer is not lost here.
  putIfAbsent: (key, value) => (isRough && random() < RATE ? fail() : real.putIfAbsent(key, value)),
  compareAndSet: (key, version, value) =>
    isRough && random() < RATE ? fail() : real.compareAndSet(key, version, value),
})
const fail = (): Promise<never> => {
  outages++
  return Promise.reject(new Unavailable('made up by the test'))
}
const roughMailbox = (real: Mailbox): Mailbox => ({
  deliver: (run, mail) => perhaps(() => real.deliver(run, mail)),
  settle: (run, round) => perhaps(() => real.settle(run, round)),
  open: run => {
    const inbox = real.open(run)
    // What a failed receive has taken comes again only to another reader.
    return { ...inbox, receive: waitMs => (isRough && random() < RATE ? fail() : inbox.receive(waitMs)) }
  },
})

let reports: Reports
afterAll(() => reports?.close())

test(
  `tables and queues that fail now and then change nothing (OUTAGE_SEED=${seed})`,
  async () => {
    const three = await startThreeParties({
      deadlines: { leaseMs: 200 },
      tickMs: 50,
      databases: (_, real): LocalDatabases => ({
        durable: roughStore(real.durable),
        volatile: roughStore(real.volatile),
        mailbox: roughMailbox(real.mailbox),
      }),
    })
    reports = await stageReports(
      three.parties.map(({ endpoint, signingKey, sealingKey, party }) => ({
        url: endpoint,
        keys: { signingKey, sealingKey },
        signer: party.world.keyring.signer,
      })),
      { rows: 300, fetch: three.fetch, tries: 12, policy: { stageRowsMax: 128 } },
    )
    for (let run = 0; run < RUNS; run++) {
      const name = run % 2 === 0 ? 'pay' : 'safety'
      isRough = true
      const asked = await reports.ask(name)
      const { parties } = await asked.ended()
      isRough = false
      expect({ run, ends: parties.map(status => status?.reason ?? status?.state) }).toEqual({
        run,
        ends: ['done', 'done', 'done'],
      })
      const { equal, cells } = await asked.compared()
      expect(equal).toBe(cells)
    }
    console.info(`${outages} calls failed in ${RUNS} runs, seed ${seed}`)
    expect(outages).toBeGreaterThan(20)
    await three.idle()
    for (const { party } of three.parties) {
      const { entries, state } = await party.log(0, 1_000_000)
      expect(verifyLog(entries, state)).toEqual(state)
    }
    await three.close()
  },
  Math.max(180_000, RUNS * 40_000),
)
