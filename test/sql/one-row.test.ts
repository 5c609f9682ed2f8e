/** A join with a table of one row: a comparison instead of a sort, with the same answer, and one opened bit less. */
import { expect, test } from 'vitest'
import type { ColumnType, TableSchema } from '../../shared/data/schema.ts'
import { bind } from '../../shared/sql/bind/bind.ts'
import { compile } from '../../shared/sql/compile.ts'
import { costOf } from '../../shared/sql/cost.ts'
import { parseQuery } from '../../shared/sql/parse.ts'
import { showQuery } from '../../shared/sql/query.ts'
import { compareWithOneRow } from '../../shared/sql/rules/compare-with-one-row.ts'
import { askTables } from './ask.ts'
import { answerOf, openDatabase } from './logic/database.ts'
import { answerOfReport, difference, evaluated, sorted } from './logic/three-ways.ts'
import { column } from './physical/held.ts'
import { createRandom, randomRows } from './table.ts'

const person = column('person', { kind: 'integer', min: 1, max: 40 }, { nullable: true })
const LISTED: TableSchema = {
  table: 'listed',
  columns: [
    person,
    column('until', { kind: 'date', min: '2026-01-01', max: '2026-01-31' }),
    column('score', { kind: 'integer', min: 0, max: 9 }),
  ],
}
const ONE: TableSchema = {
  table: 'applicant',
  columns: [
    { ...person, nullable: false },
    column('day', { kind: 'date', min: '2026-01-01', max: '2026-01-31' }),
  ],
  keys: [{ columns: ['person'], rowsMax: 1 }],
}
const random = createRandom(8)
const listed = { schema: LISTED, rows: randomRows(random, 70, 5, LISTED) }
/** Of somebody who is on the list, or is not. */
const applicant = (of: bigint) => {
  const rows = randomRows(random, 1, 0, ONE)
  return { schema: ONE, rows: { ...rows, columns: new Map([...rows.columns, ['person', [of]] as const]) } }
}

const STATEMENTS = [
  "SELECT COUNT(*), SUM(score) FROM listed l JOIN applicant a ON a.person = l.person WHERE until >= DATE '2026-01-08'",
  'SELECT score, COUNT(*) FROM applicant a, listed l WHERE a.person = l.person AND score > 2 GROUP BY score',
  'SELECT COUNT(*) FROM listed l JOIN applicant a ON a.person = l.person AND a.day = l.until',
  'SELECT COUNT(*), MIN(until) FROM listed l JOIN (SELECT MAX(person) AS most FROM listed) m ON l.person = m.most',
]

test.each(STATEMENTS)('%s', async sql => {
  for (const of of [listed.rows.columns.get('person')?.find(value => value !== null) as bigint, 40n]) {
    const tables = [listed, applicant(of)]
    const { report, compiled, cost } = await askTables(sql, tables, 1)
    const ours = answerOfReport(report)
    expect(difference(ours, await answerOf(await openDatabase(tables), sql), false)).toBeUndefined()
    expect(sorted(ours)).toEqual(sorted(answerOfReport(await evaluated(sql, tables, 1))))
    expect(compiled.plan.nodes.some(({ operator }) => operator === 'join')).toBe(false)
    expect(compiled.disclosure.partiesLearn.join('\n')).not.toContain('one bit')
    const announced = await costOf(compiled)
    expect({ rounds: announced.rounds, bytesPerParty: announced.bytesPerParty }).toEqual(cost)
  }
})

test('before and after; two rows stay a join', async () => {
  const sql = 'SELECT COUNT(*) FROM listed l JOIN applicant a ON a.person = l.person WHERE l.score > 3'
  const tables = [
    { schema: LISTED, rows: 70 },
    { schema: ONE, rows: 1 },
  ]
  const query = bind(await parseQuery(sql), tables)
  expect(showQuery(query).slice(0, 4)).toEqual([
    'inner join on l.person = a.person',
    '  scan listed',
    '  scan applicant',
    'filter l.score > 3',
  ])
  expect(showQuery(compareWithOneRow.apply(query)).slice(0, 4)).toEqual([
    'single join',
    '  scan listed',
    '  scan applicant',
    'filter l.score > 3 AND l.person = a.person',
  ])
  const two = bind(await parseQuery(sql), [tables[0]!, { schema: ONE, rows: 2 }])
  expect(compareWithOneRow.apply(two)).toBe(two)
})

test('a look-up of one among a million: rounds and bytes of one comparison', async () => {
  const wide = (schema: TableSchema): TableSchema => ({
    ...schema,
    columns: schema.columns.map(one =>
      one.name === 'person' ? { ...one, type: { kind: 'integer', min: 0, max: 2 ** 48 - 1 } as const } : one,
    ),
  })
  const query = await compile(STATEMENTS[0] as string, {
    tables: [
      { schema: wide(LISTED), rows: 1_000_000 },
      { schema: wide(ONE), rows: 1 },
    ],
    minimumGroupSize: 1,
  })
  const cost = await costOf(query)
  expect(cost.rounds).toBeLessThan(70)
  expect(Math.max(...cost.bytesPerParty)).toBeLessThan(40e6)
})

test('a person by name: texts are compared as well', async () => {
  const name: ColumnType = { kind: 'text', key: 'AAECAwQFBgcICQoLDA0ODw', folds: ['case'] }
  const named = (schema: TableSchema): TableSchema => ({
    ...schema,
    columns: schema.columns.map(one =>
      one.name === 'person' ? { ...one, type: name, uses: ['filter', 'join'] } : one,
    ),
  })
  const tables = [listed, applicant(7n)].map(({ schema, rows }) => ({ schema: named(schema), rows }))
  const sql = STATEMENTS[0] as string
  const { report, compiled } = await askTables(sql, tables, 1)
  expect(compiled.plan.nodes.some(({ operator }) => operator === 'join')).toBe(false)
  expect(
    difference(answerOfReport(report), await answerOf(await openDatabase(tables), sql), false),
  ).toBeUndefined()
})
