/** The table of the query: which columns a name means, and what their owner allows. Every refusal names its place. */
import type { ColumnRef, Node } from 'libpg-query'
import { Refusal } from '../../base/errors.ts'
import type { Column, TableSchema, Use } from '../../data/schema.ts'
import { didYouMean } from '../close-match.ts'
import type { ParsedQuery } from '../parse.ts'
import type { Complaints } from './complaints.ts'
import { constructName } from './construct-name.ts'
import { get, locate, nameOf } from './syntax.ts'

export interface Scope extends Complaints {
  readonly columns: ReadonlyMap<string, Column>
  /** The name that a reference says, whether there is such a column or not. */
  readonly columnNamed: (ref: ColumnRef, node: Node) => string
  readonly columnOf: (ref: ColumnRef, node: Node) => Column
  /** Throws Refusal when the owner did not allow this use. */
  readonly checkUse: (column: Column, use: Use, node: Node) => void
}

export const createScope = (parsed: ParsedQuery, schema: TableSchema, complaints: Complaints): Scope => {
  const { fail, unsupported } = complaints
  const qualifier = qualifierOf(parsed, schema, complaints)
  const columns = new Map(schema.columns.map(column => [column.name, column]))

  const columnNamed = (ref: ColumnRef, node: Node): string => {
    const fields = ref.fields ?? []
    if (fields.some(field => 'A_Star' in field))
      unsupported('SELECT *', node, 'Name the group keys and aggregates; single rows are never shown.')
    const names = nameOf(fields)
    if (names.length > 2) unsupported('A column name with a schema', node)
    if (names.length === 2 && names[0] !== qualifier)
      fail(`"${names[0]}" is not a table of this query.`, node, didYouMean(names[0] as string, [qualifier]))
    return names.at(-1) as string
  }

  const columnOf = (ref: ColumnRef, node: Node): Column => {
    const name = columnNamed(ref, node)
    const column = columns.get(name)
    if (column === undefined)
      return fail(
        `There is no column "${name}" in ${schema.table}.`,
        node,
        didYouMean(name, [...columns.keys()]),
      )
    return column
  }

  const checkUse = (column: Column, use: Use, node: Node): void => {
    if (column.uses.includes(use)) return
    const verb = use === 'aggregate' ? 'aggregate' : use === 'group' ? 'group by' : 'filter by'
    throw new Refusal(
      'column-use',
      `The owner does not allow to ${verb} column "${column.name}" (${parsed.where(locate(node) ?? 0)}).`,
      { hint: `Allowed: ${column.uses.length > 0 ? column.uses.join(', ') : 'nothing'}.` },
    )
  }

  return { ...complaints, columns, columnNamed, columnOf, checkUse }
}

/** The name that qualifies columns: of the only table, or its alias. */
const qualifierOf = (
  { select }: ParsedQuery,
  schema: TableSchema,
  { fail, unsupported }: Complaints,
): string => {
  const from = select.fromClause ?? []
  const range = get(from[0], 'RangeVar')
  if (from.length === 0) fail('The query has no FROM.', 0)
  if (from.length > 1) unsupported('A join (several tables in FROM)', from[1])
  if (range === undefined) return unsupported(constructName(from[0] as Node), from[0])
  const tableName = range.relname as string
  if (range.schemaname !== undefined || range.catalogname !== undefined)
    unsupported('A table name with a schema', from[0], `Write the table alone: ${schema.table}.`)
  if (tableName !== schema.table)
    fail(`There is no table "${tableName}".`, from[0], didYouMean(tableName, [schema.table]))
  if (range.inh !== true) unsupported('ONLY', from[0])
  if (range.alias?.colnames !== undefined) unsupported('Renaming columns in FROM', from[0])
  return range.alias?.aliasname ?? tableName
}
