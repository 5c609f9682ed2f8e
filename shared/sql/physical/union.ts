/**
 * UNION ALL: the rows of several tables one after the other, columns by place. A column of the result has a type that
 * covers those of its parts, so parts are widened to it: zeros on top of narrower bits, and where a part's range begins
 * later, the public difference added (`add-public.ts`) to the rows that are not NULL. Elements of F_p are the same in any
 * range. A column stays public where all its parts are.
 *
 * Secret: everything else. Public: shapes. No rounds when ranges begin alike and parts are held as the result is.
 */
import { bitsOnes } from '../../bits/bits.ts'
import { type Column, columnWidth, rangeOf } from '../../data/schema.ts'
import { fieldFill } from '../../field/field.ts'
import { addPublic } from '../../protocol/add-public.ts'
import { and } from '../../protocol/and.ts'
import { bitsConcat } from '../../protocol/rows.ts'
import type { Session } from '../../session/session.ts'
import {
  fieldConcat,
  type SharedBits,
  type SharedField,
  shareOfBits,
  shareOfField,
  zeroBits,
} from '../../sharing/shared.ts'
import type { HeldColumn, TableNode } from '../plan.ts'
import { conform } from './forms.ts'
import { encodedAlike } from './join-keys.ts'
import { columnNamed, type PublicValues, type Table, type TableColumn } from './table.ts'

type UnionNode = Extract<TableNode, { operator: 'union' }>

const requireCovered = (part: Column, whole: Column): void => {
  const [inner, outer] = [rangeOf(part.type), rangeOf(whole.type)]
  if (
    !encodedAlike(part, whole) ||
    inner.low < outer.low ||
    inner.high > outer.high ||
    (part.nullable && !whole.nullable)
  )
    throw new Error(`union: ${part.name} does not fit into ${whole.name}`)
}

/** Bits of a part as bits of the whole. */
const widen = async (
  session: Session,
  { slices, low, notNull }: TableColumn,
  whole: Column,
): Promise<readonly SharedBits[]> => {
  const { kernel } = session
  const width = columnWidth(whole)
  const by = low - rangeOf(whole.type).low
  const rows = (slices[0] as SharedBits).own.length
  if (by === 0n) return Array.from({ length: width }, (_, j) => slices[j] ?? zeroBits(kernel, rows))
  const sums = await addPublic(session.step('shift'), slices, by, width)
  return notNull === undefined
    ? sums
    : and(
        session.step('not-null'),
        sums,
        sums.map(() => notNull.bit),
      )
}

/** A part under the column of the whole. */
const partOf = async (
  session: Session,
  part: TableColumn,
  rows: number,
  { column: whole, field, indicator = field }: HeldColumn,
): Promise<TableColumn> => {
  const { kernel, party } = session
  const slices = part.slices.length === 0 ? [] : await widen(session, part, whole)
  const notNull = !whole.nullable
    ? undefined
    : (part.notNull ?? {
        bit: shareOfBits(kernel, party, bitsOnes(kernel, rows)),
        field: indicator ? shareOfField(kernel, party, fieldFill(kernel, rows, 1n)) : undefined,
      })
  return { ...part, column: whole, low: rangeOf(whole.type).low, slices, notNull }
}

export const union = async (session: Session, inputs: readonly Table[], node: UnionNode): Promise<Table> => {
  const { kernel } = session
  const parts = await Promise.all(
    inputs.map(async (table, i): Promise<{ secret: TableColumn[]; open: PublicValues[] }> => {
      const names = node.from[i] as readonly string[]
      const own = names.map(
        (name): Column => table.public.get(name)?.column ?? columnNamed(table, name).column,
      )
      const here = session.step(`input-${i}`)
      const converted = await Promise.all(
        node.holds.map(async (held, j) => {
          const { column: whole, bits, field, indicator = field } = held
          const column = own[j] as Column
          requireCovered(column, whole)
          const step = here.step(`column-${j}`)
          const asHeld = { column: { ...column, visibility: whole.visibility }, bits, field, indicator }
          const one = await conform(step.step('domains'), table, [asHeld])
          const open = one.public.get(column.name)
          if (open !== undefined) return { open: { column: whole, values: open.values } }
          const secret = columnNamed(one, column.name)
          return { secret: await partOf(step, secret, table.rows, held) }
        }),
      )
      return {
        secret: converted.flatMap(({ secret }) => secret ?? []),
        open: converted.flatMap(({ open }) => open ?? []),
      }
    }),
  )
  const bits = (all: readonly SharedBits[]): SharedBits => all.reduce((a, b) => bitsConcat(kernel, a, b))
  const joined = (columns: readonly TableColumn[]): TableColumn => {
    const [first] = columns as readonly [TableColumn]
    const known = columns.flatMap(({ notNull }) => notNull ?? [])
    const elements = (all: readonly (SharedField | undefined)[]): SharedField | undefined => {
      const present = all.filter(one => one !== undefined)
      return present.length === columns.length ? fieldConcat(kernel, present) : undefined
    }
    return {
      ...first,
      slices: first.slices.map((_, j) => bits(columns.map(({ slices }) => slices[j] as SharedBits))),
      field: elements(columns.map(({ field }) => field)),
      notNull: first.notNull && {
        bit: bits(known.map(({ bit }) => bit)),
        field: elements(known.map(({ field }) => field)),
      },
    }
  }
  const [first] = parts
  if (first === undefined) throw new Error('union: of nothing')
  return {
    rows: inputs.reduce((sum, { rows }) => sum + rows, 0),
    valid: bits(inputs.map(({ valid }) => valid)),
    columns: new Map(
      first.secret.map(({ column }, j) => [
        column.name,
        joined(parts.map(({ secret }) => secret[j] as TableColumn)),
      ]),
    ),
    public: new Map(
      first.open.map(({ column }, j) => [
        column.name,
        { column, values: parts.flatMap(({ open }) => (open[j] as PublicValues).values) },
      ]),
    ),
  }
}
