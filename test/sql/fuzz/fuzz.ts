/**
 * One seed: tables, a statement, and whether everyone agrees. As plain SQL (a minimum of 0) the evaluator has to say
 * what DuckDB says; with a minimum, three parties have to say what the evaluator says, suppressed values and all. A
 * statement that the planner refuses is counted and not compared.
 */

import { loadKernel } from '../../../functions/party/load-kernel.ts'
import { InputError, Refusal } from '../../../shared/base/errors.ts'
import { createNativeSha256 } from '../../../shared/crypto/native-hash.ts'
import { nativeKeystream } from '../../../shared/prss/native-keystream.ts'
import { answerOf, type DatabaseAnswer, openDatabase, type TestTable } from '../logic/database.ts'
import { answerOfReport, computed, difference, evaluated, sorted } from '../logic/three-ways.ts'
import { createRandom } from '../table.ts'
import { randomTables, withWords } from './data.ts'
import { randomStatement, type Statement, smallerThan, sqlOf } from './statement.ts'

export type Outcome =
  | { readonly kind: 'agreed' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly report: string }

interface Case {
  readonly tables: readonly TestTable[]
  readonly statement: Statement
  readonly minimum: number
}

/** What parties run with: the kernel and the hashes of production, which the logic tests do without. */
const MACHINE = { kernel: loadKernel(), keystream: nativeKeystream, createHash: createNativeSha256 }

const refusalOf = (error: unknown): string | undefined =>
  error instanceof InputError || error instanceof Refusal ? error.message : undefined

const trouble = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

type Verdict = { readonly refused: string } | { readonly failed: string } | undefined

/** DuckDB's optimiser has faults of its own: a statement that it breaks on is answered without it. */
const databaseAnswer = async (tables: readonly TestTable[], sql: string): Promise<DatabaseAnswer> => {
  const database = await openDatabase(tables)
  try {
    return await answerOf(database, sql)
  } catch (error) {
    if (!String(error).includes('INTERNAL Error')) throw error
  } finally {
    database.closeSync()
  }
  const another = await openDatabase(tables)
  try {
    await another.run('PRAGMA disable_optimizer')
    return await answerOf(another, sql)
  } finally {
    another.closeSync()
  }
}

const compare = async ({ tables, statement, minimum }: Case): Promise<Verdict> => {
  const sql = sqlOf(statement)
  let theirs: DatabaseAnswer
  try {
    theirs = await databaseAnswer(tables, withWords(sql))
  } catch (error) {
    return { failed: `DuckDB: ${trouble(error)}` }
  }
  try {
    const plain = difference(answerOfReport(await evaluated(sql, tables, 0)), theirs, statement.tail !== '')
    if (plain !== undefined) return { failed: `evaluator and DuckDB: ${plain}` }
    const ours = sorted(answerOfReport(await computed(sql, tables, minimum, MACHINE)))
    const wanted = sorted(answerOfReport(await evaluated(sql, tables, minimum)))
    if (JSON.stringify(ours) === JSON.stringify(wanted)) return undefined
    return { failed: `three parties: ${JSON.stringify(ours)}, evaluator: ${JSON.stringify(wanted)}` }
  } catch (error) {
    const refused = refusalOf(error)
    return refused === undefined ? { failed: trouble(error) } : { refused }
  }
}

const withoutRow = (tables: readonly TestTable[], place: number, row: number): readonly TestTable[] =>
  tables.map((table, i) =>
    i !== place
      ? table
      : { ...table, rows: { ...table.rows, valid: table.rows.valid.map((valid, j) => valid && j !== row) } },
  )

const smallerCases = (of: Case): readonly Case[] => [
  ...smallerThan(of.statement).map(statement => ({ ...of, statement })),
  ...(of.minimum > 1 ? [{ ...of, minimum: 1 }] : []),
  ...of.tables.flatMap(({ rows }, place) =>
    rows.valid.flatMap((valid, row) => (valid ? [{ ...of, tables: withoutRow(of.tables, place, row) }] : [])),
  ),
]

const ATTEMPTS = 150

/** Takes parts and rows away for as long as it still fails. */
const minimised = async (of: Case, failed: string): Promise<{ of: Case; failed: string }> => {
  let best = { of, failed }
  let attempts = 0
  for (let changed = true; changed && attempts < ATTEMPTS; ) {
    changed = false
    for (const smaller of smallerCases(best.of)) {
      if (attempts++ >= ATTEMPTS) break
      const verdict = await compare(smaller)
      if (verdict === undefined || !('failed' in verdict) || verdict.failed.startsWith('DuckDB')) continue
      best = { of: smaller, failed: verdict.failed }
      changed = true
      break
    }
  }
  return best
}

const showTable = ({ schema, rows }: TestTable): string => {
  const lines = rows.valid.flatMap((valid, row) =>
    valid ? [`    ${schema.columns.map(({ name }) => `${rows.columns.get(name)?.[row]}`).join(' ')}`] : [],
  )
  const columns = schema.columns.map(
    ({ name, type, nullable, visibility }) =>
      `    ${name} ${JSON.stringify(type)}${nullable ? ' null' : ''} ${visibility}`,
  )
  return [`  ${schema.table}`, ...columns, ...lines].join('\n')
}

export const runSeed = async (seed: number): Promise<Outcome> => {
  const random = createRandom(seed)
  const one: Case = {
    tables: randomTables(random),
    statement: randomStatement(random),
    minimum: random.pick([1, 1, 2, 3]),
  }
  const verdict = await compare(one)
  if (verdict === undefined) return { kind: 'agreed' }
  if ('refused' in verdict) return { kind: 'refused', reason: verdict.refused }
  const { of, failed } = verdict.failed.startsWith('DuckDB')
    ? { of: one, failed: verdict.failed }
    : await minimised(one, verdict.failed)
  return {
    kind: 'failed',
    report: [
      `seed ${seed}: ${sqlOf(one.statement)}`,
      `k = ${of.minimum}, shortened: ${sqlOf(of.statement)}`,
      failed,
      ...of.tables.map(showTable),
    ].join('\n'),
  }
}
