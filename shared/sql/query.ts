/**
 * The logical plan: blocks of one SELECT each, bound to the columns of what they read. A block reads a source, which may
 * be a table, other blocks, or joins of those. Rules rewrite blocks; lowering makes them oblivious.
 */
import type { Column, TableSchema } from '../data/schema.ts'
import { type AggregateCall, type Expression, type Predicate, show, showPredicate } from './expression.ts'
import type { OwnerRule } from './owners.ts'
import type { RowOrdering } from './plan.ts'

/** A column of a source under the name by which its block speaks of it, and its name inside of the source. */
export interface SourceColumn {
  readonly column: Column
  readonly inside: string
}

/** `semi` and `anti` give the rows of the left side that have, or lack, a match; `single` sets one row beside all. */
export type JoinKind = 'inner' | 'left' | 'semi' | 'anti' | 'single'

export type Source = {
  /** Public bound of its rows; exact for tables. */
  readonly rows: number
  /** Names differ within a source, and within a block: `alias.column` where a block reads more than one source. */
  readonly columns: readonly SourceColumn[]
} & (
  | { readonly kind: 'table'; readonly schema: TableSchema; readonly alias: string }
  | { readonly kind: 'derived'; readonly query: Query; readonly alias: string }
  /** UNION ALL: columns by place, under the names of the first. */
  | { readonly kind: 'union'; readonly queries: readonly Query[]; readonly alias: string }
  /** Rows that fulfil a condition, below a join; under the names of the input. */
  | { readonly kind: 'filter'; readonly input: Source; readonly where: Predicate }
  | {
      readonly kind: 'join'
      readonly join: JoinKind
      readonly left: Source
      readonly right: Source
      /** Equalities, by column names of either side. Never empty but for `single`. */
      readonly on: readonly { readonly left: string; readonly right: string }[]
      /** Rows of the right side that one row of the left side may meet; 1 but for declared bounds. */
      readonly matchesMax: number
    }
)

/** A column that is made of the other columns of its row before rows are filtered or grouped. */
export interface Computed {
  readonly column: Column
  readonly of: Expression
}

/** A column that looks at other rows of the same partition; a block with windows has no groups. */
export type WindowCall = {
  readonly column: Column
  readonly partition: readonly string[]
  readonly order: readonly RowOrdering[]
} & (
  | { readonly kind: 'row-number' }
  /**
   * Sum up to and including this row, with `peers` including those that are equal to it in the order; without `order`,
   * over the whole partition.
   */
  | { readonly kind: 'sum'; readonly of: Expression; readonly peers: boolean }
  /** The value of the row before, NULL in the first row. */
  | { readonly kind: 'lag'; readonly of: string }
)

/** What the report, or the block around, sees in one column. */
export type Item = { readonly name: string } & (
  | { readonly kind: 'key'; readonly key: number }
  /** Index into `aggregates`. */
  | { readonly kind: 'aggregate'; readonly aggregate: number }
  /** AVG after its rule: the recipient divides. */
  | { readonly kind: 'ratio'; readonly sum: number; readonly count: number }
  /** Of keys and aggregates: the recipient computes it of what it has learned. In an inner block without division. */
  | { readonly kind: 'formula'; readonly of: Expression }
  /** A value of one row, in a block without groups. */
  | { readonly kind: 'value'; readonly of: Expression }
)

export interface OrderBy {
  readonly by: { readonly kind: 'output' | 'key'; readonly index: number }
  readonly descending: boolean
  readonly nullsFirst: boolean
}

export interface Query {
  readonly from: Source
  /** Sources of one row, set beside every group: totals of other blocks that HAVING and items speak of. */
  readonly beside: readonly Source[]
  readonly computed: readonly Computed[]
  readonly where: Predicate | null
  readonly windows: readonly WindowCall[]
  /** False: the block gives rows, not groups. */
  readonly grouped: boolean
  /** Columns of the source, or computed. */
  readonly keys: readonly Column[]
  readonly aggregates: readonly AggregateCall[]
  readonly having: Predicate | null
  readonly items: readonly Item[]
  readonly order: readonly OrderBy[]
  readonly limit: number | null
  readonly offset: number
  /** Of the outermost block, where owners demand that several of them contribute. */
  readonly ownerRules?: readonly OwnerRule[]
}

/** Every column that the conditions and expressions of a block may name. */
export const columnsOfQuery = ({ from, beside, computed, windows }: Query): readonly Column[] => [
  ...[from, ...beside].flatMap(source => source.columns.map(({ column }) => column)),
  ...computed.map(({ column }) => column),
  ...windows.map(({ column }) => column),
]

/** Names of the base tables that a block reads, those of inner blocks included. */
export const tablesRead = ({ from, beside }: Query): ReadonlySet<string> =>
  new Set([from, ...beside].flatMap(tablesOfSource))

const tablesOfSource = (source: Source): readonly string[] => {
  switch (source.kind) {
    case 'table':
      return [source.schema.table]
    case 'derived':
      return [...tablesRead(source.query)]
    case 'union':
      return source.queries.flatMap(query => [...tablesRead(query)])
    case 'filter':
      return tablesOfSource(source.input)
    case 'join':
      return [...tablesOfSource(source.left), ...tablesOfSource(source.right)]
  }
}

// ── for people ──────────────────────────────────────────────────────────────────────────────────────────────────────

const indent = (lines: readonly string[]): readonly string[] => lines.map(line => `  ${line}`)

const showSource = (source: Source): readonly string[] => {
  switch (source.kind) {
    case 'table':
      return [
        source.alias === source.schema.table
          ? `scan ${source.schema.table}`
          : `scan ${source.schema.table} AS ${source.alias}`,
      ]
    case 'derived':
      return [`derived ${source.alias}`, ...indent(showQuery(source.query))]
    case 'union':
      return [
        `union all ${source.alias}`,
        ...source.queries.flatMap(query => ['  of', ...indent(indent(showQuery(query)))]),
      ]
    case 'filter':
      return [`filter ${showPredicate(source.where)}`, ...indent(showSource(source.input))]
    case 'join': {
      const on = source.on.map(({ left, right }) => `${left} = ${right}`).join(' AND ')
      const most = source.matchesMax > 1 ? `, at most ${source.matchesMax} matches a row` : ''
      return [
        `${source.join} join${on === '' ? '' : ` on ${on}`}${most}`,
        ...indent(showSource(source.left)),
        ...indent(showSource(source.right)),
      ]
    }
  }
}

const showRowOrder = ({ column, descending, nullsFirst }: RowOrdering): string =>
  `${column} ${descending ? 'DESC' : 'ASC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`

const showWindow = (call: WindowCall): string => {
  const head =
    call.kind === 'row-number'
      ? 'ROW_NUMBER()'
      : call.kind === 'sum'
        ? `SUM(${show(call.of)})`
        : `LAG(${call.of})`
  const over = [
    ...(call.partition.length > 0 ? [`PARTITION BY ${call.partition.join(', ')}`] : []),
    ...(call.order.length > 0 ? [`ORDER BY ${call.order.map(showRowOrder).join(', ')}`] : []),
    ...(call.kind === 'sum' && call.peers ? ['RANGE UNBOUNDED PRECEDING'] : []),
  ]
  return `${head} OVER (${over.join(' ')}) AS ${call.column.name}`
}

/** The plan for people, one line an operator, from the source to the result. */
export const showQuery = (query: Query): readonly string[] => {
  const { from, beside, computed, where, windows, grouped, keys, aggregates, having, items } = query
  const { order, limit, offset } = query
  const aggregate = (index: number): string => show(aggregates[index] as AggregateCall)
  const item = (of: Item): string => {
    const text =
      of.kind === 'key'
        ? (keys[of.key]?.name as string)
        : of.kind === 'aggregate'
          ? aggregate(of.aggregate)
          : of.kind === 'ratio'
            ? `${aggregate(of.sum)} / ${aggregate(of.count)}`
            : show(of.of)
    return text === of.name ? text : `${text} AS ${of.name}`
  }
  const ordering = ({ by, descending, nullsFirst }: OrderBy): string =>
    `${(by.kind === 'key' ? keys[by.index] : items[by.index])?.name} ${descending ? 'DESC' : 'ASC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`
  return [
    ...showSource(from),
    ...(computed.length === 0
      ? []
      : [`compute [${computed.map(({ column, of }) => `${show(of)} AS ${column.name}`).join(', ')}]`]),
    ...(where === null ? [] : [`filter ${showPredicate(where)}`]),
    ...windows.map(call => `window ${showWindow(call)}`),
    ...(grouped
      ? [
          `aggregate [${aggregates.map(show).join(', ')}]${keys.length > 0 ? ` by [${keys.map(key => key.name).join(', ')}]` : ''}`,
        ]
      : []),
    ...beside.flatMap(source => ['beside every group', ...indent(showSource(source))]),
    ...(having === null ? [] : [`having ${showPredicate(having)}`]),
    `project [${items.map(item).join(', ')}]`,
    ...(order.length > 0 ? [`order [${order.map(ordering).join(', ')}]`] : []),
    ...(limit !== null || offset > 0
      ? [`limit ${limit ?? 'all'}${offset > 0 ? ` offset ${offset}` : ''}`]
      : []),
  ]
}
