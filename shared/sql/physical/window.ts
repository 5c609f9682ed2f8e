/**
 * Columns that look at other rows of the same partition: row number, sums, the row before. Rows leave in the order in
 * which they are looked at: rows that count, by partition, then by the order.
 *
 *     running   prefix sums from the partition's start (`fill-down.ts`)
 *     whole     running from the start, and from the end over the reversed rows, less the row itself
 *     range     running, and from the end of the rows that are equal in the order, less the row itself
 *     lag       the row before (local), cleared where a partition starts
 *
 * A running sum counts rows: of rows with equal order each sees those before it, and their order is that in which they
 * came. A range sum counts all of them in each. NULLs add nothing.
 *
 * Secret: everything, the number of partitions as well. Public: shapes, the uniform permutations of one sort and at most
 * three moves. After the sort: the equality of neighbours, 9 rounds for numbers and sums, 3 for the row before.
 */
import { rangeOf } from '../../data/schema.ts'
import { type Field, fieldFill, fieldZeros } from '../../field/field.ts'
import { and } from '../../protocol/and.ts'
import { bitToField } from '../../protocol/bit-to-field.ts'
import { runningTotals } from '../../protocol/fill-down.ts'
import { groupEnds, groupStarts } from '../../protocol/group-flags.ts'
import { multiplyAll } from '../../protocol/multiply.ts'
import { bitsConcat, bitsSlice } from '../../protocol/rows.ts'
import type { Session } from '../../session/session.ts'
import {
  add,
  fieldConcat,
  fieldSlice,
  not,
  type SharedBits,
  type SharedField,
  shareOfField,
  subtract,
  zeroBits,
} from '../../sharing/shared.ts'
import type { TableNode, WindowFunction } from '../plan.ts'
import { conform, withIndicator } from './forms.ts'
import { reversed } from './reversed.ts'
import { ascending, holding, identityOf, sortTable } from './sort-key.ts'
import { columnNamed, type Table, type TableColumn } from './table.ts'

type WindowNode = Extract<TableNode, { operator: 'window' }>
type Kind = WindowFunction['kind']

const zeroElement = ({ kernel, party }: Session): SharedField =>
  shareOfField(kernel, party, fieldFill(kernel, 1, 0n))

/** Every row holds what the row above held, the first one zero. */
const bitsBelow = ({ kernel }: Session, bits: SharedBits): SharedBits =>
  bitsConcat(kernel, zeroBits(kernel, 1), bitsSlice(kernel, bits, 0, bits.own.length - 1))
const elementsBelow = (session: Session, elements: SharedField): SharedField =>
  fieldConcat(session.kernel, [
    zeroElement(session),
    fieldSlice(session.kernel, elements, 0, elements.own.length - 1),
  ])

/** The value of the row above; NULL where a partition starts. */
const lag = async (
  session: Session,
  source: TableColumn,
  starts: SharedBits,
): Promise<Omit<TableColumn, 'column'>> => {
  const { kernel, party } = session
  const { field } = source
  const continues = not(kernel, party, starts)
  const { slices, notNull } =
    field === undefined ? source : await withIndicator(session.step('indicator'), source)
  const cleared = async (): Promise<SharedBits[]> => {
    const above = [...slices, ...(notNull === undefined ? [] : [notNull.bit])].map(slice =>
      bitsBelow(session, slice),
    )
    return and(
      session.step('bits'),
      above,
      above.map(() => continues),
    )
  }
  const clearedElements = async (): Promise<SharedField[]> => {
    if (field === undefined) return []
    const flag = await bitToField(session.step('continues'), continues)
    const above = [field, ...(notNull?.field === undefined ? [] : [notNull.field])].map(one =>
      elementsBelow(session, one),
    )
    const products = await multiplyAll(
      session.step('elements'),
      above,
      above.map(() => flag),
    )
    return products.length === 2 ? products : [...products, flag]
  }
  const [bits, [value, indicator]] = await Promise.all([cleared(), clearedElements()])
  return {
    slices: bits.slice(0, slices.length),
    low: source.low,
    field: value,
    notNull: { bit: notNull === undefined ? continues : (bits.at(-1) as SharedBits), field: indicator },
  }
}

/** Row numbers, and sums from the start of the partition and over the whole of it, by column. */
const totalsOf = async (
  session: Session,
  table: Table,
  functions: readonly WindowFunction[],
  ends: SharedBits,
  peerEnds: SharedBits | undefined,
): Promise<(kind: Kind, of: string | undefined) => SharedField> => {
  const { kernel } = session
  const columnsFor = (...kinds: readonly Kind[]): string[] => [
    ...new Set(functions.flatMap(one => (kinds.includes(one.kind) && 'of' in one ? [one.of] : []))),
  ]
  const summed = columnsFor('running-sum', 'range-sum', 'partition-sum')
  const whole = columnsFor('partition-sum')
  const ranged = columnsFor('range-sum')
  const elementOf = (name: string): SharedField => columnNamed(table, name).field as SharedField
  const starts = groupStarts(session, ends)
  const isNeeded = summed.length > 0 || functions.some(({ kind }) => kind === 'row-number')
  /** Sums from every row to the last one before the next end. */
  const toEnd = async (
    step: Session,
    marks: SharedBits | undefined,
    names: readonly string[],
  ): Promise<readonly SharedField[]> => {
    if (marks === undefined || names.length === 0) return []
    const [flags, values] = reversedAll(session, marks, names.map(elementOf))
    return reversed(kernel, (await runningTotals(step, flags, values)).sums)
  }
  const [forwards, toPartitionEnd, toPeerEnd] = await Promise.all([
    isNeeded ? runningTotals(session.step('from-start'), starts, summed.map(elementOf)) : undefined,
    toEnd(session.step('from-end'), ends, whole),
    toEnd(session.step('from-peers'), peerEnds, ranged),
  ])
  return (kind, of) => {
    if (of === undefined) return forwards?.numbers as SharedField
    const upTo = forwards?.sums[summed.indexOf(of)] as SharedField
    if (kind === 'running-sum') return upTo
    const from = kind === 'range-sum' ? toPeerEnd[ranged.indexOf(of)] : toPartitionEnd[whole.indexOf(of)]
    return subtract(kernel, add(kernel, upTo, from as SharedField), elementOf(of))
  }
}

const reversedAll = (
  { kernel }: Session,
  ends: SharedBits,
  values: readonly SharedField[],
): readonly [SharedBits, SharedField[]] => {
  const [flags, ...elements] = reversed(kernel, [ends, ...values]) as [SharedBits, ...SharedField[]]
  return [flags, elements]
}

/** A column that the node gives, before it holds anything. */
const blankColumn = ({ kernel }: Session, { holds, rows }: WindowNode, name: string): TableColumn => {
  const column = holds.find(held => held.column.name === name)?.column
  if (column === undefined) throw new Error(`nobody needs ${name}`)
  const zeros = (): Field => fieldZeros(kernel, rows)
  return {
    column,
    slices: [],
    low: rangeOf(column.type).low,
    field: { own: zeros(), next: zeros() },
    notNull: column.nullable ? { bit: zeroBits(kernel, rows), field: undefined } : undefined,
  }
}

export const window = async (session: Session, table: Table, node: WindowNode): Promise<Table> => {
  const functions = node.functions.filter(({ name }) => node.holds.some(({ column }) => column.name === name))
  const made = new Map(functions.map(one => [one.name, one]))
  const kept = node.holds.map(({ column }) => column.name).filter(name => !made.has(name))
  const sources = functions.flatMap(one => ('of' in one ? [one.of] : []))
  const order = [...node.partition.map(ascending), ...node.order]
  const hasPeers = functions.some(({ kind }) => kind === 'range-sum')
  const peers = hasPeers ? node.order.map(by => by.column) : []
  const names = [...new Set([...kept, ...sources, ...node.partition, ...peers])]
  const sorted = await sortTable(session.step('order'), table, order, names)
  const columns = new Map([...sorted.columns].filter(([name]) => kept.includes(name)))
  if (table.rows === 0) {
    for (const { name } of functions) columns.set(name, blankColumn(session, node, name))
    return conform(session.step('holds'), { ...sorted, columns }, node.holds)
  }

  const summed = functions.flatMap(one => (one.kind === 'row-number' || one.kind === 'lag' ? [] : [one.of]))
  const identityIn = (columns: readonly string[]): SharedBits[] =>
    columns.flatMap(name => identityOf(columnNamed(sorted, name)))
  const partitionIdentity = [sorted.valid, ...identityIn(node.partition)]
  const [amounts, ends, peerEnds] = await Promise.all([
    holding(
      session.step('amounts'),
      sorted,
      new Map(summed.map(name => [name, { bits: false, field: true }])),
    ),
    groupEnds(session.step('ends'), partitionIdentity),
    hasPeers ? groupEnds(session.step('peer-ends'), [...partitionIdentity, ...identityIn(peers)]) : undefined,
  ])
  const starts = groupStarts(session, ends)
  const [totalOf, ...lagged] = await Promise.all([
    totalsOf(session.step('totals'), amounts, functions, ends, peerEnds),
    ...functions.map((one, i) =>
      one.kind === 'lag' ? lag(session.step(`lag-${i}`), columnNamed(sorted, one.of), starts) : undefined,
    ),
  ])
  functions.forEach((one, i) => {
    const blank = blankColumn(session, node, one.name)
    const moved = lagged[i]
    columns.set(
      one.name,
      moved === undefined
        ? { ...blank, field: totalOf(one.kind, 'of' in one ? one.of : undefined) }
        : { ...moved, column: blank.column },
    )
  })
  return conform(session.step('holds'), { ...sorted, columns }, node.holds)
}
