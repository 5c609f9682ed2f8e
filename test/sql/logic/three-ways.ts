/**
 * One statement, three answers as texts that can be compared: of three parties, of the plaintext evaluator, and of
 * DuckDB. NULL is null, a suppressed value is '*'.
 */
import { bind } from '../../../shared/sql/bind/bind.ts'
import { evaluate } from '../../../shared/sql/evaluate/evaluate.ts'
import type { Cell, Report } from '../../../shared/sql/finish.ts'
import { parseQuery } from '../../../shared/sql/parse.ts'
import type { Query } from '../../../shared/sql/query.ts'
import { rewrite } from '../../../shared/sql/rewrite.ts'
import { askTables } from '../ask.ts'
import type { DatabaseAnswer, TestTable } from './database.ts'

export type Answer = readonly (readonly (string | null)[])[]

const SUPPRESSED = '*'

const textOf = (cell: Cell): string | null =>
  cell === null ? null : typeof cell === 'object' ? SUPPRESSED : String(cell)

export const answerOfReport = ({ rows }: Report): Answer => rows.map(row => row.map(textOf))

/** The logical plan as the parties agree on it, after all rules. */
const queryOf = async (sql: string, tables: readonly TestTable[]): Promise<Query> =>
  rewrite(
    bind(
      await parseQuery(sql),
      tables.map(({ schema, rows }) => ({ schema, rows: rows.count })),
    ),
  )

export const evaluated = async (
  sql: string,
  tables: readonly TestTable[],
  minimumGroupSize: number,
): Promise<Report> =>
  evaluate(await queryOf(sql, tables), new Map(tables.map(({ schema, rows }) => [schema.table, rows])), {
    minimumGroupSize,
  })

export const computed = async (
  sql: string,
  tables: readonly TestTable[],
  minimumGroupSize: number,
  machine: Parameters<typeof askTables>[4] = {},
): Promise<Report> => (await askTables(sql, tables, minimumGroupSize, undefined, machine)).report

/** The rows in an order that both sides can be put into. */
export const sorted = (answer: Answer): Answer =>
  [...answer].sort((a, b) => {
    const [x, y] = [JSON.stringify(a), JSON.stringify(b)]
    return x < y ? -1 : x > y ? 1 : 0
  })

// ── what DuckDB says, in our words ──────────────────────────────────────────────────────────────────────────────────

const isNumber = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text)
const plainNumber = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)

/** How far a binary quotient may be from an exact one that was rounded to `digits` decimals. */
const floatMargin = (value: number, digits: number): number =>
  0.5000001 * 10 ** -digits + Math.abs(value) * 1e-11

const sameCell = (ours: string | null, theirs: string | null, isFloat: boolean): boolean => {
  // A total over nothing is not shown, whatever the minimum: SQL says NULL, or 0.
  if (ours === SUPPRESSED) return theirs === null || Number(theirs) === 0
  if (ours === null || theirs === null) return ours === theirs
  if (isFloat && isNumber(ours)) {
    const digits = ours.split('.')[1]?.length ?? 0
    return Math.abs(Number(ours) - Number(theirs)) <= floatMargin(Number(theirs), digits)
  }
  return isNumber(ours) && isNumber(theirs) ? plainNumber(ours) === plainNumber(theirs) : ours === theirs
}

const sameRow = (
  ours: readonly (string | null)[],
  theirs: readonly (string | null)[],
  isFloat: readonly boolean[],
): boolean =>
  ours.length === theirs.length &&
  ours.every((cell, i) => sameCell(cell, theirs[i] ?? null, isFloat[i] === true))

/** Why the answers differ, or undefined. Without `ordered` the rows are compared as a bag. */
export const difference = (ours: Answer, theirs: DatabaseAnswer, ordered: boolean): string | undefined => {
  const { rows, isFloat } = theirs
  // Of no rows at all SQL makes one group that is empty; a report does not show it.
  const only = rows.length === 1 && rows[0]?.every(cell => cell === null || cell === '0')
  if (ours.length === 0 && only) return undefined
  if (ours.length !== rows.length) return `${ours.length} rows, and DuckDB has ${rows.length}`
  if (ordered) {
    const place = ours.findIndex((row, i) => !sameRow(row, rows[i] ?? [], isFloat))
    return place < 0
      ? undefined
      : `row ${place + 1}: ${JSON.stringify(ours[place])}, and DuckDB has ${JSON.stringify(rows[place])}`
  }
  const left = [...rows]
  for (const row of ours) {
    const place = left.findIndex(other => sameRow(row, other, isFloat))
    if (place < 0) return `${JSON.stringify(row)} is not among DuckDB's: ${JSON.stringify(left.slice(0, 5))}`
    left.splice(place, 1)
  }
  return undefined
}
