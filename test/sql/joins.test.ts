/** Statements over several tables: three parties, the plaintext evaluator and DuckDB give the same, to the last digit. */
import { expect, test } from 'vitest'
import type { TableSchema } from '../../shared/data/schema.ts'
import { costOf } from '../../shared/sql/cost.ts'
import { askTables } from './ask.ts'
import { answerOf, openDatabase } from './logic/database.ts'
import { answerOfReport, difference, evaluated, sorted } from './logic/three-ways.ts'
import { column } from './physical/held.ts'
import { createRandom, randomRows } from './table.ts'

const CLIENTS: TableSchema = {
  table: 'clients',
  columns: [
    column('id', { kind: 'integer', min: 1, max: 40 }),
    column('region', { kind: 'category', values: ['north', 'south'] }),
    column('credit', { kind: 'decimal', scale: 2, min: '-10.00', max: '90.00' }, { nullable: true }),
  ],
  keys: [{ columns: ['id'], rowsMax: 1 }],
}
const ORDERS: TableSchema = {
  table: 'orders',
  columns: [
    column('client', { kind: 'integer', min: 0, max: 50 }, { nullable: true }),
    column('amount', { kind: 'integer', min: -5, max: 30 }),
    column('day', { kind: 'date', min: '2024-01-01', max: '2024-01-09' }),
    column('kind', { kind: 'category', values: ['a', 'b', 'c'] }, { visibility: 'public' }),
  ],
}
const LISTED: TableSchema = { table: 'listed', columns: [column('id', { kind: 'integer', min: 1, max: 60 })] }

const random = createRandom(31)
const clientRows = randomRows(random, 30, 3, CLIENTS)
const TABLES = [
  {
    schema: CLIENTS,
    // Unique, as the schema declares.
    rows: {
      ...clientRows,
      columns: new Map([
        ...clientRows.columns,
        ['id', clientRows.valid.map((_, row) => BigInt(row + 1))] as const,
      ]),
    },
  },
  { schema: ORDERS, rows: randomRows(random, 70, 0, ORDERS) },
  { schema: LISTED, rows: randomRows(random, 20, 4, LISTED) },
]

const STATEMENTS: readonly string[] = [
  'SELECT region, COUNT(*), SUM(amount) FROM orders JOIN clients ON client = id GROUP BY region',
  'SELECT o.day, c.region, COUNT(*), SUM(o.amount * c.credit) FROM orders o, clients c WHERE o.client = c.id AND c.credit > 3.5 GROUP BY o.day, c.region',
  'SELECT kind, COUNT(*), COUNT(c.id), SUM(credit) FROM orders LEFT JOIN clients c ON client = c.id GROUP BY kind',
  'SELECT COUNT(*), SUM(amount) FROM orders WHERE client IN (SELECT id FROM listed)',
  "SELECT day, COUNT(*) FROM orders o WHERE NOT EXISTS (SELECT 1 FROM listed l WHERE l.id = o.client) AND kind <> 'c' GROUP BY day",
  'SELECT region, COUNT(*), SUM(t.total) FROM clients JOIN (SELECT client, SUM(amount) AS total, COUNT(*) AS n FROM orders GROUP BY client) t ON t.client = id WHERE t.n > 1 GROUP BY region',
  'WITH big AS (SELECT client, amount FROM orders WHERE amount > 4) SELECT amount, COUNT(*) FROM big JOIN clients ON client = id GROUP BY amount',
  'SELECT client, COUNT(*) FROM (SELECT client FROM orders UNION ALL SELECT id AS client FROM listed) x GROUP BY client',
  'SELECT day, MIN(amount), MAX(amount), COUNT(DISTINCT client), MEDIAN(amount) FROM orders GROUP BY day',
  'SELECT MIN(day), MAX(day), PERCENTILE_DISC(0.25) WITHIN GROUP (ORDER BY amount), QUANTILE_CONT(amount, 0.9) FROM orders',
  'SELECT region, MEDIAN(credit) FROM clients GROUP BY region',
  'SELECT kind, AVG(amount), SUM(amount) / COUNT(*) AS mean, VAR_POP(amount), STDDEV_SAMP(amount) FROM orders GROUP BY kind',
  'SELECT CORR(amount, credit), REGR_SLOPE(amount, credit), COVAR_SAMP(amount, credit) FROM orders JOIN clients ON client = id',
  'SELECT amount * 2 AS twice, COUNT(*) FROM orders GROUP BY amount * 2',
  'SELECT DISTINCT amount FROM orders',
  'SELECT id FROM clients WHERE EXISTS (SELECT 1 FROM orders WHERE client = clients.id AND amount > 10)',
  "SELECT id, credit FROM clients WHERE region = 'north' ORDER BY credit DESC NULLS LAST, id LIMIT 4",
  'SELECT client, SUM(amount) AS total FROM orders GROUP BY client ORDER BY total DESC, client LIMIT 3',
  'SELECT region, COUNT(*), SUM(amount) FROM (SELECT client, amount, ROW_NUMBER() OVER (PARTITION BY client ORDER BY amount DESC) AS n FROM orders) t JOIN clients ON client = id WHERE n = 1 GROUP BY region',
  'SELECT COUNT(*), SUM(amount - before) FROM (SELECT amount, LAG(amount) OVER (PARTITION BY client ORDER BY day, amount) AS before FROM orders) t WHERE before IS NOT NULL',
  'SELECT COUNT(*) FROM (SELECT amount, SUM(amount) OVER (PARTITION BY client) AS total FROM orders) t WHERE amount * 2 > total',
  'SELECT COUNT(*), SUM(r) FROM (SELECT SUM(amount) OVER (PARTITION BY client ORDER BY day, amount ROWS UNBOUNDED PRECEDING) AS r FROM orders) t',
  'SELECT SUM(amount), COUNT(*) FROM (SELECT amount FROM orders ORDER BY amount DESC LIMIT 5) t',
  'SELECT COUNT(*) FROM orders, (SELECT MAX(credit) AS most FROM clients) c WHERE amount > c.most - 70',
  'SELECT EXTRACT(MONTH FROM day) AS m, EXTRACT(YEAR FROM day) AS y, COUNT(*), SUM(COALESCE(credit, 2.5)), SUM(ABS(amount)) FROM orders LEFT JOIN clients ON client = id GROUP BY EXTRACT(MONTH FROM day), EXTRACT(YEAR FROM day)',
  "SELECT region, SUM(NULLIF(credit, 90)), COUNT(*) FROM clients WHERE region LIKE '%th' AND region NOT ILIKE 'SO_th' GROUP BY region",
  'SELECT a.id, b.amount FROM clients a JOIN orders b ON b.client = a.id WHERE b.amount > 20',
]

const database = await openDatabase(TABLES)

test.each(STATEMENTS)('%s', async sql => {
  const { report, compiled, cost } = await askTables(sql, TABLES, 1)
  const ordered = sql.includes('ORDER BY') && sql.includes('LIMIT')
  const ours = answerOfReport(report)
  expect(difference(ours, await answerOf(database, sql), ordered)).toBeUndefined()
  const plain = answerOfReport(await evaluated(sql, TABLES, 1))
  expect(ordered ? ours : sorted(ours)).toEqual(ordered ? plain : sorted(plain))
  expect(ours.length).toBeGreaterThan(0)
  const announced = await costOf(compiled)
  expect({ rounds: announced.rounds, bytesPerParty: announced.bytesPerParty }).toEqual(cost)
})

test('a key that is not unique after all stops the run', async () => {
  const [clients, orders] = TABLES as [(typeof TABLES)[0], (typeof TABLES)[0]]
  const twice = clients.rows.valid.map(() => 7n)
  const lying = {
    ...clients,
    rows: { ...clients.rows, columns: new Map([...clients.rows.columns, ['id', twice]]) },
  }
  await expect(
    askTables(
      'SELECT region, COUNT(*) FROM orders JOIN clients ON client = id GROUP BY region',
      [lying, orders],
      1,
    ),
  ).rejects.toMatchObject({ check: 'key-not-unique' })
})
