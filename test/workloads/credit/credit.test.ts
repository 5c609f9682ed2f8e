/** The credit statements: rewritings against original wordings, and the answers of everyone. The seed gives the data. */
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerOf, openDatabase } from '../../sql/logic/database.ts'
import { answerDifference, rewritingDifference, tablesOf } from '../agreement.ts'
import { readStatements } from '../statements.ts'
import { generateCredit } from './generate.ts'

const SEED = 4
const tables = generateCredit(SEED)

let database: DuckDBConnection
beforeAll(async () => {
  database = await openDatabase(tables)
})
afterAll(() => database.closeSync())

describe.each(readStatements(new URL('./queries/', import.meta.url)))('$name', statement => {
  const { sql } = statement
  const used = tablesOf(sql, tables)

  test('the rewriting says what the original says, and says something', async () => {
    expect(await rewritingDifference(database, statement), sql).toBeUndefined()
    const { rows } = await answerOf(database, sql)
    expect(Number(rows[0]?.at(-1)), JSON.stringify(rows)).toBeGreaterThan(0)
  })

  test.each(['evaluator', 'three parties'] as const)('%s', async who => {
    expect(await answerDifference(database, statement, used, who), sql).toBeUndefined()
  })
})
