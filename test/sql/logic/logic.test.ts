/**
 * SQL logic tests: statements with the rows that they give, in text files (read.ts has the format). Every statement is
 * answered three times, by three parties, by the plaintext evaluator and by DuckDB, and each has to give exactly the
 * rows that stand in the file. TRIAS_PENDING=1 also runs what is marked as pending.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerOf, openDatabase } from './database.ts'
import { type LogicFile, readLogic } from './read.ts'
import { type Answer, answerOfReport, computed, difference, evaluated, sorted } from './three-ways.ts'

const FOLDER = new URL('./files/', import.meta.url)
const RUN_PENDING = process.env.TRIAS_PENDING === '1'

const files = readdirSync(FOLDER).filter(name => name.endsWith('.sqltest'))

describe.each(files)('%s', name => {
  const { tables, tests }: LogicFile = readLogic(readFileSync(new URL(name, FOLDER), 'utf8'))
  let database: Awaited<ReturnType<typeof openDatabase>>
  beforeAll(async () => {
    database = await openDatabase(tables)
  })
  afterAll(() => database.closeSync())

  for (const one of tests) {
    const { line, sql, minimum, pending } = one
    const title = (who: string): string =>
      `line ${line}, ${who}${pending === undefined ? '' : ` (pending: ${pending})`}`
    const ours = pending === undefined || RUN_PENDING ? test : test.skip
    if (one.kind === 'error') {
      ours(title('refused'), async () => {
        await expect(evaluated(sql, tables, minimum), sql).rejects.toThrow(one.message)
      })
      continue
    }
    const expected = one.ordered ? one.rows : sorted(one.rows)
    const inOrder = (rows: Answer) => (one.ordered ? rows : sorted(rows))
    test(title('DuckDB'), async () => {
      expect(difference(one.rows, await answerOf(database, one.duckdb), one.ordered), sql).toBeUndefined()
    })
    ours(title('evaluator'), async () => {
      expect(inOrder(answerOfReport(await evaluated(sql, tables, minimum))), sql).toEqual(expected)
    })
    ours(title('three parties'), async () => {
      expect(inOrder(answerOfReport(await computed(sql, tables, minimum))), sql).toEqual(expected)
    })
  }
})
