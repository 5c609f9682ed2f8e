/**
 * Columns whose zeros say that a row does not count. A sum over such a column counts the other rows, in effect, so only
 * they are its contributors: SUM(flag) tells how many rows have the flag, as COUNT(*) FILTER (WHERE …) would.
 *
 *   - a column that is declared to be 0 or 1;
 *   - what an inner query makes of CASE … ELSE 0 and the like, or of a count that may be 0, wherever it is carried to.
 *
 * By the text of the query and the declared types alone, so that all parties find the same.
 */
import { rangeOf } from '../data/schema.ts'
import { contributesOf, isAlways, notNullOf, showIndicator } from './contributors.ts'
import { type AggregateCall, type Expression, isAggregate, walk } from './expression.ts'
import { columnsOfQuery, type Item, type Query, type Source } from './query.ts'

/** Of a block: whether a zero in the named column says that the row does not count. */
export const countsByZero =
  (query: Query) =>
  (name: string): boolean => {
    const made = query.computed.find(({ column }) => column.name === name)
    if (made !== undefined) return ofExpression(query, made.of)
    const call = query.windows.find(({ column }) => column.name === name)
    if (call?.kind === 'lag') return countsByZero(query)(call.of)
    if (call?.kind === 'sum') return ofTotal(query, { kind: 'sum', of: call.of })
    return call === undefined && [query.from, ...query.beside].some(source => inSource(source, name))
  }

const inSource = (source: Source, name: string): boolean => {
  const found = source.columns.find(({ column }) => column.name === name)
  if (found === undefined) return false
  const { column, inside } = found
  if (column.type.kind !== 'integer' && column.type.kind !== 'decimal') return false
  const { low, high } = rangeOf(column.type)
  if (low > 0n || high < 0n) return false
  switch (source.kind) {
    case 'table':
      return column.type.kind === 'integer' && low === 0n && high === 1n
    case 'derived': {
      const item = source.query.items.find(one => one.name === inside)
      return item !== undefined && ofItem(source.query, item)
    }
    case 'union': {
      const place = source.queries[0]?.items.findIndex(one => one.name === inside) ?? -1
      return source.queries.some(query => query.items[place] && ofItem(query, query.items[place]))
    }
    case 'filter':
      return inSource(source.input, inside)
    case 'join':
      return [source.left, source.right].some(side => inSource(side, inside))
  }
}

const ofItem = (query: Query, item: Item): boolean => {
  switch (item.kind) {
    case 'key':
      return countsByZero(query)(query.keys[item.key]?.name as string)
    case 'aggregate':
      return ofTotal(query, query.aggregates[item.aggregate] as AggregateCall)
    case 'ratio':
      return false
    case 'formula':
    case 'value':
      return ofExpression(query, item.of)
  }
}

const nullableIn = (query: Query): ((name: string) => boolean) => {
  const columns = columnsOfQuery(query)
  return name => columns.find(column => column.name === name)?.nullable !== false
}

const ofExpression = (query: Query, of: Expression): boolean => {
  if (walk(of).some(part => isAggregate(part) && ofTotal(query, part))) return true
  const nullable = nullableIn(query)
  return (
    showIndicator(contributesOf(of, nullable, countsByZero(query))) !== showIndicator(notNullOf(of, nullable))
  )
}

const ofTotal = (query: Query, of: AggregateCall): boolean => {
  const nullable = nullableIn(query)
  switch (of.kind) {
    case 'count-star':
    case 'percentile':
    case 'avg':
      return false
    case 'count':
    case 'count-distinct':
      return !isAlways(notNullOf(of.of, nullable))
    case 'sum':
      return !isAlways(contributesOf(of.of, nullable, countsByZero(query)))
    case 'min':
    case 'max':
      return ofExpression(query, of.of)
  }
}
