import { afterAll, beforeAll, expect, test } from 'vitest'
import { startThreeParties, type ThreeParties } from '../../functions/local/three-parties.ts'
import { type Cast, castOf, found, type Row, SCHEMA } from '../support/federation.ts'

let three: ThreeParties
let cast: Cast

beforeAll(async () => {
  three = await startThreeParties()
  cast = await castOf(three)
  await found(cast)
})
afterAll(() => three.close())

const north: Row[] = [
  ['junior', 30_000],
  ['senior', 70_000],
  ['junior', 31_000],
]
const south: Row[] = [
  ['senior', 80_000],
  ['junior', 29_500],
]

test('three parties compute what the pooled rows give, and nobody but the recipient sees it', async () => {
  const [n, s] = cast.owners
  const versions = [await cast.push(n, north), await cast.push(s, south)]
  const request = await cast.ask(versions)
  for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
  for (const party of [0, 1, 2] as const) {
    const status = await cast.ended(party, request)
    expect(status.reason).toBeUndefined()
    expect(status).toMatchObject({ state: 'done', party, request })
    expect(status.round).toBe(status.roundsTotal)
    expect(status.bytes).toBe(status.bytesTotal)
    const steps = status.steps ?? []
    expect(steps.reduce((sum, step) => sum + step.rounds, 0)).toBe(status.roundsTotal)
    expect(steps.reduce((sum, step) => sum + step.bytes, 0)).toBe(status.bytesTotal)
  }
  const report = await cast.report(request)
  expect(report.rows.map(row => row.map(String)).sort()).toEqual([
    ['junior', '3', '90500'],
    ['senior', '2', '150000'],
  ])
  const [refused] = await Promise.all([cast.get(0, `/v1/requests/${request}/result`, n)])
  expect(refused.status).toBe(403)
})

test('each party knows whose rows are whose: a group of one owner is not shown where another one demands two', async () => {
  const [n, s] = cast.owners
  const versions = [
    await cast.push(n, [['junior', 30_000]], undefined, { ...SCHEMA, policy: { minimumOwners: 2 } }),
    await cast.push(s, [...south, ['senior', 70_000]]),
  ]
  const request = await cast.ask(versions)
  for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
  for (const party of [0, 1, 2] as const)
    expect(await cast.ended(party, request)).toMatchObject({ state: 'done' })
  const { rows, suppressedGroups } = await cast.report(request)
  expect(rows.map(row => row.map(String))).toEqual([['junior', '2', '59500']])
  expect(suppressedGroups).toEqual([['senior']])
})

test('a privacy budget is spent once for each run, by nothing that is refused, and then no more', async () => {
  const [n, s] = cast.owners
  const schema = { ...SCHEMA, table: 'dp', policy: { privacyBudget: { epsilon: '1' } } }
  const rows: Row[] = Array.from({ length: 20 }, (_, i) => ['junior', 1_000 * i])
  const versions = [await cast.push(n, rows, undefined, schema), await cast.push(s, south, undefined, schema)]
  const sql = 'SELECT grade, COUNT(*) FROM dp GROUP BY grade'
  const ledgers = async (): Promise<readonly string[]> => {
    const all = await Promise.all(
      three.parties.map(async ({ stores }) => {
        const keys = await stores.durable.list('budget/')
        const records = await Promise.all(keys.map(key => stores.durable.get(key)))
        return records.map(record => Object.values(JSON.parse(new TextDecoder().decode(record!.value))))
      }),
    )
    return all.map(one => JSON.stringify(one))
  }
  const ask = (epsilon?: string) => cast.ask(versions, { sql, ...(epsilon && { epsilon }) })
  await expect(ask()).rejects.toThrow('policy-privacy')
  await expect(ask('1.5')).rejects.toThrow('budget-exhausted')

  const refused = await ask('0.5')
  await cast.say({ kind: 'refusal', request: refused, by: n.name, reason: 'not now' }, n)
  for (const party of [0, 1, 2] as const) await cast.ended(party, refused)
  expect(await ledgers()).toEqual(['[]', '[]', '[]'])

  const request = await ask('0.6')
  for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
  for (const party of [0, 1, 2] as const)
    expect(await cast.ended(party, request)).toMatchObject({ state: 'done' })
  // One budget an owner.
  expect(await ledgers()).toEqual(Array.from({ length: 3 }, () => '[[600],[600]]'))
  const report = await cast.report(request)
  expect(report.columns.map(({ name }) => name)).toEqual(['grade', 'count'])
  await expect(ask('0.5')).rejects.toThrow('ε = 0.4 of 1 is left')
})

test('after a run nothing is left that could open it again', async () => {
  await three.idle()
  for (const { stores } of three.parties) {
    expect(await stores.volatile.list('run-key/')).toEqual([])
    const runs = await stores.volatile.list('run/')
    for (const run of runs) expect(await stores.volatile.list(`sent/${run.slice(4)}/`)).toEqual([])
  }
})
