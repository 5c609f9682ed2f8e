/** Groups that are found in secret data, against DuckDB: any keys, and a result no wider than the group size allows. */
import { expect, test } from 'vitest'
import type { TableSchema } from '../../shared/data/schema.ts'
import { costOf } from '../../shared/sql/cost.ts'
import { ask } from './ask.ts'
import { openTwin, readTexts } from './duckdb.ts'
import { createRandom, PAY, randomRows } from './table.ts'
import { bothAnswers, type Question, querySql } from './twin.ts'

const QUESTIONS: readonly Question[] = [
  { keys: ['hired'], aggregates: [{ kind: 'count-star' }] },
  {
    keys: ['hired', 'gender'],
    aggregates: [
      { kind: 'sum', argument: 'salary' },
      { kind: 'count', argument: 'bonus' },
    ],
    where: 'hours > 20',
  },
  {
    keys: ['left_on', 'site'],
    aggregates: [{ kind: 'avg', argument: 'salary' }, { kind: 'count-star' }],
    having: '{1} < 9 AND {0} > 3.5',
  },
  { keys: ['salary', 'bonus'], aggregates: [{ kind: 'sum', argument: 'hours' }], having: '{n} > 2' },
]

test.each(QUESTIONS)('$keys: $aggregates', async question => {
  const rows = randomRows(createRandom(21), 120, 15)
  const asked = await ask(querySql(question), rows, 2)
  expect(asked.compiled.plan.form).toBe('tables')
  expect(asked.compiled.plan.cells).toBe(67)
  const connection = await openTwin(rows)
  const { ours, theirs } = await bothAnswers(connection, question, 2, asked.report)
  expect(ours).toEqual(theirs)
  expect(ours.length).toBeGreaterThan(0)
  const cost = await costOf(asked.compiled)
  expect({ rounds: cost.rounds, bytesPerParty: cost.bytesPerParty }).toEqual(asked.cost)
})

test.each([
  'SELECT hired, COUNT(*) AS n FROM pay GROUP BY hired ORDER BY n DESC, hired LIMIT 4',
  'SELECT hired, SUM(hours) AS total FROM pay GROUP BY hired ORDER BY total, hired DESC LIMIT 3 OFFSET 2',
])('the first groups of an order are found before anything is shown: %s', async sql => {
  const rows = randomRows(createRandom(22), 120, 15)
  const { compiled, report } = await ask(sql, rows, 3)
  expect(compiled.plan.cells).toBeLessThan(6)
  const connection = await openTwin(rows)
  const expected = await readTexts(connection, sql.replace('ORDER BY', 'HAVING COUNT(*) >= 3 ORDER BY'))
  expect(report.rows.map(row => row.map(String))).toEqual(expected)
})

const SHOWN: TableSchema = {
  ...PAY,
  columns: PAY.columns.map(column => ({ ...column, uses: [...column.uses, 'show'] })),
}

test.each([
  ['SELECT COUNT(*) AS n, SUM(hours) AS total FROM pay GROUP BY hired ORDER BY n LIMIT 6', true],
  ['SELECT hired, COUNT(*) AS n FROM pay GROUP BY hired ORDER BY n LIMIT 6', false],
  ['SELECT hired, hours FROM pay ORDER BY hours LIMIT 6', true],
])('what ORDER BY finds equal stands in no order that tells of keys or owners: %s', async (sql, isMixed) => {
  const rows = randomRows(createRandom(23), 40, 0)
  const hours = rows.columns.get('hours') as (bigint | null)[]
  const hired = rows.columns.get('hired') as (bigint | null)[]
  // Every group has one row, and every row as many hours: the order alone could tell rows apart.
  hired.forEach((_, row) => {
    hired[row] = 12_000n + BigInt(row)
    if (sql.includes('hired, hours')) hours[row] = 7n
    else hours[row] = BigInt(row)
  })
  const orders = new Set<string>()
  for (const day of [1, 2, 3]) {
    // A query of another digest has another seed.
    const { report } = await ask(
      sql.replace('FROM pay', `FROM pay WHERE hired <> DATE '2000-01-0${day}'`),
      rows,
      1,
      SHOWN,
    )
    orders.add(JSON.stringify(report.rows))
  }
  expect(orders.size > 1).toBe(isMixed)
})
