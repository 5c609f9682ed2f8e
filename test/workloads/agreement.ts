/**
 * What the tests of every workload ask of a statement: that its rewriting says what the original wording says, by
 * DuckDB on the same rows, and that the plaintext evaluator and three parties give that answer.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerOf, openDatabase, type TestTable } from '../sql/logic/database.ts'
import { answerOfReport, computed, difference, evaluated } from '../sql/logic/three-ways.ts'
import { readStatements, type Statement } from './statements.ts'

const original = ({ original: sql, compared }: Statement): string => `SELECT ${compared} FROM (${sql})`

/** Why the statement differs from the original wording, or undefined. */
export const rewritingDifference = async (
  database: DuckDBConnection,
  statement: Statement,
): Promise<string | undefined> => {
  const theirs = await answerOf(database, original(statement))
  const ours = (await answerOf(database, statement.sql)).rows
  return difference(ours, theirs, false)
}

/** Why the answer of `who` differs from DuckDB's, or undefined. */
export const answerDifference = async (
  database: DuckDBConnection,
  statement: Statement,
  tables: readonly TestTable[],
  who: 'evaluator' | 'three parties',
): Promise<string | undefined> => {
  const report = await (who === 'evaluator' ? evaluated : computed)(statement.sql, tables, 1)
  return difference(answerOfReport(report), await answerOf(database, statement.sql), false)
}

/** The tables that a statement names. */
export const tablesOf = (sql: string, tables: readonly TestTable[]): readonly TestTable[] =>
  tables.filter(({ schema }) => new RegExp(`(\\bFROM|\\bJOIN|,)\\s+${schema.table}\\b`, 'i').test(sql))

/** A workload of statements that give one row each: its last column says something. */
export const testWorkload = (folder: URL, tables: readonly TestTable[]): void => {
  let database: DuckDBConnection
  beforeAll(async () => {
    database = await openDatabase(tables)
  })
  afterAll(() => database.closeSync())

  describe.each(readStatements(folder))('$name', statement => {
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
}
