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

test('after a run nothing is left that could open it again', async () => {
  await three.idle()
  for (const { stores } of three.parties) {
    expect(await stores.volatile.list('run-key/')).toEqual([])
    const runs = await stores.volatile.list('run/')
    for (const run of runs) expect(await stores.volatile.list(`sent/${run.slice(4)}/`)).toEqual([])
  }
})
