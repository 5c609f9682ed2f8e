/**
 * What a block looks like from outside: its columns with proven bounds, what their owners still allow, and how many rows
 * it has at most. A column that is made of several may be used as all of them may; a total may be used in any way, because
 * single rows, be they of totals, are shown with a minimum group size of one alone, where any group would be.
 */
import type { Column, Use } from '../../data/schema.ts'
import { scopeOf } from '../compare.ts'
import { isAlways, notNullOf } from '../contributors.ts'
import { type AggregateCall, type Expression, isAggregate, walk } from '../expression.ts'
import { columnOfExpression } from '../interval.ts'
import { columnsOfQuery, type Item, type Query } from '../query.ts'

const EVERY_USE: readonly Use[] = ['filter', 'group', 'join', 'aggregate', 'show']
const USES_OF_TOTALS: readonly Use[] = ['filter', 'group', 'join', 'aggregate', 'show']

/** What is left of the uses of all columns in an expression. */
export const usesOf = (of: Expression, columns: readonly Column[]): Column['uses'] =>
  EVERY_USE.filter(use => isAllowed(of, use, columns))

/** The columns inside of an aggregate were allowed to be aggregated when it was bound. */
const isAllowed = (of: Expression, use: Use, columns: readonly Column[]): boolean => {
  if (isAggregate(of)) return USES_OF_TOTALS.includes(use)
  if (of.kind === 'column')
    return columns.find(column => column.name === of.column)?.uses.includes(use) ?? false
  if ('left' in of) return [of.left, of.right].every(part => isAllowed(part, use, columns))
  if (of.kind === 'negate' || of.kind === 'sqrt') return isAllowed(of.of, use, columns)
  return walk(of)
    .slice(1)
    .every(part => part.kind !== 'column' || isAllowed(part, use, columns))
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
