/**
 * A party dies at its n-th write or send of a run, for every n, and is started again on what it had written. By default
 * some of the n; TRIAS_KILLS=200 takes up to 200 of each party.
 */
import { expect, test } from 'vitest'
import { startThreeParties } from '../../functions/local/three-parties.ts'
import { verifyLog } from '../../shared/audit/log.ts'
import { PARTIES, type PartyIndex } from '../../shared/sharing/shared.ts'
import { castOf, found, type Row, waitFor } from '../support/federation.ts'
import { type Life, mortal, step } from '../support/mortal.ts'
import { recordFrames } from '../support/recorded-frames.ts'

/** What must not outlive a run. */
const VOLATILE = ['run-key/', 'outbox/REQUEST/', 'lease/REQUEST', 'checkpoint-RUN/', 'sent-RUN/']
const KILLS = Number(process.env.TRIAS_KILLS ?? 10)
/** Of both owners 192 rows: three stages of 64, and the one after them. */
const rows: Row[] = Array.from({ length: 96 }, (_, i) => [i % 2 === 0 ? 'junior' : 'senior', 1_000 + i])
const TOTALS = [
  ['junior', '96', String(2 * rows.reduce((sum, [grade, pay]) => sum + (grade === 'junior' ? pay : 0), 0))],
  ['senior', '96', String(2 * rows.reduce((sum, [grade, pay]) => sum + (grade === 'senior' ? pay : 0), 0))],
]

test('whatever write a party dies at, the run goes on and gives the same', async () => {
  const frames = recordFrames()
  const lives: Life[] = PARTIES.map(() => ({ left: Number.POSITIVE_INFINITY, dead: false }))
  const three = await startThreeParties({
    deadlines: { leaseMs: 60 },
    tickMs: 30,
    databases: (party, real) => {
      const life = { left: Number.POSITIVE_INFINITY, dead: false }
      lives[party] = life
      return mortal(real, life)
    },
    network: async ({ from, to, path, body }, deliver) => {
      const [sender, receiver] = [lives[from]!, lives[to]!]
      step(sender)
      if (path === '/v1/frames') frames.record(body)
      if (receiver.dead) throw new TypeError('nobody answers')
      const answer = await deliver(body)
      // Dead while the answer was on its way.
      if (sender.dead || receiver.dead) throw new TypeError('nobody answers')
      return answer
    },
  })
  const cast = await castOf(three, { stageRowsMax: 64 })
  await found(cast)
  const versions = [await cast.push(cast.owners[0], rows), await cast.push(cast.owners[1], rows)]

  /** Number of writes and sends that the victim had left when all was done: more than 0 when it has not died. */
  const runWith = async (victim: PartyIndex, n: number): Promise<number> => {
    const request = await cast.ask(versions)
    const approvals = await Promise.all(cast.owners.map(owner => cast.approval(request, owner, versions)))
    await cast.say(approvals[0]!, cast.owners[0])
    const life = lives[victim]!
    life.left = n
    const revive = async (): Promise<void> => {
      if (lives[victim]!.dead) await three.restart(victim)
    }
    for (let said = false; !said; await revive())
      said = await cast.say(approvals[1]!, cast.owners[1]).then(
        () => true,
        () => !life.dead,
      )
    await waitFor(`the end after ${n} writes of party ${victim}`, async () => {
      await revive()
      const open = await Promise.all(three.parties.map(({ stores }) => stores.durable.list('open-job/')))
      return open.flat().length === 0 ? true : undefined
    })
    const left = life.left
    await revive()
    lives[victim]!.left = Number.POSITIVE_INFINITY
    for (const party of PARTIES) {
      const { state, reason } = await cast.status(party, request)
      expect({ n, victim, state, reason }).toEqual({ n, victim, state: 'done', reason: undefined })
    }
    expect((await cast.report(request)).rows.map(row => row.map(String)).sort()).toEqual(TOTALS)
    const run = (await cast.status(0, request)).run!
    for (const { stores } of three.parties)
      for (const prefix of VOLATILE.map(name => name.replace('RUN', run).replace('REQUEST', request)))
        expect(await stores.volatile.list(prefix)).toEqual([])
    return left
  }

  let deaths = 0
  for (const victim of PARTIES) {
    const total = 100_000 - (await runWith(victim, 100_000))
    const stride = Math.max(1, Math.ceil(total / KILLS))
    for (let n = victim % stride; n < total; n += stride) if ((await runWith(victim, n)) <= 0) deaths++
  }
  expect(deaths).toBeGreaterThan(KILLS)
  expect(frames.twice).toEqual([])
  expect(frames.repeated()).toBeGreaterThan(0)
  for (const { party } of three.parties) {
    const { entries, state } = await party.log(0, 100_000)
    expect(verifyLog(entries, state)).toEqual(state)
  }
  await three.close()
}, 600_000)
