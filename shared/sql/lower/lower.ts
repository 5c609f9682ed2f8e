/** Logical plan to oblivious plan: in cells where the groups' domains are small, over whole tables otherwise. */
import { scopeOf } from '../compare.ts'
import { type Network, secondsOf } from '../estimate.ts'
import { walkPredicate } from '../expression.ts'
import type { CellPlan, PhysicalPlan } from '../plan.ts'
import { columnsOfQuery, type Query } from '../query.ts'
import { fitsCells, lowerToCells, oneHotBytes } from './cells.ts'
import { type Needs, need, needPredicate, needSlot, nodesOf } from './holds.ts'
import { createBuilder, type LowerOptions, lowerRows, tablesOf } from './source.ts'
import { stageEndsOf } from './stages.ts'
import { lowerToTables } from './tables.ts'

/** Rounds that sorting rows into groups takes more than cells do, at the very least. */
const ROUNDS_OF_A_SORT = 10

/** Every way to compute the query that may be the cheapest. */
export const lowerWays = (query: Query, options: LowerOptions, network: Network): readonly PhysicalPlan[] => {
  if (!fitsCells(query)) return [lowerToTables(query, options)]
  const cells = lowerInCells(query, options)
  // Without keys nothing is sorted either way; and what is sent for few rows and cells is less than the rounds of a sort.
  const bytesPerParty = [oneHotBytes(cells)]
  // Noise is for totals of cells that are there whatever the data are.
  if (
    options.epsilon !== undefined ||
    query.keys.length === 0 ||
    secondsOf({ rounds: 0, bytesPerParty }, network) <=
      secondsOf({ rounds: ROUNDS_OF_A_SORT, bytesPerParty: [0] }, network)
  )
    return [cells]
  return [cells, lowerToTables(query, options)]
}

/** Rows of one table go into the cells as they are; everything else is made a table first. */
const lowerInCells = (query: Query, options: LowerOptions): CellPlan => {
  if (query.from.kind === 'table' && query.computed.length === 0)
    return lowerToCells(query, columnsOfQuery(query), options)
  const builder = createBuilder()
  const { columns } = lowerRows(builder, query, false)
  const known = new Map(columns.map(column => [column.name, column]))
  const made: Query = { ...query, keys: query.keys.map(key => known.get(key.name) ?? key) }
  const draft = lowerToCells(made, columns, options)
  const scope = scopeOf(columns)
  const needs: Needs = new Map()
  for (const { column } of draft.keys) need(needs, column, { bits: true })
  if (query.where !== null) {
    needPredicate(needs, query.where, scope)
    for (const part of walkPredicate(query.where)) if (part.kind === 'column') need(needs, part.column)
  }
  for (const step of draft.perBlock)
    if (step.operator === 'compute') for (const slot of step.slots) needSlot(needs, slot, scope)
  for (const [name] of needs) need(needs, name, { indicator: true })
  const nodes = nodesOf(builder.drafts, needs)
  return { ...draft, tables: tablesOf(nodes, options), nodes, stageEnds: stageEndsOf(nodes) }
}
