/**
 * One block over plain rows: filtered, grouped or not, its items computed, ordered and limited. Of the outermost block,
 * groups with fewer rows than the minimum are not shown, and totals over fewer contributors are unknown to HAVING and
 * suppressed in the report.
 */
import { type Column, type ColumnType, scaleOf as scaleOfType } from '../../data/schema.ts'
import {
  type AggregateCall,
  type Expression,
  isAggregate,
  scaleOf,
  show,
  typeOf,
  walk,
  walkPredicate,
} from '../expression.ts'
import { AVERAGE_DIGITS } from '../finish.ts'
import { evaluateFormula, type LeafValue, truthOf } from '../formula.ts'
import { columnsOfQuery, type Item, type Query, type Source } from '../query.ts'
import { countsByZero } from '../zeros.ts'
import { type Total, totalOf } from './aggregate.ts'
import { average } from './average.ts'
import { isDominated } from './dominance.ts'
import { compareValues, type Sortable } from './order.ts'
import {
  columnOf,
  everyRow,
  type PlainTables,
  partitionRows,
  pickRows,
  type Relation,
  rowOf,
  withColumn,
} from './relation.ts'
import { rowsOfSource } from './source.ts'
import { withWindow } from './window.ts'

/** A group or a row of the result; undefined stands for a suppressed value. */
interface Line {
  readonly keys: readonly (bigint | null)[]
  readonly outputs: readonly Sortable[]
}

export interface BlockResult {
  /** In order, within OFFSET and LIMIT. */
  readonly lines: readonly Line[]
  /** How many there were before OFFSET and LIMIT. */
  readonly shown: number
  /** Groups that are too small or refused by HAVING. */
  readonly hidden: readonly Line[]
}

export const evaluateBlock = (query: Query, tables: PlainTables, minimum: number): BlockResult => {
  const relation = rowsOfBlock(query, tables)
  const beside = query.beside.map(source => sourceRows(source, tables))
  const all = query.grouped ? groupsOf(query, relation, beside, minimum) : linesOf(query, relation)
  const shown = all.filter(({ isShown }) => isShown)
  const lines = [...shown].sort((a, b) => compareLines(query, a, b))
  const end = query.limit === null ? undefined : query.offset + query.limit
  return {
    lines: lines.slice(query.offset, end),
    shown: shown.length,
    hidden: all.filter(({ isShown }) => !isShown),
  }
}

const sourceRows = (source: Source, tables: PlainTables): Relation =>
  rowsOfSource(source, tables, inner => {
    const { lines } = evaluateBlock(inner, tables, 0)
    return {
      count: lines.length,
      columns: inner.items.map((_, place) => lines.map(({ outputs }) => outputs[place] ?? null)),
      scales: inner.items.map(item => scaleOfType(typeOfItem(inner, item))),
    }
  })

const rowsOfBlock = (query: Query, tables: PlainTables): Relation => {
  const source = sourceRows(query.from, tables)
  const computed = query.computed.reduce<Relation>(
    (before, { column, of }) =>
      withColumn(
        before,
        column.name,
        everyRow(before).map(row => atScale(of, rowOf(before, row), scaleOfType(column.type))),
      ),
    source,
  )
  const { where } = query
  const kept =
    where === null
      ? computed
      : pickRows(
          computed,
          everyRow(computed).filter(row => truthOf(where, rowOf(computed, row)) === true),
        )
  const columns = columnsOfQuery(query)
  return query.windows.reduce<Relation>((before, call) => withWindow(before, call, columns), kept)
}

const atScale = (of: Expression, leaf: LeafValue, wanted: number): bigint | null => {
  const { value, scale } = evaluateFormula(of, leaf)
  if (value === null) return null
  if (scale > wanted) throw new Error(`${show(of)} has more decimals than its column`)
  return value * 10n ** BigInt(wanted - scale)
}

// ── groups ──────────────────────────────────────────────────────────────────────────────────────────────────────────

type Shown = Line & { readonly isShown: boolean }

/** Every aggregate that a block speaks of, by its text. */
const aggregatesOf = ({ aggregates, items, having }: Query): ReadonlyMap<string, AggregateCall> => {
  const spoken = [
    ...aggregates,
    ...items.flatMap(item => (item.kind === 'formula' ? walk(item.of) : [])),
    ...(having === null ? [] : walkPredicate(having)),
  ]
  const calls = spoken.filter(isAggregate).flatMap(plainCalls)
  return new Map(calls.map(call => [show(call), call]))
}

/** `beside`: relations of one row each. */
const groupsOf = (
  query: Query,
  relation: Relation,
  beside: readonly Relation[],
  minimum: number,
): readonly Shown[] => {
  if (beside.some(({ count }) => count !== 1)) throw new Error('beside every group stands one row')
  const single = new Map(
    beside.flatMap(({ columns }) => [...columns].map(([name, [value]]) => [name, value] as const)),
  )
  const names = query.keys.map(({ name }) => name)
  const parts = names.length === 0 ? [everyRow(relation)] : partitionRows(relation, names)
  const columns = new Map(columnsOfQuery(query).map(column => [column.name, column]))
  const nullable = (name: string): boolean => columns.get(name)?.nullable === true
  const byZero = countsByZero(query)
  const calls = [...aggregatesOf(query)]
  const isEnough = (rows: readonly number[]): boolean =>
    rows.length >= minimum &&
    (query.ownerRules ?? []).every(({ column, minimumOwners }) => {
      const owners = columnOf(relation, column.name)
      return new Set(rows.flatMap(row => owners[row] ?? [])).size >= minimumOwners
    })
  return parts.map((rows): Shown => {
    const totals = new Map(
      calls.map(([text, call]): [string, Total] => {
        const of = totalOf(relation, rows, call, nullable, byZero)
        return [
          text,
          call.kind === 'sum' ? { ...of, isDominated: isDominated(query, relation, rows, call.of) } : of,
        ]
      }),
    )
    const keys = names.map(name => columnOf(relation, name)[rows[0] as number] ?? null)
    const keyLeaf: LeafValue = text => {
      const place = names.indexOf(text)
      return place < 0 ? single.get(text) : keys[place]
    }
    const isKnown = (total: Total): boolean => isEnough(total.contributors) && total.isDominated !== true
    const known: LeafValue = text => {
      const total = totals.get(text)
      if (total === undefined) return keyLeaf(text)
      return isKnown(total) ? total.value : null
    }
    const isShown = isEnough(rows) && (query.having === null || truthOf(query.having, known) === true)
    const total = (call: AggregateCall): Total => totals.get(show(call)) as Total
    const outputs = query.items.map(item => outputOf(query, item, { keys, known, total, isKnown }))
    return { isShown, keys, outputs }
  })
}

interface Group {
  readonly keys: readonly (bigint | null)[]
  /** Keys, and totals over enough contributors; others are NULL. */
  readonly known: LeafValue
  readonly total: (call: AggregateCall) => Total
  readonly isKnown: (total: Total) => boolean
}

const outputOf = (query: Query, item: Item, { keys, known, total, isKnown }: Group): Sortable => {
  const totalAt = (place: number): Total => total(query.aggregates[place] as AggregateCall)
  switch (item.kind) {
    case 'key':
      return keys[item.key]
    case 'aggregate': {
      const of = totalAt(item.aggregate)
      return isKnown(of) ? of.value : undefined
    }
    case 'ratio': {
      const sum = totalAt(item.sum)
      const count = totalAt(item.count).value
      if (!isKnown(sum)) return undefined
      return sum.value === null || count === null ? null : average(sum.value, count, AVERAGE_DIGITS)
    }
    case 'formula':
      if (!leavesOf(item.of).every(leaf => isKnown(total(leaf)))) return undefined
      return evaluateFormula(item.of, known).value
    case 'value':
      throw new Error('a group has no value of one row')
  }
}

/** The totals that a formula is made of, those of its conditions included. */
const leavesOf = (of: Expression): readonly AggregateCall[] =>
  walk(of).filter(isAggregate).flatMap(plainCalls)

/** AVG stands for the two totals that it is the quotient of. */
const plainCalls = (call: AggregateCall): readonly AggregateCall[] =>
  call.kind === 'avg'
    ? [
        { kind: 'sum', of: call.of },
        { kind: 'count', of: call.of },
      ]
    : [call]

// ── rows ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const linesOf = (query: Query, relation: Relation): readonly Shown[] =>
  everyRow(relation).map((row): Shown => {
    const outputs = query.items.map(item => {
      if (item.kind === 'key') return columnOf(relation, query.keys[item.key]?.name as string)[row]
      if (item.kind !== 'value' && item.kind !== 'formula') throw new Error('a row has no aggregate')
      return evaluateFormula(item.of, rowOf(relation, row)).value
    })
    const keys = query.keys.map(({ name }) => columnOf(relation, name)[row] ?? null)
    return { isShown: true, keys, outputs }
  })

// ── types and order of items ────────────────────────────────────────────────────────────────────────────────────────

/** The type of a number: its size is not what the result is about. */
const numberType = (scale: number): ColumnType =>
  scale === 0 ? { kind: 'integer', min: 0, max: 0 } : { kind: 'decimal', scale, min: '0', max: '0' }

export const typeOfItem = (query: Query, item: Item): ColumnType => {
  switch (item.kind) {
    case 'key':
      return (query.keys[item.key] as Column).type
    case 'ratio':
      return numberType(scaleOf(query.aggregates[item.sum] as AggregateCall) + AVERAGE_DIGITS)
    case 'aggregate':
      return typeOfExpression(query, query.aggregates[item.aggregate] as AggregateCall)
    case 'formula':
    case 'value':
      return typeOfExpression(query, item.of)
  }
}

const typeOfExpression = (query: Query, of: Expression): ColumnType => {
  const columns = columnsOfQuery(query)
  const typeNamed = (name: string): ColumnType | undefined =>
    columns.find(column => column.name === name)?.type
  if (of.kind === 'column') return typeNamed(of.column) ?? numberType(of.scale)
  const type = typeOf(of)
  if (type === 'date') return { kind: 'date', min: '0001-01-01', max: '9999-12-31' }
  if (type === 'boolean') return { kind: 'boolean' }
  if (type !== 'category') return numberType(scaleOf(of))
  const category = walk(of)
    .map(part => (part.kind === 'column' ? typeNamed(part.column) : undefined))
    .find(found => found?.kind === 'category')
  if (category === undefined) throw new Error(`${show(of)} has no list of categories`)
  return category
}

const compareLines = (query: Query, a: Line, b: Line): number => {
  for (const { by, ...direction } of query.order) {
    const type =
      by.kind === 'key'
        ? (query.keys[by.index] as Column).type
        : typeOfItem(query, query.items[by.index] as Item)
    const [x, y] = [a, b].map(line => (by.kind === 'key' ? line.keys : line.outputs)[by.index])
    const result = compareValues(x, y, type, direction)
    if (result !== 0) return result
  }
  return 0
}
