/**
 * The check between a source and dealing: every cell against the schema, and every violation at once, so that an owner
 * repairs a source in one pass. A violation says where and what, never what the cell held.
 */

import type { EncodedColumn } from './deal.ts'
import type { Column, TableSchema } from './schema.ts'
import { type CellProblem, encoderOf, type RawValue } from './value.ts'

/** What a source gave: names and, in the same order, one array of cells each; null is NULL. */
export interface RawTable {
  readonly names: readonly string[]
  readonly columns: readonly (readonly (RawValue | null)[])[]
}

interface Violation extends CellProblem {
  /** Counted from 1 without a header line; null when the column as a whole is meant. */
  readonly row: number | null
  readonly column: string
}

export type CheckedRows =
  | { readonly ok: true; readonly rows: number; readonly columns: readonly EncodedColumn[] }
  | { readonly ok: false; readonly rows: number; readonly violations: readonly Violation[] }

const MISSING: CellProblem = { problem: 'missing column', hint: 'Select it from the source under this name.' }
const EXTRA: CellProblem = {
  problem: 'extra column',
  hint: 'The schema does not name it; leave it out of the selection.',
}
const REPEATED: CellProblem = { problem: 'repeated column', hint: 'Select each column once.' }
const NULL_CELL: CellProblem = {
  problem: 'NULL in a column that is not nullable',
  hint: 'Fill it in, leave the row out, or declare the column nullable.',
}

/** Violations come column by column in the order of the schema, rows ascending, then the columns it does not name. */
export const checkRows = (schema: TableSchema, source: RawTable): CheckedRows => {
  const rows = source.columns[0]?.length ?? 0
  if (source.columns.length !== source.names.length || source.columns.some(cells => cells.length !== rows))
    throw new RangeError('a source gives one array of the same length for each name')

  const violations: Violation[] = []
  const columns = schema.columns.map((column): EncodedColumn => {
    const place = source.names.indexOf(column.name)
    if (place >= 0) return encodeColumn(column, source.columns[place] ?? [], violations)
    violations.push({ row: null, column: column.name, ...MISSING })
    return []
  })
  const known = new Set(schema.columns.map(column => column.name))
  source.names.forEach((name, i) => {
    if (!known.has(name)) violations.push({ row: null, column: name, ...EXTRA })
    else if (source.names.indexOf(name) !== i) violations.push({ row: null, column: name, ...REPEATED })
  })
  return violations.length === 0 ? { ok: true, rows, columns } : { ok: false, rows, violations }
}

/** Appends what is wrong to `violations`. */
const encodeColumn = (
  column: Column,
  cells: readonly (RawValue | null)[],
  violations: Violation[],
): EncodedColumn => {
  const encode = encoderOf(column.type)
  return cells.map((cell, r) => {
    if (cell === null && column.nullable) return null
    const encoded = cell === null ? NULL_CELL : encode(cell)
    if (typeof encoded === 'bigint') return encoded
    violations.push({ row: r + 1, column: column.name, ...encoded })
    return null
  })
}
