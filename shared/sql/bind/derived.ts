/**
 * What a block looks like from outside: its columns with proven bounds, what their owners still allow, and how many rows
 * it has at most. To show a column in an inner block is no use of its own: it carries the uses of what it is made of
 * outwards, and each use there is checked against them. A column that is made of several may be used as all of them may; a total may be used in any way, because
 * single rows, be they of totals, are shown with a minimum group size of one alone, where any group would be.
 */
import type { Column, Use } from '../../data/schema.ts'
import { scopeOf } from '../compare.ts'
import { isAlways, notNullOf } from '../contributors.ts'
import { type AggregateCall, type Expression, isAggregate, walk } from '../expression.ts'
import { columnOfExpression } from '../interval.ts'
import { columnsOfQuery, type Item, type Query } from '../query.ts'

const EVERY_USE: readonly Use[] = ['filter', 'group', 'join', 'aggregate', 'show']

/** What is left of the uses of all columns in an expression. */
export const usesOf = (of: Expression, columns: readonly Column[]): Column['uses'] =>
  EVERY_USE.filter(use => columnsNotAllowed(of, use, columns).length === 0)

/**
 * Columns whose owner does not allow an expression over them to be used so. The columns inside of an aggregate were
 * allowed to be aggregated when it was bound.
 */
export const columnsNotAllowed = (
  of: Expression,
  use: Use,
  columns: readonly Column[],
): readonly Column[] => {
  const inner = (part: Expression): readonly Column[] => columnsNotAllowed(part, use, columns)
  if (isAggregate(of)) return []
  if (of.kind === 'column') {
    const column = columns.find(({ name }) => name === of.column)
    if (column === undefined) throw new Error(`column ${of.column} is not in scope`)
    return column.uses.includes(use) ? [] : [column]
  }
  if ('left' in of) return [of.left, of.right].flatMap(inner)
  if (of.kind === 'negate' || of.kind === 'sqrt') return inner(of.of)
  return walk(of)
    .slice(1)
    .flatMap(part => (part.kind === 'column' ? inner(part) : []))
}

export const rowsOfQuery = ({ from, grouped, keys, limit }: Query): number => {
  const rows = grouped && keys.length === 0 ? 1 : from.rows
  return limit === null ? rows : Math.min(rows, limit)
}

/** Whether an expression over rows or groups may be NULL. */
const isNullable = (query: Query, of: Expression): boolean => {
  const columns = columnsOfQuery(query)
  const nullable = (name: string): boolean => columns.find(column => column.name === name)?.nullable !== false
  const ofTotal = (call: AggregateCall): boolean => {
    if (call.kind === 'count-star' || call.kind === 'count' || call.kind === 'count-distinct') return false
    // Over no rows at all there is no total; a group by keys has rows.
    return query.keys.length === 0 || !isAlways(notNullOf(call.of, nullable))
  }
  const totals = walk(of).filter(isAggregate)
  return totals.length > 0 ? totals.some(ofTotal) : !isAlways(notNullOf(of, nullable))
}

/** The columns of a block, in the order of its items. */
export const columnsOfItems = (query: Query): readonly Column[] => {
  const columns = columnsOfQuery(query)
  const scope = { column: scopeOf(columns).column, rows: query.from.rows }
  const column = (name: string, of: Expression): Column =>
    columnOfExpression(name, of, scope, { nullable: isNullable(query, of), uses: usesOf(of, columns) })
  return query.items.map((item: Item): Column => {
    switch (item.kind) {
      case 'key':
        return { ...(query.keys[item.key] as Column), name: item.name }
      case 'aggregate':
        return column(item.name, query.aggregates[item.aggregate] as AggregateCall)
      case 'value':
      case 'formula':
        return column(item.name, item.of)
      default:
        throw new Error('AVG is rewritten later')
    }
  })
}
