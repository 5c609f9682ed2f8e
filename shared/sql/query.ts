/** The logical plan: one query over one table, bound to its schema. Rules rewrite it; lowering makes it oblivious. */
import type { Column, TableSchema } from '../data/schema.ts'
import { type AggregateCall, type Predicate, show, showPredicate } from './expression.ts'

/** What the report shows in one column. */
export type Item = { readonly name: string } & (
  | { readonly kind: 'key'; readonly key: number }
  /** Index into `aggregates`. */
  | { readonly kind: 'aggregate'; readonly aggregate: number }
  /** AVG after its rule: the recipient divides. */
  | { readonly kind: 'ratio'; readonly sum: number; readonly count: number }
)

export interface OrderBy {
  readonly by: { readonly kind: 'output' | 'key'; readonly index: number }
  readonly descending: boolean
  readonly nullsFirst: boolean
}

export interface Query {
  readonly schema: TableSchema
  readonly where: Predicate | null
  readonly keys: readonly Column[]
  readonly aggregates: readonly AggregateCall[]
  readonly having: Predicate | null
  readonly items: readonly Item[]
  readonly order: readonly OrderBy[]
  readonly limit: number | null
  readonly offset: number
}

/** The plan for people, one line an operator, from the source to the result. */
export const showQuery = (query: Query): readonly string[] => {
  const { schema, where, keys, aggregates, having, items, order, limit, offset } = query
  const aggregate = (index: number): string => show(aggregates[index] as AggregateCall)
  const item = (of: Item): string => {
    const text =
      of.kind === 'key'
        ? (keys[of.key]?.name as string)
        : of.kind === 'aggregate'
          ? aggregate(of.aggregate)
          : `${aggregate(of.sum)} / ${aggregate(of.count)}`
    return text === of.name ? text : `${text} AS ${of.name}`
  }
  const ordering = ({ by, descending, nullsFirst }: OrderBy): string =>
    `${(by.kind === 'key' ? keys[by.index] : items[by.index])?.name} ${descending ? 'DESC' : 'ASC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`
  return [
    `scan ${schema.table}`,
    ...(where === null ? [] : [`filter ${showPredicate(where)}`]),
    `aggregate [${aggregates.map(show).join(', ')}]${keys.length > 0 ? ` by [${keys.map(key => key.name).join(', ')}]` : ''}`,
    ...(having === null ? [] : [`having ${showPredicate(having)}`]),
    `project [${items.map(item).join(', ')}]`,
    ...(order.length > 0 ? [`order [${order.map(ordering).join(', ')}]`] : []),
    ...(limit !== null || offset > 0
      ? [`limit ${limit ?? 'all'}${offset > 0 ? ` offset ${offset}` : ''}`]
      : []),
  ]
}
