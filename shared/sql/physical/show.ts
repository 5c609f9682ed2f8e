/**
 * The end of a plan over whole tables: which rows are shown, and what of them. Rows that are not shown are zero
 * everywhere, and stand behind those that are; no more rows are kept than the plan says can be shown.
 *
 * Secret throughout, up to `reveal`: how many rows are shown as well.
 */
import { and } from '../../protocol/and.ts'
import { bitsToFieldAll } from '../../protocol/bit-to-field.ts'
import { multiplyAll } from '../../protocol/multiply.ts'
import { partition } from '../../protocol/partition.ts'
import type { Column as Vector } from '../../protocol/rows.ts'
import { shuffle } from '../../protocol/shuffle.ts'
import type { Session } from '../../session/session.ts'
import type { SharedBits, SharedField } from '../../sharing/shared.ts'
import type { Predicate } from '../expression.ts'
import { truthOf } from '../operator/predicate.ts'
import { andTruths, secretTruth, sharedTruth, type Truth } from '../operator/value.ts'
import {
  type Guard,
  guardedName,
  type HavingInput,
  type HeldColumn,
  type RevealedVector,
  ROWS,
  type Step,
} from '../plan.ts'
import { conform } from './forms.ts'
import {
  columnNamed,
  firstOfTable,
  frameOf,
  rowVectors,
  type Table,
  type TableColumn,
  withRows,
} from './table.ts'
import { top } from './top.ts'

/** Totals that may not be shown are NULL from here on, under their own names or, where one has several guards, under others. */
const guarded = (
  table: Table,
  totals: readonly { readonly slot: string; readonly guard: Guard }[],
  enough: ReadonlyMap<Guard, SharedBits>,
  nameOf: (slot: string, guard: Guard) => string,
): ReadonlyMap<string, TableColumn> => {
  const columns = new Map(table.columns)
  for (const { slot, guard } of totals) {
    const held = columnNamed(table, slot)
    if (guard === ROWS) continue
    const name = nameOf(slot, guard)
    columns.set(name, {
      ...held,
      column: { ...held.column, name, nullable: true },
      notNull: { bit: enough.get(guard) as SharedBits, field: undefined },
    })
  }
  return columns
}

/** The column that a vector is made of, where it is not a flag. */
const nameShown = ({ kind, slot, guard }: RevealedVector): readonly string[] =>
  kind === 'total' ? [guardedName(slot, guard)] : kind === 'column' ? [slot] : []

/** Rows that count, have enough rows behind them and fulfil HAVING. */
export const shownRows = async (
  session: Session,
  table: Table,
  enough: ReadonlyMap<Guard, SharedBits>,
  having: { readonly predicate: Predicate; readonly inputs: readonly HavingInput[] } | undefined,
): Promise<SharedBits> => {
  const rows = enough.get(ROWS)
  const all = [secretTruth(table.valid), ...(rows === undefined ? [] : [secretTruth(rows)])]
  if (having !== undefined) {
    const inputs = new Set(having.inputs.map(({ name }) => name))
    const frame = frameOf({ ...table, columns: guarded(table, having.inputs, enough, slot => slot) })
    // Totals are compared in F_p; only keys have bits.
    const scope = {
      ...frame.scope,
      column: (name: string) => (inputs.has(name) ? undefined : frame.scope.column(name)),
    }
    const isNullable = (name: string): boolean =>
      having.inputs.find(input => input.name === name)?.guard === ROWS ? false : frame.isNullable(name)
    all.push(await truthOf(session.step('having'), { ...frame, scope, isNullable }, having.predicate))
  }
  let shown = all[0] as Truth
  for (const [i, truth] of all.slice(1).entries())
    shown = (await andTruths(session.step(`and-${i}`), [shown], [truth]))[0] as Truth
  return sharedTruth(session, shown)
}

/** `table.valid` says which rows are shown. */
export const compact = async (
  session: Session,
  table: Table,
  step: Extract<Step, { operator: 'compact' }>,
  vectors: readonly RevealedVector[],
  enough: ReadonlyMap<Guard, SharedBits>,
  cells: number,
): Promise<Table> => {
  const totals = vectors.filter(({ kind }) => kind === 'total')
  const columns = guarded(table, totals, enough, guardedName)
  const names = new Set([...vectors.flatMap(nameShown), ...step.order.map(by => by.column)])
  // In bits where they are ordered by, else as they are: few rows are left when elements are made of bits.
  const holds = [...names].map((name): HeldColumn => {
    const { column, slices, field } = columns.get(name) as TableColumn
    const isOrder = step.order.some(by => by.column === name)
    return { column, bits: isOrder || (field === undefined && slices.length > 0), field: field !== undefined }
  })
  const made = await conform(session.step('hold'), { ...table, columns, public: table.public }, holds)
  const isOrdered = step.order.length > 0
  const mixed = step.shuffled && made.rows > 1 ? await shuffled(session, made) : made
  const front = isOrdered && 2 * step.most > made.rows ? mixed : await toFront(session, mixed, step.most)
  const few = Math.min(cells, front.rows)
  if (!isOrdered) return front.rows === few ? front : firstOfTable(session.kernel, front, few)
  const node = { name: 'top', operator: 'top', input: '', order: step.order, rows: few, holds } as const
  return top(session.step('top'), front, node)
}

const shuffled = async (session: Session, table: Table): Promise<Table> => {
  const { columns } = await shuffle<Vector>(session.step('shuffle'), rowVectors(table))
  return withRows(table, table.rows, columns)
}

/** Rows that are shown first, and no more of them than there can be. */
const toFront = async (session: Session, table: Table, rowsMax: number): Promise<Table> => {
  const most = Math.min(rowsMax, table.rows)
  if (table.rows < 2) return most === table.rows ? table : firstOfTable(session.kernel, table, most)
  const all: readonly Vector[] = rowVectors(table)
  const front = await partition<Vector>(session.step('front'), all[0] as SharedBits, all)
  return firstOfTable(session.kernel, withRows(table, table.rows, front), most)
}

/** One vector for each that is revealed, zero where it is not shown, in the plan's order. */
export const suppressRows = async (
  session: Session,
  table: Table,
  vectors: readonly RevealedVector[],
): Promise<readonly SharedField[]> => {
  const named = [...new Set(vectors.flatMap(nameShown))]
  const held = await conform(
    session.step('hold'),
    table,
    named.map(name => ({
      column: columnNamed(table, name).column,
      bits: false,
      field: true,
      indicator: false,
    })),
  )
  // A flag of its own for every guard and every column that may be NULL.
  const known = [...held.columns].flatMap(([name, { notNull }]) =>
    notNull === undefined ? [] : [{ name, bit: notNull.bit }],
  )
  const both = await and(
    session.step('known'),
    known.map(() => held.valid),
    known.map(({ bit }) => bit),
  )
  const flags = await bitsToFieldAll(session.step('flag'), [held.valid, ...both])
  const shown = flags[0] as SharedField
  const flagOf = (slot: string): SharedField => {
    const at = known.findIndex(({ name }) => name === slot)
    return at < 0 ? shown : (flags[at + 1] as SharedField)
  }
  const products = await multiplyAll(
    session.step('value'),
    named.map(flagOf),
    named.map(name => columnNamed(held, name).field as SharedField),
  )
  const guardFlag = (guard: Guard): SharedField => {
    if (guard === ROWS) return shown
    const total = vectors.find(vector => vector.kind === 'total' && vector.guard === guard)
    return total === undefined ? shown : flagOf(guardedName(total.slot, guard))
  }
  return vectors.map(vector => {
    const { kind, slot, guard } = vector
    if (kind === 'shown') return guardFlag(guard)
    if (kind === 'known') return flagOf(slot)
    return products[named.indexOf(nameShown(vector)[0] as string)] as SharedField
  })
}
