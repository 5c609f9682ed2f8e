/**
 * A block whose groups, or rows, are the rows of a table: any secret keys, any aggregates, or no groups at all. What is
 * shown comes to the front, and no more rows leave the computation than can be shown: a table of n rows has at most
 * n / k groups of k rows.
 */
import { InputError } from '../../base/errors.ts'
import type { Column } from '../../data/schema.ts'
import { scopeOf } from '../compare.ts'
import { guardedName, type Output, type RowOrdering, type Step, type TablePlan } from '../plan.ts'
import type { Query } from '../query.ts'
import { havingOf } from './having.ts'
import { type Needs, need, needPredicate, nodesOf } from './holds.ts'
import { comparedBy, guardsOf, outputsOf, revealedVectors, thresholdSteps } from './outputs.ts'
import { createSlots } from './slots.ts'
import {
  collectGroups,
  createBuilder,
  inTextOrder,
  type LowerOptions,
  lowerBeside,
  lowerItems,
  lowerRows,
  orderOf,
  tablesOf,
} from './source.ts'
import { stageEndsOf } from './stages.ts'

export const lowerToTables = (query: Query, options: LowerOptions): TablePlan =>
  query.grouped ? lowerGroups(query, options) : lowerSingleRows(query, options)

const lowerGroups = (query: Query, options: LowerOptions): TablePlan => {
  const { minimumGroupSize } = options
  const builder = createBuilder()
  const rows = lowerRows(builder, query)
  const slots = createSlots(
    name => rows.columns.find(column => column.name === name)?.nullable === true,
    query,
  )
  const outputs = outputsOf(query, slots)
  const having = havingOf(query, slots.slotOf)
  const wanted = query.limit === null ? [] : (groupOrder(query, outputs) ?? [])
  const isOrderedLater = query.limit !== null && query.order.length > 0 && wanted.length === 0
  const guards = guardsOf(revealedVectors(outputs, []), having?.inputs)
  const comparisons = thresholdSteps(query, slots, guards, minimumGroupSize)
  const { outlet: groups, order } = inTextOrder(
    builder,
    lowerBeside(builder, query, collectGroups(builder, query, rows, slots)),
    wanted,
  )
  const keys = groups.columns.slice(0, query.keys.length)
  const vectors = revealedVectors(outputs, keys)

  const most = query.keys.length === 0 ? 1 : Math.floor(groups.rows / minimumGroupSize)
  const listed = query.limit === null || isOrderedLater ? most : Math.min(most, query.limit + query.offset)
  const shownKeys = new Set(vectors.flatMap(({ kind, slot }) => (kind === 'column' ? [slot] : [])))

  const needs: Needs = new Map()
  for (const name of comparedBy(comparisons)) need(needs, name, { field: true })
  for (const vector of vectors)
    if (vector.kind === 'total' || vector.kind === 'column') need(needs, vector.slot, { field: true })
  for (const { column } of order) {
    const total = outputs.find(of => of.kind === 'total' && guardedName(of.slot, of.guard) === column) as
      | Extract<Output, { kind: 'total' }>
      | undefined
    need(needs, total?.slot ?? column, { bits: true })
  }
  if (having !== null) {
    const names = new Set(having.inputs.map(({ name }) => name))
    const scope = scopeOf([...keys, ...groups.columns.slice(keys.length + slots.all.length)])
    needPredicate(needs, having.predicate, {
      ...scope,
      column: name => (names.has(name) ? undefined : scope.column(name)),
    })
  }
  const nodes = nodesOf(builder.drafts, needs)
  const perCell: Step[] = [
    ...comparisons,
    ...(having === null ? [] : [{ name: 'having', operator: 'having', ...having } as const]),
    {
      name: 'compact',
      operator: 'compact',
      most: Math.min(most, groups.rows),
      order,
      // Groups stand in the order of their keys, and so do those that ORDER BY finds equal, which tells something to
      // whoever does not see the keys.
      shuffled: keys.some(({ name }) => !shownKeys.has(name)),
    },
    { name: 'suppress', operator: 'suppress' },
    { name: 'reveal', operator: 'reveal', vectors },
  ]
  return {
    kind: 'plan',
    version: 2,
    form: 'tables',
    tables: tablesOf(nodes, options),
    minimumGroupSize,
    ...(options.demands.length > 0 && { demands: options.demands }),
    nodes,
    stageEnds: stageEndsOf(nodes),
    cells: listed,
    perCell,
    keys,
    outputs,
    order: query.order,
    limit: query.limit,
    offset: query.offset,
  }
}

/** ORDER BY within the computation: only by keys and totals, not by what the recipient makes of them. */
const groupOrder = (query: Query, outputs: readonly Output[]): readonly RowOrdering[] | undefined => {
  const order = query.order.map(({ by, descending, nullsFirst }): RowOrdering | undefined => {
    const output = by.kind === 'output' ? outputs[by.index] : undefined
    const key = by.kind === 'key' ? by.index : output?.kind === 'key' ? output.key : undefined
    if (key !== undefined) return { column: (query.keys[key] as Column).name, descending, nullsFirst }
    // A total that is not shown comes last, whatever the direction: its place must say nothing.
    return output?.kind === 'total'
      ? { column: guardedName(output.slot, output.guard), descending, nullsFirst: false }
      : undefined
  })
  return order.every(by => by !== undefined) ? order : undefined
}

const lowerSingleRows = (query: Query, options: LowerOptions): TablePlan => {
  if (options.minimumGroupSize > 1)
    throw new InputError('The query shows single rows.', {
      hint: `With a minimum group size of ${options.minimumGroupSize} only totals over groups are shown: group the rows, or ask with --minimum-group-size 1 if the federation's policy and the owners allow it.`,
    })
  const builder = createBuilder()
  const shown = lowerItems(builder, query, lowerRows(builder, query))
  const { order } = inTextOrder(builder, shown, query.limit === null ? [] : orderOf(query))
  const keys = shown.columns.map((column): Column => ({ ...column, visibility: 'secret' }))
  const outputs = query.items.map(({ name }, key): Output => ({ name, kind: 'key', key }))
  const vectors = revealedVectors(outputs, keys)
  const needs: Needs = new Map()
  for (const { name } of keys) need(needs, name, { field: true })
  for (const { column } of order) need(needs, column, { bits: true })
  const nodes = nodesOf(builder.drafts, needs)
  return {
    kind: 'plan',
    version: 2,
    form: 'tables',
    tables: tablesOf(nodes, options),
    minimumGroupSize: options.minimumGroupSize,
    ...(options.demands.length > 0 && { demands: options.demands }),
    nodes,
    stageEnds: stageEndsOf(nodes),
    cells: query.limit === null ? shown.rows : Math.min(shown.rows, query.limit + query.offset),
    perCell: [
      // Rows stand in the order of their owners, and so do those that ORDER BY finds equal.
      { name: 'compact', operator: 'compact', most: shown.rows, order, shuffled: true },
      { name: 'suppress', operator: 'suppress' },
      { name: 'reveal', operator: 'reveal', vectors },
    ],
    keys,
    outputs,
    order: query.order,
    limit: query.limit,
    offset: query.offset,
  }
}
