/**
 * Rows in the order of columns: the key by which they are sorted, and the sort itself.
 *
 * Slices are unsigned offsets from the column's low end, so they sort as they are; descending is their complement. Where
 * NULL, slices are 0 in every row, so one bit on top of a column puts NULLs first or last. One more bit on top of
 * everything puts rows that do not count behind all others.
 *
 * Secret: everything. Public: widths, the number of rows; of a sort one uniform permutation a pass, and one of the move.
 * The key is local; rounds and bytes are those of `radix-sort.ts` for its width.
 */
import { joinedKey, sort } from '../../protocol/radix-sort.ts'
import type { Column as Vector } from '../../protocol/rows.ts'
import type { Session } from '../../session/session.ts'
import { not, type SharedBits } from '../../sharing/shared.ts'
import type { HeldColumn, RowOrdering } from '../plan.ts'
import { conform, secretTable } from './forms.ts'
import { columnNamed, rowVectors, type Table, type TableColumn, withRows } from './table.ts'

/** Slices that name a value, NULL among them; rows are equal where all of these are. */
export const identityOf = ({ slices, notNull }: TableColumn): SharedBits[] => [
  ...slices,
  ...(notNull === undefined ? [] : [notNull.bit]),
]

const keyOfColumn = (
  { kernel, party }: Session,
  { slices, notNull }: TableColumn,
  { descending, nullsFirst }: RowOrdering,
): SharedBits[] => {
  const value = descending ? slices.map(slice => not(kernel, party, slice)) : [...slices]
  if (notNull === undefined) return value
  return [...value, nullsFirst ? notNull.bit : not(kernel, party, notNull.bit)]
}

/** The key for an order of columns that are held in bits, lowest slice first. */
const orderKey = (session: Session, table: Table, order: readonly RowOrdering[]): SharedBits[] =>
  joinedKey(...order.map(by => keyOfColumn(session, columnNamed(table, by.column), by)))

/** The same with rows that do not count behind all others. */
const validFirst = (
  { kernel, party }: Session,
  valid: SharedBits,
  key: readonly SharedBits[],
): SharedBits[] => [...key, not(kernel, party, valid)]

/** Ascending, NULLs last: for keys of groups, whose order does not matter so long as it is one. */
export const ascending = (column: string): RowOrdering => ({ column, descending: false, nullsFirst: false })

/** Domains in which columns are needed beside those in which they are held, by name; everything becomes secret. */
export const holding = (
  session: Session,
  table: Table,
  needs: ReadonlyMap<string, { readonly bits: boolean; readonly field: boolean }>,
): Promise<Table> => {
  const secret = secretTable(session, table)
  const holds = [...needs].map(([name, domains]): HeldColumn => {
    const { column } = columnNamed(secret, name)
    return { column, ...domains }
  })
  return conform(session, secret, holds)
}

/**
 * The named columns of the rows that count, in order; then the rows that do not. A column that is held in one domain
 * only travels in that one, except that the order needs bits.
 */
export const sortTable = async (
  session: Session,
  table: Table,
  order: readonly RowOrdering[],
  names: readonly string[],
): Promise<Table> => {
  const secret = secretTable(session, table)
  const needs = new Map(
    [...new Set([...order.map(by => by.column), ...names])].map(name => {
      const { slices, field } = columnNamed(secret, name)
      const isKey = order.some(by => by.column === name)
      return [name, { bits: isKey || slices.length > 0, field: field !== undefined }]
    }),
  )
  const held = await holding(session.step('input'), secret, needs)
  const key = validFirst(session, held.valid, orderKey(session, held, order))
  const moving = { ...held, columns: new Map(names.map(name => [name, columnNamed(held, name)])) }
  const moved = await sort<Vector>(session.step('sort'), key, rowVectors(moving))
  return withRows(moving, table.rows, moved)
}
