/**
 * A whole table between two operators: what one party holds of it. Unlike a relation that was loaded, a column may be held
 * in one domain alone, and may have been computed.
 *
 * Everywhere: slices are the bits of value - low, lowest first, and 0 where NULL; field elements are 0 where NULL. In rows
 * that do not count (`valid` 0) they may hold anything.
 */
import type { Relation } from '../../data/relation.ts'
import { type Column, rangeOf } from '../../data/schema.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { firstRows } from '../../protocol/rows.ts'
import type { SharedBits, SharedField } from '../../sharing/shared.ts'
import { scopeOf } from '../compare.ts'
import type { Frame, SecretVector } from '../operator/frame.ts'

export interface TableColumn extends SecretVector {
  readonly column: Column
}

export interface Table {
  /** Public. */
  readonly rows: number
  readonly valid: SharedBits
  /** In their order; `slices` is empty and `field` undefined where not held. */
  readonly columns: ReadonlyMap<string, TableColumn>
  /** Values of public columns while rows have not moved; such a column is not among `columns`. */
  readonly public: ReadonlyMap<string, PublicValues>
}

export interface PublicValues {
  readonly column: Column
  readonly values: readonly (bigint | null)[]
}

/** Columns of a relation under new names. */
export const tableOfRelation = (
  relation: Relation,
  names: readonly { readonly from: string; readonly column: Column }[],
): Table => ({
  rows: relation.rows,
  valid: relation.valid,
  columns: new Map(
    names.flatMap(({ from, column }): [string, TableColumn][] => {
      const secret = relation.secret.get(from)
      if (secret === undefined) return []
      const { slices, field, notNull } = secret
      return [[column.name, { column, slices, low: rangeOf(column.type).low, field, notNull }]]
    }),
  ),
  public: new Map(
    names.flatMap(({ from, column }): [string, PublicValues][] => {
      const open = relation.public.get(from)
      return open === undefined ? [] : [[column.name, { column, values: open.values }]]
    }),
  ),
})

/** What expressions and conditions over its rows are computed with. */
export const frameOf = (table: Table): Frame => {
  const columns = [...table.columns.values(), ...table.public.values()].map(({ column }) => column)
  const scope = scopeOf(columns)
  return {
    rows: table.rows,
    secret: table.columns,
    public: new Map([...table.public].map(([name, { values }]) => [name, values])),
    scope: { ...scope, isPublic: name => table.public.has(name) },
    isNullable: name => scope.column(name)?.nullable === true,
    memo: new Map(),
  }
}

/** The column, which must be held secretly. */
export const columnNamed = (table: Table, name: string): TableColumn => {
  const column = table.columns.get(name)
  if (column === undefined) throw new Error(`column ${name} is not in the table`)
  return column
}

/** Everything that moves when rows move, in a fixed order, and the way back. */
export const vectorsOf = (column: TableColumn): readonly (SharedBits | SharedField)[] => [
  ...column.slices,
  ...(column.field === undefined ? [] : [column.field]),
  ...(column.notNull === undefined ? [] : [column.notNull.bit]),
  ...(column.notNull?.field === undefined ? [] : [column.notNull.field]),
]

export const withVectors = (
  column: TableColumn,
  vectors: readonly (SharedBits | SharedField)[],
): TableColumn => {
  const rest = [...vectors]
  const slices = rest.splice(0, column.slices.length) as SharedBits[]
  const field = column.field === undefined ? undefined : (rest.shift() as SharedField)
  const bit = column.notNull === undefined ? undefined : (rest.shift() as SharedBits)
  const indicator = column.notNull?.field === undefined ? undefined : (rest.shift() as SharedField)
  return { ...column, slices, field, notNull: bit && { bit, field: indicator } }
}

/** Everything that moves when the rows of a table move: whether they count, then every column. */
export const rowVectors = (table: Table): readonly [SharedBits, ...(SharedBits | SharedField)[]] => [
  table.valid,
  ...[...table.columns.values()].flatMap(vectorsOf),
]

/** The way back: the same columns over rows that have moved, so nothing is public any more. */
export const withRows = (
  table: Table,
  rows: number,
  [valid, ...vectors]: readonly (SharedBits | SharedField)[],
): Table => ({
  rows,
  valid: valid as SharedBits,
  columns: new Map(
    [...table.columns].map(([name, column]) => [
      name,
      withVectors(column, vectors.splice(0, vectorsOf(column).length)),
    ]),
  ),
  public: new Map(),
})

export const firstOfTable = (kernel: Kernel, table: Table, rows: number): Table =>
  withRows(table, rows, firstRows(kernel, rowVectors(table), rows))
