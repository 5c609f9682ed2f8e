/**
 * What a block looks like from outside: its columns with proven bounds, what their owners still allow, and how many rows
 * it has at most. A column that is made of several may be used as all of them may; an aggregate as a column may be
 * filtered, grouped by and aggregated, but its values are of groups, so it is never shown row by row.
 */
import type { Column, Use } from '../../data/schema.ts'
import { scopeOf } from '../compare.ts'
import { isAlways, notNullOf } from '../contributors.ts'
import { type AggregateCall, type Expression, isAggregate, walk } from '../expression.ts'
import { columnOfExpression } from '../interval.ts'
import { columnsOfQuery, type Item, type Query } from '../query.ts'

const EVERY_USE: readonly Use[] = ['filter', 'group', 'join', 'aggregate', 'show']
const USES_OF_TOTALS: readonly Use[] = ['filter', 'group', 'aggregate']

/** What is left of the uses of all columns in an expression. */
export const usesOf = (of: Expression, columns: readonly Column[]): Column['uses'] =>
  EVERY_USE.filter(use =>
    walk(of).every(part =>
      isAggregate(part)
        ? USES_OF_TOTALS.includes(use)
        : part.kind !== 'column' || isAllowed(part.column, use, of, columns),
    ),
  )

/** The columns inside of an aggregate were allowed to be aggregated when it was bound. */
const isAllowed = (name: string, use: Use, of: Expression, columns: readonly Column[]): boolean =>
  walk(of).some(isAggregate) || (columns.find(column => column.name === name)?.uses.includes(use) ?? false)

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
      case 'ratio':
        throw new Error('AVG is rewritten later')
    }
  })
}
