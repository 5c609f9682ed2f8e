/**
 * Blocks and sources as nodes over whole tables, innermost first. What a node holds of its columns is decided afterwards,
 * from what the nodes behind it need (`holds.ts`).
 */

import type { Column } from '../../data/schema.ts'
import { isAlways, notNullOf } from '../contributors.ts'
import type { Demand } from '../demands.ts'
import {
  type AggregateCall,
  type Expression,
  isAggregate,
  referenceTo,
  scaleOf,
  show,
  typeOf,
} from '../expression.ts'
import { columnOfExpression } from '../interval.ts'
import { type PlanTable, ROWS, type RowOrdering, type TableNode, type WindowFunction } from '../plan.ts'
import {
  columnsOfQuery,
  type Item,
  type OrderBy,
  type Query,
  type Source,
  type WindowCall,
} from '../query.ts'
import { rewritePredicate } from '../rules/rule.ts'
import { textRankOf } from '../text-order.ts'
import { boundOf } from '../unique.ts'
import { createSlots, type Slots } from './slots.ts'

export interface LowerOptions {
  /** The strictest of what is asked for and demanded. */
  readonly minimumGroupSize: number
  readonly demands: readonly Demand[]
  readonly epsilon?: string | undefined
  readonly stageRowsMax?: number | undefined
  /** Rows of every table, all versions together. */
  readonly tables: ReadonlyMap<string, { readonly columns: readonly Column[]; readonly rows: number }>
}

type Without<T> = T extends unknown ? Omit<T, 'name' | 'holds'> : never
/** A node and the columns that it gives, before it is known in which domains. */
export type DraftNode = Without<TableNode> & { readonly name: string; readonly columns: readonly Column[] }

/** Where the rows of a source or block come out. */
export interface Outlet {
  readonly node: string
  readonly rows: number
  readonly columns: readonly Column[]
}

export interface Builder {
  readonly drafts: readonly DraftNode[]
  add(node: Without<TableNode>, columns: readonly Column[]): Outlet
}

/** What is asked for twice, such as a query of WITH that is named twice, is one node: nodes are functions of their inputs. */
export const createBuilder = (): Builder => {
  const drafts: DraftNode[] = []
  const made = new Map<string, Outlet>()
  return {
    drafts,
    add: (node, columns) => {
      const same = JSON.stringify([node, columns])
      const before = made.get(same)
      if (before !== undefined) return before
      const name = `${drafts.length}-${node.operator}`
      drafts.push({ ...node, name, columns })
      const outlet = { node: name, rows: node.rows, columns }
      made.set(same, outlet)
      return outlet
    },
  }
}

const hidden = (columns: readonly Column[]): readonly Column[] =>
  columns.map(column => (column.visibility === 'secret' ? column : { ...column, visibility: 'secret' }))

const nullable = (column: Column): Column => (column.nullable ? column : { ...column, nullable: true })

const lowerSource = (builder: Builder, source: Source): Outlet => {
  const { rows } = source
  const columns = source.columns.map(({ column }) => column)
  const inside = source.columns.map(one => one.inside)
  switch (source.kind) {
    case 'table':
      return builder.add({ operator: 'read', table: source.schema.table, from: inside, rows }, columns)
    case 'derived': {
      const block = lowerBlock(builder, source.query)
      return builder.add(
        { operator: 'rename', input: block.node, from: inside, rows: block.rows },
        asLowered(source, block),
      )
    }
    case 'union': {
      const blocks = source.queries.map(query => lowerBlock(builder, query))
      const places = inside.map(name =>
        (source.queries[0] as Query).items.findIndex(item => item.name === name),
      )
      return builder.add(
        {
          operator: 'union',
          inputs: blocks.map(({ node }) => node),
          from: source.queries.map(({ items }) => places.map(place => (items[place] as Item).name)),
          rows: blocks.reduce((sum, block) => sum + block.rows, 0),
        },
        hidden(columns),
      )
    }
    case 'filter': {
      const input = lowerSource(builder, source.input)
      return builder.add(
        { operator: 'select', input: input.node, predicate: source.where, rows: input.rows },
        input.columns,
      )
    }
    case 'join':
      return lowerJoin(builder, source)
  }
}

/**
 * The columns of a derived table as its block gives them: rules that have rewritten the block may have narrowed their
 * bounds or found that they are never NULL, and a column that has moved is public no more, whatever its table says.
 */
const asLowered = (source: Source, block: Outlet): readonly Column[] =>
  source.columns.map(({ column, inside }) => {
    const given = block.columns.find(({ name }) => name === inside)
    if (given === undefined) throw new Error(`the block has no column ${inside}`)
    const { type, nullable } = given
    const lowered = { ...column, type, nullable }
    return given.visibility === 'secret' ? (hidden([lowered])[0] as Column) : lowered
  })

const attachRow = (builder: Builder, input: Outlet, single: Outlet): Outlet =>
  builder.add({ operator: 'attach', input: input.node, single: single.node, rows: input.rows }, [
    ...input.columns,
    ...single.columns,
  ])

/** The rows that stand beside every group, beside the groups. */
export const lowerBeside = (builder: Builder, { beside }: Query, groups: Outlet): Outlet =>
  beside.reduce((outlet, source) => attachRow(builder, outlet, lowerSource(builder, source)), groups)

const lowerJoin = (builder: Builder, source: Extract<Source, { kind: 'join' }>): Outlet => {
  const { join, on, matchesMax } = source
  const [left, right] = [lowerSource(builder, source.left), lowerSource(builder, source.right)]
  if (join === 'single') return attachRow(builder, left, right)
  const withRight = join === 'inner' || join === 'left'
  const bound = boundOf(
    source.right,
    on.map(pair => pair.right),
  )
  const shown = hidden(right.columns)
  return builder.add(
    {
      operator: 'join',
      join,
      left: left.node,
      right: right.node,
      on,
      matchesMax,
      checked: withRight && !(bound?.proved === true && bound.rowsMax <= matchesMax),
      rows: left.rows * (withRight ? matchesMax : 1),
    },
    [
      ...(matchesMax > 1 ? hidden(left.columns) : left.columns),
      ...(withRight ? (join === 'left' ? shown.map(nullable) : shown) : []),
    ],
  )
}

// ── blocks ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Up to the rows that are grouped or shown: source, computed columns, filter, windows. */
export const lowerRows = (builder: Builder, query: Query, filtered = true): Outlet => {
  let outlet = lowerSource(builder, query.from)
  if (query.computed.length > 0) outlet = derive(builder, outlet, query.computed)
  if (query.where !== null && filtered)
    outlet = builder.add(
      { operator: 'select', input: outlet.node, predicate: query.where, rows: outlet.rows },
      outlet.columns,
    )
  for (const windows of sameOrder(query.windows)) outlet = lowerWindows(builder, outlet, windows)
  return outlet
}

const derive = (
  builder: Builder,
  { node, rows, columns }: Outlet,
  computed: readonly { readonly column: Column; readonly of: Expression }[],
): Outlet =>
  builder.add(
    {
      operator: 'derive',
      input: node,
      computed: computed.map(({ column, of }) => ({ name: column.name, of })),
      rows,
    },
    [...columns, ...hidden(computed.map(({ column }) => column))],
  )

/** Windows that one sort serves. */
const sameOrder = (calls: readonly WindowCall[]): readonly (readonly WindowCall[])[] => {
  const groups = new Map<string, WindowCall[]>()
  for (const call of calls) {
    const key = JSON.stringify([call.partition, call.order])
    groups.set(key, [...(groups.get(key) ?? []), call])
  }
  return [...groups.values()]
}

const lowerWindows = (builder: Builder, given: Outlet, calls: readonly WindowCall[]): Outlet => {
  const { partition } = calls[0] as WindowCall
  const { outlet: before, order } = inTextOrder(builder, given, (calls[0] as WindowCall).order)
  const sums = calls.flatMap(call => {
    if (call.kind !== 'sum' || call.of.kind === 'column') return []
    const column = columnOfExpression(
      `summand.${call.column.name}`,
      call.of,
      { column: name => before.columns.find(one => one.name === name), rows: before.rows },
      { nullable: true, uses: [] },
    )
    return [{ column, of: call.of, call }]
  })
  const input = sums.length === 0 ? before : derive(builder, before, sums)
  const functions = calls.map((call): WindowFunction => {
    const { name } = call.column
    if (call.kind === 'row-number') return { name, kind: 'row-number' }
    if (call.kind === 'lag') return { name, kind: 'lag', of: call.of }
    const summand = sums.find(one => one.call === call)?.column.name ?? (call.of as { column: string }).column
    const kind = order.length === 0 ? 'partition-sum' : call.peers ? 'range-sum' : 'running-sum'
    return { name, kind, of: summand }
  })
  return builder.add(
    { operator: 'window', input: input.node, partition, order, functions, rows: before.rows },
    [
      ...hidden(given.columns),
      ...calls.map(call => {
        const source = call.kind === 'lag' ? before.columns.find(({ name }) => name === call.of) : undefined
        return source === undefined ? call.column : { ...call.column, type: source.type }
      }),
    ],
  )
}

/** An order in which categories stand as text does: by their place in it, where that is not their place in the schema. */
export const inTextOrder = (
  builder: Builder,
  outlet: Outlet,
  order: readonly RowOrdering[],
): { readonly outlet: Outlet; readonly order: readonly RowOrdering[] } => {
  const scope = {
    column: (name: string) => outlet.columns.find(column => column.name === name),
    rows: outlet.rows,
  }
  const ranks = new Map<string, { readonly column: Column; readonly of: Expression }>()
  for (const { column: name } of order) {
    const column = scope.column(name)
    const of = column && textRankOf(column)
    if (column === undefined || of === undefined) continue
    const { nullable } = column
    ranks.set(name, { column: columnOfExpression(`rank.${name}`, of, scope, { nullable, uses: [] }), of })
  }
  if (ranks.size === 0) return { outlet, order }
  return {
    outlet: derive(builder, outlet, [...ranks.values()]),
    order: order.map(by => ({ ...by, column: ranks.get(by.column)?.column.name ?? by.column })),
  }
}

/** An inner block: one column an item, under its name. Totals are whatever they are; only what a report shows is guarded. */
const lowerBlock = (builder: Builder, query: Query): Outlet => {
  const rows = lowerRows(builder, query)
  const outlet = query.grouped ? lowerGroups(builder, query, rows) : lowerItems(builder, query, rows)
  if (query.limit === null && query.offset === 0) return outlet
  if (query.offset > 0) throw new Error('OFFSET in an inner block')
  const limit = Math.min(query.limit ?? outlet.rows, outlet.rows)
  const { outlet: ranked, order } = inTextOrder(builder, outlet, orderOf(query))
  return builder.add({ operator: 'top', input: ranked.node, order, rows: limit }, hidden(outlet.columns))
}

/** The columns that a block gives, under the names of its items. `slotOf` where rows are groups. */
export const lowerItems = (
  builder: Builder,
  query: Query,
  groups: Outlet,
  slotOf?: Slots['slotOf'],
): Outlet => {
  const values = query.items.map((item): Expression => {
    switch (item.kind) {
      case 'key':
        return referenceTo(query.keys[item.key] as Column)
      case 'aggregate':
        return query.aggregates[item.aggregate] as AggregateCall
      case 'ratio':
        throw new Error('AVG in an inner block is a formula')
      default:
        return item.of
    }
  })
  const scope = (name: string): Column | undefined =>
    groups.columns.find(column => column.name === name) ??
    columnsOfQuery(query).find(column => column.name === name)
  const items = query.items.map(({ name }, i) => {
    const of = totalsAsColumns(values[i] as Expression, slotOf)
    const held = of.kind === 'column' ? groups.columns.find(column => column.name === of.column) : undefined
    const column =
      held !== undefined
        ? { ...held, name }
        : columnOfExpression(
            name,
            of,
            { column: scope, rows: groups.rows },
            { nullable: !isAlways(notNullOf(of, column => scope(column)?.nullable !== false)), uses: [] },
          )
    return { column, of }
  })
  // An alias may repeat the name of a column that is there: SELECT hours + 1 AS hours.
  const taken = new Set(groups.columns.map(({ name }) => name))
  const free = (name: string): string => (taken.has(name) ? free(`${name}.shown`) : name)
  const from: string[] = []
  const computed: { readonly column: Column; readonly of: Expression }[] = []
  for (const { column, of } of items) {
    const name = of.kind === 'column' ? of.column : free(column.name)
    from.push(name)
    if (of.kind === 'column') continue
    taken.add(name)
    computed.push({ column: { ...column, name }, of })
  }
  const outlet = computed.length === 0 ? groups : derive(builder, groups, computed)
  return builder.add(
    { operator: 'rename', input: outlet.node, from, rows: outlet.rows },
    items.map(({ column }) => column),
  )
}

/** Once groups are rows, an aggregate is the column of its slot. */
const totalsAsColumns = (of: Expression, slotOf: Slots['slotOf'] | undefined): Expression => {
  const done = (child: Expression): Expression => totalsAsColumns(child, slotOf)
  if (isAggregate(of)) {
    if (slotOf === undefined) throw new Error(`${show(of)} in a block of rows`)
    return { kind: 'column', column: slotOf(of).slot, type: typeOf(of) ?? 'number', scale: scaleOf(of) }
  }
  switch (of.kind) {
    case 'negate':
    case 'sqrt':
      return { ...of, of: done(of.of) }
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
      return { ...of, left: done(of.left), right: done(of.right) }
    default:
      return of
  }
}

export const orderOf = ({ order, items, keys }: Query): readonly RowOrdering[] =>
  order.map(({ by, descending, nullsFirst }: OrderBy) => ({
    column: ((by.kind === 'key' ? keys[by.index] : items[by.index]) as { readonly name: string }).name,
    descending,
    nullsFirst,
  }))

/** The columns that a node of groups has: keys, then one a slot. */
export const collectGroups = (builder: Builder, query: Query, input: Outlet, slots: Slots): Outlet => {
  const scope = {
    column: (name: string) => input.columns.find(column => column.name === name),
    rows: input.rows,
  }
  const keys = query.keys.map(key => hidden([scope.column(key.name) ?? key])[0] as Column)
  return builder.add(
    {
      operator: 'collect',
      input: input.node,
      keys: keys.map(({ name }) => name),
      slots: slots.all,
      rows: keys.length === 0 ? 1 : input.rows,
    },
    [...keys, ...slots.all.map(slot => columnOfSlot(slot.name, slot.total, scope))],
  )
}

const columnOfSlot = (
  name: string,
  total: Slots['all'][number]['total'],
  scope: { column: (name: string) => Column | undefined; rows: number },
): Column => {
  const secret = { nullable: false, uses: [] }
  const reference = (of: string): Expression => referenceTo(scope.column(of) as Column)
  const named = (of: Expression): Column => columnOfExpression(name, of, scope, secret)
  switch (total.kind) {
    case 'rows':
    case 'indicator':
      return named({ kind: 'count-star' })
    case 'value':
      return named({ kind: 'sum', of: total.of })
    case 'distinct':
      return named({ kind: 'count-distinct', of: reference(total.of) })
    case 'percentile':
      return named({ ...total, of: reference(total.of) })
    default:
      return named({ kind: total.kind, of: reference(total.of) })
  }
}

const lowerGroups = (builder: Builder, query: Query, input: Outlet): Outlet => {
  const slots = createSlots(name => input.columns.find(column => column.name === name)?.nullable === true)
  const guards = new Map<string, string>()
  const want = (of: AggregateCall): void => {
    const { slot, guard } = slots.slotOf(of)
    if (slot !== guard && guard !== ROWS && of.kind !== 'count' && of.kind !== 'count-distinct')
      guards.set(slot, notNullSlot(of, slots))
  }
  const visit = (of: Expression): void => {
    if (isAggregate(of)) want(of)
    else if ('left' in of) [of.left, of.right].forEach(visit)
    else if (of.kind === 'negate') visit(of.of)
  }
  for (const aggregate of query.aggregates) want(aggregate)
  for (const item of query.items) if (item.kind === 'formula') visit(item.of)
  const having =
    query.having &&
    rewritePredicate(query.having, {
      expression: of => {
        if (isAggregate(of)) want(of)
        return totalsAsColumns(of, slots.slotOf)
      },
    })
  let outlet = collectGroups(builder, query, input, slots)
  // Without keys a group may be empty, and every total but a count is NULL then.
  if (query.keys.length === 0)
    for (const { name, total } of slots.all)
      if (
        total.kind !== 'rows' &&
        total.kind !== 'indicator' &&
        total.kind !== 'distinct' &&
        !guards.has(name)
      )
        guards.set(name, ROWS)
  if (guards.size > 0)
    outlet = builder.add(
      {
        operator: 'nullify',
        input: outlet.node,
        nulls: [...guards].map(([column, count]) => ({ column, count })),
        rows: outlet.rows,
      },
      outlet.columns.map(column => (guards.has(column.name) ? nullable(column) : column)),
    )
  outlet = lowerBeside(builder, query, outlet)
  if (having !== null)
    outlet = builder.add(
      { operator: 'select', input: outlet.node, predicate: having, rows: outlet.rows },
      outlet.columns,
    )
  return lowerItems(builder, query, outlet, slots.slotOf)
}

/** The slot that counts where the argument is not NULL, which is more than where it contributes. */
const notNullSlot = (of: AggregateCall, slots: Slots): string =>
  of.kind === 'count-star' ? ROWS : slots.slotOf({ kind: 'count', of: of.of }).slot

/** Base tables that nodes read, each with the columns that they name. */
export const tablesOf = (nodes: readonly TableNode[], { tables }: LowerOptions): readonly PlanTable[] => {
  const read = new Map<string, Set<string>>()
  for (const node of nodes)
    if (node.operator === 'read')
      read.set(node.table, new Set([...(read.get(node.table) ?? []), ...node.from]))
  return [...read].map(([table, names]) => {
    const known = tables.get(table)
    if (known === undefined) throw new Error(`the table ${table} is not known`)
    return { table, rows: known.rows, columns: known.columns.filter(({ name }) => names.has(name)) }
  })
}
