/**
 * Groups as the cross product of the keys' declared domains, so that which groups exist is as secret as everything else
 * until the minimum group size has been checked. Rows are totalled into cells in blocks, one-hot: for COUNT, SUM and AVG
 * over keys with few values, and the cheapest there is then.
 */
import { type Column, rangeOf } from '../../data/schema.ts'
import { columnsOf, referenceTo, walk, walkPredicate } from '../expression.ts'
import { hull, type Interval, intervalOf, ZERO } from '../interval.ts'
import type { CellPlan, PlanKey, Slot, Step } from '../plan.ts'
import { privacyOf } from '../privacy.ts'
import type { Query } from '../query.ts'
import { havingOf } from './having.ts'
import { guardsOf, outputsOf, revealedVectors, thresholdSteps } from './outputs.ts'
import { createSlots } from './slots.ts'
import type { LowerOptions } from './source.ts'

/** Domains and cells beyond these make one-hot vectors the wrong tool; a public key has none and may fill all cells. */
const WIDEST_KEY = 1000
const MOST_CELLS = 4096
/** Bounds the memory of a block: elements of F_p that it holds at once. */
const ELEMENTS_PER_BLOCK = 1 << 22
const WIDEST_BLOCK = 1 << 18
const NARROWEST_BLOCK = 1 << 10

const keyOf = ({ name, type, nullable }: Column): PlanKey => {
  const { low, high } = rangeOf(type)
  const values = Array.from({ length: Number(high - low) + 1 }, (_, i) => (low + BigInt(i)).toString())
  return { column: name, values: nullable ? [...values, null] : values }
}

/** Splits the secret keys in two so that the fewest elements of F_p are made for a row. */
const splitKeys = (keys: readonly PlanKey[], secret: readonly number[], values: number) => {
  const size = (places: readonly number[]): number =>
    places.reduce((product, place) => product * (keys[place]?.values.length ?? 1), 1)
  const pick = (mask: number, bit: number): readonly number[] =>
    secret.filter((_, i) => ((mask >> i) & 1) === bit)
  const splits = Array.from({ length: 1 << secret.length }, (_, mask) => {
    const [left, right] = [pick(mask, 0), pick(mask, 1)]
    const elements = right.length === 0 ? size(left) : size(left) + size(right) * (1 + values)
    return { left, right, elements }
  })
  return splits.reduce((best, split) => (split.elements < best.elements ? split : best))
}

const domainSize = (column: Column): bigint => {
  const { low, high } = rangeOf(column.type)
  return high - low + 1n + (column.nullable ? 1n : 0n)
}

/** Bytes that a party sends at least for elements of F_p of the secret keys: 8 for each of a row. */
export const oneHotBytes = ({ rows, keys, perBlock }: CellPlan): number => {
  const sizes = (places: readonly number[]): number =>
    places.reduce((product, place) => product * (keys[place]?.values.length ?? 1), 1)
  const values = perBlock.flatMap(step => (step.operator === 'compute' ? step.slots : [])).length - 1
  return perBlock.reduce((sum, step) => {
    if (step.operator !== 'group') return sum
    const { left, right } = step
    const elements = right.length === 0 ? sizes(left) : sizes(left) + sizes(right) * (1 + values)
    return sum + 8 * rows * elements
  }, 0)
}

/** What one row adds to a total. */
const rangeOfRow =
  (scope: readonly Column[]) =>
  ({ total }: Slot): Interval =>
    total.kind === 'value'
      ? hull(
          ZERO,
          intervalOf(total.of, { column: name => scope.find(column => column.name === name), rows: 1 }),
        )
      : { low: 0n, high: 1n }

/** Whether the keys of a block are few enough, and its totals simple enough. */
export const fitsCells = ({ grouped, beside, keys, aggregates, having, items }: Query): boolean => {
  const all = [
    ...aggregates,
    ...(having === null ? [] : walkPredicate(having)),
    ...items.flatMap(item => (item.kind === 'formula' ? walk(item.of) : [])),
  ]
  return (
    grouped &&
    beside.length === 0 &&
    keys.every(key => domainSize(key) <= BigInt(key.visibility === 'public' ? MOST_CELLS : WIDEST_KEY)) &&
    keys.reduce((product, key) => product * domainSize(key), 1n) <= BigInt(MOST_CELLS) &&
    all.every(({ kind }) => !NEEDS_SORT.has(kind))
  )
}

const NEEDS_SORT: ReadonlySet<string> = new Set(['min', 'max', 'count-distinct', 'percentile'])

/** Over rows of these columns; the plan reads the one table of the block, until nodes are put before it. */
export const lowerToCells = (query: Query, scope: readonly Column[], options: LowerOptions): CellPlan => {
  const { from, where } = query
  const columnNamed = (name: string): Column => scope.find(column => column.name === name) as Column
  const created = createSlots(name => columnNamed(name).nullable, query)
  const { all, slotOf } = created

  const keys = query.keys.map(keyOf)
  const cells = keys.reduce((product, key) => product * key.values.length, 1)
  const outputs = outputsOf(query, created)
  const having = havingOf(query, slotOf)
  const vectors = revealedVectors(outputs, [])
  const guards = guardsOf(vectors, having?.inputs)
  const comparisons = thresholdSteps(query, created, guards, options.minimumGroupSize)
  const slots = all as readonly Slot[]

  const secret = keys.flatMap((key, place) =>
    columnNamed(key.column).visibility === 'secret' ? [place] : [],
  )
  const partition = keys.flatMap((_, place) => (secret.includes(place) ? [] : [place]))
  const { left, right, elements } = splitKeys(keys, secret, slots.length - 1)
  const rowBlock = Math.min(
    options.stageRowsMax ?? WIDEST_BLOCK,
    WIDEST_BLOCK,
    Math.max(NARROWEST_BLOCK, Math.floor(ELEMENTS_PER_BLOCK / (elements + 2 * slots.length) / 64) * 64),
  )

  const read = columnsOf([
    ...query.aggregates.flatMap(walk),
    ...query.items.flatMap(item => (item.kind === 'formula' ? walk(item.of) : [])),
    ...(where === null ? [] : walkPredicate(where)),
    ...(query.having === null ? [] : walkPredicate(query.having)),
    ...(query.ownerRules ?? []).map(({ column }) => referenceTo(column)),
  ])
  const columns = scope.filter(
    column => read.has(column.name) || keys.some(key => key.column === column.name),
  )
  const perBlock: Step[] = [
    { name: 'scan', operator: 'scan', columns: columns.map(column => column.name) },
    ...(where === null ? [] : [{ name: 'filter', operator: 'filter', predicate: where } as const]),
    { name: 'group', operator: 'group', partition, left, right },
    { name: 'convert', operator: 'convert' },
    { name: 'compute', operator: 'compute', slots },
    { name: 'aggregate', operator: 'aggregate', slots: slots.map(slot => slot.name) },
  ]
  const perCell: Step[] = [
    ...(options.epsilon === undefined
      ? []
      : [
          {
            name: 'noise',
            operator: 'noise',
            privacy: privacyOf(slots, options.epsilon, options.demands, rangeOfRow(scope), from.rows),
          } as const,
        ]),
    ...comparisons,
    ...(having === null ? [] : [{ name: 'having', operator: 'having', ...having } as const]),
    { name: 'suppress', operator: 'suppress' },
    { name: 'reveal', operator: 'reveal', vectors },
  ]
  return {
    kind: 'plan',
    version: 2,
    form: 'cells',
    tables: from.kind === 'table' ? [{ table: from.schema.table, rows: from.rows, columns }] : [],
    minimumGroupSize: options.minimumGroupSize,
    ...(options.demands.length > 0 && { demands: options.demands }),
    nodes: [],
    stageEnds: [],
    rows: from.rows,
    rowBlock,
    columns,
    keys,
    cells,
    perBlock,
    perCell,
    outputs,
    order: query.order,
    limit: query.limit,
    offset: query.offset,
  }
}
