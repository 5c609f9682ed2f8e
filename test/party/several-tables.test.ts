/** A report over the tables of two owners that describe different things: joined by three parties, exact, and unseen. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startThreeParties, type ThreeParties } from '../../functions/local/three-parties.ts'
import type { Column, TableSchema } from '../../shared/data/schema.ts'
import { type Cast, castOf, found } from '../support/federation.ts'

const column = (name: string, type: Column['type']): Column => ({
  name,
  type,
  nullable: false,
  visibility: 'secret',
  uses: ['filter', 'group', 'join', 'aggregate'],
})
const ID = { kind: 'integer', min: 1, max: 100 } as const
const PATIENTS: TableSchema = {
  table: 'patients',
  columns: [column('id', ID), column('ward', { kind: 'integer', min: 1, max: 5000 })],
  keys: [{ columns: ['id'], rowsMax: 1 }],
}
const VISITS: TableSchema = {
  table: 'visits',
  columns: [column('patient', ID), column('cost', { kind: 'decimal', scale: 2, min: '0', max: '999.99' })],
}
const SQL = `SELECT ward, COUNT(*) AS visits, SUM(cost) AS cost, MEDIAN(cost) AS middle
  FROM visits JOIN patients ON patient = id GROUP BY ward ORDER BY cost DESC LIMIT 2`

let three: ThreeParties
let cast: Cast
beforeAll(async () => {
  three = await startThreeParties()
  cast = await castOf(three)
  await found(cast)
})
afterAll(() => three.close())

const run = async (patients: readonly (readonly number[])[]) => {
  const [north, south] = cast.owners
  const nothing = () => {}
  const versions = [
    await cast.push(north, patients, nothing, PATIENTS),
    await cast.push(
      south,
      [
        [7, '10.50'],
        [7, '20.00'],
        [8, '5.25'],
        [9, '1.00'],
        [9, '2.00'],
        [50, '999.00'],
      ],
      nothing,
      VISITS,
    ),
  ]
  const request = await cast.ask(versions, { sql: SQL })
  for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
  return { request, status: await cast.ended(0, request) }
}

test('groups of the joined rows, the first in order, and no more', async () => {
  const { request, status } = await run([
    [7, 4711],
    [8, 4711],
    [9, 12],
    [10, 12],
  ])
  expect(status).toMatchObject({ state: 'done' })
  expect(status.round).toBe(status.roundsTotal)
  expect(status.bytes).toBe(status.bytesTotal)
  const report = await cast.report(request)
  expect(report.rows).toEqual([
    [4711, 3, '35.75', '10.500'],
    [12, 2, '3.00', '1.500'],
  ])
  expect(report.counts).toEqual({ shown: 2, suppressed: null })
})

test('an owner whose key is not unique stops the run, and nothing is shown', async () => {
  const { status } = await run([
    [7, 1],
    [7, 2],
  ])
  expect(status).toMatchObject({ state: 'aborted', reason: { check: 'key-not-unique' } })
})
