/**
 * TPC-H at scale factor 0.001. Every statement is first held against the original wording, by DuckDB on the same rows;
 * then the evaluator and three parties answer it. TRIAS_TPCH=all also runs what takes three parties long.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerOf, openDatabase } from '../../sql/logic/database.ts'
import { answerDifference, rewritingDifference, tablesOf } from '../agreement.ts'
import { readStatements } from '../statements.ts'
import { generateTpch } from './generate.ts'

const SCALE = 0.001
/** With this seed there are suppliers in every nation that a statement names. */
const SEED = 56

/** Ten seconds to a minute each, for three parties in one process. */
const SLOW: ReadonlySet<string> = new Set('q02 q03 q05 q07 q08 q09 q10 q15 q17 q18 q20 q21'.split(' '))

const statements = readStatements(new URL('./queries/', import.meta.url))
const tables = Object.values(generateTpch(SCALE, SEED))

let database: DuckDBConnection
beforeAll(async () => {
  database = await openDatabase(tables)
})
afterAll(() => database.closeSync())

test('all 22 statements are here', () => {
  expect(statements.map(({ name }) => name)).toEqual(
    Array.from({ length: 22 }, (_, i) => `q${String(i + 1).padStart(2, '0')}`),
  )
})

test('tables have the sizes of the scale factor', () => {
  const sizes = Object.fromEntries(tables.map(({ schema, rows }) => [schema.table, rows.count]))
  expect(sizes).toMatchObject({
    region: 5,
    nation: 25,
    supplier: 10,
    part: 200,
    partsupp: 800,
    customer: 150,
    orders: 1500,
  })
  expect(sizes.lineitem).toBeGreaterThan(1500 * 3.5)
  expect(sizes.lineitem).toBeLessThan(1500 * 4.5)
})

test('keys hold, and what is declared about dates and totals', async () => {
  const count = async (sql: string): Promise<string | null | undefined> =>
    (await answerOf(database, `SELECT COUNT(*) FROM ${sql}`)).rows[0]?.[0]
  for (const { schema } of tables)
    for (const { columns, rowsMax } of schema.keys ?? [])
      expect(
        await count(
          `(SELECT 1 FROM ${schema.table} GROUP BY ${columns.join(', ')} HAVING COUNT(*) > ${rowsMax})`,
        ),
        `${schema.table} by ${columns.join(', ')}`,
      ).toBe('0')
  expect(await count('lineitem WHERE l_shipdate >= l_receiptdate')).toBe('0')
  expect(
    await count('lineitem ANTI JOIN partsupp ON l_partkey = ps_partkey AND l_suppkey = ps_suppkey'),
  ).toBe('0')
  expect(await count('orders WHERE o_custkey % 3 = 0')).toBe('0')
  expect(
    await count(
      '(SELECT o_orderkey FROM orders JOIN lineitem ON l_orderkey = o_orderkey GROUP BY o_orderkey, o_totalprice HAVING ABS(o_totalprice - SUM(l_extendedprice * (1 - l_discount) * (1 + l_tax))) > 0.005)',
    ),
  ).toBe('0')
})

describe.each(statements)('$name', statement => {
  const { name, sql } = statement
  test('the rewriting says what the original says, and says something', async () => {
    expect(await rewritingDifference(database, statement), sql).toBeUndefined()
    expect((await answerOf(database, sql)).rows.length).toBeGreaterThan(0)
  })

  test('evaluator', async () => {
    expect(
      await answerDifference(database, statement, tablesOf(sql, tables), 'evaluator'),
      sql,
    ).toBeUndefined()
  })

  const slow = SLOW.has(name) && process.env.TRIAS_TPCH !== 'all'
  test.skipIf(slow)(`three parties${slow ? ' (TRIAS_TPCH=all)' : ''}`, { timeout: 600_000 }, async () => {
    expect(
      await answerDifference(database, statement, tablesOf(sql, tables), 'three parties'),
      sql,
    ).toBeUndefined()
  })
})
