/**
 * One row a group: rows are sorted by the secret keys, and every total is a sum over the rows of a group. Groups come to
 * the front in the order of their keys; what stands behind them does not count.
 *
 * Totals that depend on the order of a column take a sort by keys and that column of their own. All sorts have the same
 * groups in the same order, because they have the same keys, so the results stand side by side without a join.
 *
 * Without keys there is exactly one row, and it counts, even over nothing.
 *
 * Secret: everything, the number of groups as well. Public: shapes, the uniform permutations of the sorts and moves. A
 * sort of the keys' width plus 1, then the equality of neighbours and 8 rounds; all sorts run side by side.
 */
import { bitsOnes } from '../../bits/bits.ts'
import { rangeOf } from '../../data/schema.ts'
import { and } from '../../protocol/and.ts'
import { bitToField } from '../../protocol/bit-to-field.ts'
import { groupEnds } from '../../protocol/group-flags.ts'
import { groupTotals } from '../../protocol/group-totals.ts'
import { multiplyAll } from '../../protocol/multiply.ts'
import { firstRows, type Column as Vector } from '../../protocol/rows.ts'
import type { Session } from '../../session/session.ts'
import { type SharedBits, type SharedField, shareOfBits } from '../../sharing/shared.ts'
import { compute, type RowValues } from '../operator/aggregate.ts'
import type { GroupSlot, HeldColumn, Slot, TableNode } from '../plan.ts'
import { blankTable } from './blank.ts'
import { conform, secretTable, withIndicator } from './forms.ts'
import { contributions, type OrderSlot } from './order-statistics.ts'
import { ascending, holding, identityOf, sortTable } from './sort-key.ts'
import {
  columnNamed,
  firstOfTable,
  frameOf,
  type Table,
  type TableColumn,
  vectorsOf,
  withVectors,
} from './table.ts'

type CollectNode = Extract<TableNode, { operator: 'collect' }>

const isOrdered = (slot: GroupSlot): slot is OrderSlot =>
  slot.total.kind !== 'rows' && slot.total.kind !== 'value' && slot.total.kind !== 'indicator'

/** Totals by slot, keys as the node holds them, and which rows are groups. */
interface Collected {
  readonly valid: SharedBits
  readonly keys: readonly TableColumn[]
  readonly totals: ReadonlyMap<string, SharedField>
}

export const collect = async (session: Session, table: Table, node: CollectNode): Promise<Table> => {
  // One row that does not count stands for none: its group does not count either.
  const input = table.rows === 0 ? blankTable(session, table, 1) : secretTable(session, table)
  const summed = node.slots.filter(slot => !isOrdered(slot))
  const ordered = node.slots.filter(isOrdered)
  const names = [...new Set(ordered.map(({ total }) => total.of))]
  const [collected, ...others] = await Promise.all([
    collectSums(session.step('sums'), input, node, summed as readonly Slot[]),
    ...names.map((name, i) =>
      collectOrdered(
        session.step(`order-${i}`),
        input,
        node.keys,
        name,
        ordered.filter(({ total }) => total.of === name),
      ),
    ),
  ])
  const totals = new Map([collected.totals, ...others].flatMap(one => [...one]))
  const groups = { ...collected, totals }
  const { valid, columns, rows } =
    node.keys.length === 0 ? await oneRow(session.step('one'), node, groups) : allRows(node, groups)
  const kept = Math.min(rows, node.rows)
  const result: Table = { rows, valid, columns, public: new Map() }
  return conform(
    session.step('hold'),
    kept === rows ? result : firstOfTable(session.kernel, result, kept),
    node.holds,
  )
}

const totalColumns = (
  { holds }: CollectNode,
  totals: ReadonlyMap<string, SharedField>,
): readonly (readonly [string, TableColumn])[] =>
  holds.flatMap(({ column }: HeldColumn) => {
    const field = totals.get(column.name)
    if (field === undefined) return []
    const { low } = rangeOf(column.type)
    return [[column.name, { column, slices: [], low, field, notNull: undefined }]]
  })

const allRows = (node: CollectNode, { valid, keys, totals }: Collected) => ({
  rows: valid.own.length,
  valid,
  columns: new Map([
    ...keys.map((key): [string, TableColumn] => [key.column.name, key]),
    ...totalColumns(node, totals),
  ]),
})

/** The group of the rows that count stands first, if there are any; what another one totals is nothing. */
const oneRow = async (session: Session, node: CollectNode, { valid, totals }: Collected) => {
  const { kernel, party } = session
  const [first] = firstRows(kernel, [valid], 1) as [SharedBits]
  const names = [...totals.keys()]
  const heads = firstRows(kernel, [...totals.values()], 1)
  const flag = await bitToField(session.step('flag'), first)
  const products = await multiplyAll(
    session.step('mask'),
    heads,
    heads.map(() => flag),
  )
  return {
    rows: 1,
    valid: shareOfBits(kernel, party, bitsOnes(kernel, 1)),
    columns: new Map(totalColumns(node, new Map(names.map((name, i) => [name, products[i] as SharedField])))),
  }
}

const collectSums = async (
  session: Session,
  table: Table,
  node: CollectNode,
  slots: readonly Slot[],
): Promise<Collected> => {
  const values = await compute(session.step('values'), frameOf(table), slots)
  const sums = [...values.keys()]
  const withValues = addColumns(table, values)
  const keyHolds = node.keys.map((key): HeldColumn => {
    const held = node.holds.find(({ column }) => column.name === key)
    return {
      column: columnNamed(table, key).column,
      bits: true,
      field: held?.field === true,
      indicator: held?.indicator === true,
    }
  })
  const held = await conform(session.step('keys'), withValues, [
    ...keyHolds,
    ...sums.map(
      (name): HeldColumn => ({ column: columnNamed(withValues, name).column, bits: false, field: true }),
    ),
  ])
  const sorted = await sortTable(session.step('sort'), held, node.keys.map(ascending), [
    ...node.keys,
    ...sums,
  ])
  const keys = node.keys.map(key => columnNamed(sorted, key))
  const ends = await groupEnds(session.step('ends'), [sorted.valid, ...keys.flatMap(identityOf)])
  const kept = [sorted.valid, ...keys.flatMap(vectorsOf)]
  const groups = await groupTotals(
    session.step('totals'),
    ends,
    sums.map(name => columnNamed(sorted, name).field as SharedField),
    kept,
  )
  const [counted, ...keyVectors] = groups.kept as [SharedBits, ...Vector[]]
  const [valid] = await and(session.step('valid'), [groups.valid], [counted])
  const totals = new Map(sums.map((name, i) => [name, groups.sums[i] as SharedField]))
  for (const { name, total } of slots) if (total.kind === 'rows') totals.set(name, groups.counts)
  return {
    valid: valid as SharedBits,
    keys: keys.map(key => withVectors(key, keyVectors.splice(0, vectorsOf(key).length))),
    totals,
  }
}

const addColumns = (table: Table, values: RowValues): Table => {
  const added = [...values].map(([name, field]): [string, TableColumn] => [
    name,
    {
      column: {
        name,
        type: { kind: 'integer', min: 0, max: 0 },
        nullable: false,
        visibility: 'secret',
        uses: [],
      },
      slices: [],
      low: 0n,
      field,
      notNull: undefined,
    },
  ])
  return { ...table, columns: new Map([...table.columns, ...added]) }
}

const collectOrdered = async (
  session: Session,
  table: Table,
  keys: readonly string[],
  name: string,
  slots: readonly OrderSlot[],
): Promise<ReadonlyMap<string, SharedField>> => {
  const needsValue = slots.some(({ total }) => total.kind !== 'distinct')
  const held = await holding(
    session.step('hold'),
    table,
    new Map([
      ...keys.map(key => [key, { bits: true, field: false }] as const),
      [name, { bits: true, field: needsValue }] as const,
    ]),
  )
  const source = await withIndicator(session.step('indicator'), columnNamed(held, name))
  const input = { ...held, columns: new Map([...held.columns, [name, source]]) }
  const order = [...keys, name].map(ascending)
  const sorted = await sortTable(session.step('sort'), input, order, [...new Set([...keys, name])])
  const group = [sorted.valid, ...keys.flatMap(key => identityOf(columnNamed(sorted, key)))]
  const ends = await groupEnds(session.step('ends'), group)
  const rows = { group, ends, column: columnNamed(sorted, name) }
  const parts = await contributions(session.step('parts'), rows, slots)
  const groups = await groupTotals(session.step('totals'), ends, parts, [])
  return new Map(slots.map((slot, i) => [slot.name, groups.sums[i] as SharedField]))
}
