/**
 * The domains in which a table's columns are held: an operator gets what it needs, and drops what nobody needs any more.
 *
 *   public -> secret   trivial sharings, local            bits -> F_p   two rounds and 8 B a row and bit
 *   F_p -> bits        at most 9 rounds                   dropping      local
 */
import { bitsFrom } from '../../bits/bits.ts'
import { columnWidth, rangeOf } from '../../data/schema.ts'
import { encodeInteger, field } from '../../field/field.ts'
import { bitsToFieldAll, bitToField } from '../../protocol/bit-to-field.ts'
import { fieldToBits } from '../../protocol/field-to-bits.ts'
import type { Session } from '../../session/session.ts'
import {
  add,
  addConstant,
  type SharedBits,
  type SharedField,
  scale,
  shareOfBits,
  shareOfField,
} from '../../sharing/shared.ts'
import type { HeldColumn } from '../plan.ts'
import type { PublicValues, Table, TableColumn } from './table.ts'

/** A public column as a sharing in both domains: nobody sends anything, and it can move like any other. */
const secretColumn = ({ kernel, party }: Session, { column, values }: PublicValues): TableColumn => {
  const { low } = rangeOf(column.type)
  const bit = (of: (value: bigint | null) => boolean): SharedBits =>
    shareOfBits(kernel, party, bitsFrom(values.map(of)))
  const words = (of: (value: bigint | null) => bigint): SharedField =>
    shareOfField(
      kernel,
      party,
      field(
        BigUint64Array.from(values, value => encodeInteger(of(value))),
        values.length,
      ),
    )
  return {
    column: { ...column, visibility: 'secret' },
    slices: Array.from({ length: columnWidth(column) }, (_, j) =>
      bit(value => value !== null && ((value - low) >> BigInt(j)) % 2n === 1n),
    ),
    low,
    field: words(value => value ?? 0n),
    notNull: column.nullable
      ? { bit: bit(value => value !== null), field: words(value => (value === null ? 0n : 1n)) }
      : undefined,
  }
}

/** The same table with the named public columns, or all, as sharings. */
export const secretTable = (session: Session, table: Table): Table => {
  if (table.public.size === 0) return table
  const columns = new Map(table.columns)
  for (const [name, values] of table.public) columns.set(name, secretColumn(session, values))
  return { ...table, columns, public: new Map() }
}

/** Bits of a column that may be held in F_p alone. */
const withBits = async (session: Session, held: TableColumn): Promise<TableColumn> => {
  if (held.slices.length > 0) return held
  if (held.field === undefined) throw new Error(`column ${held.column.name} is held in no domain`)
  const range = rangeOf(held.column.type)
  // Where NULL the element is 0, which need not be in range: low is put in its place, whose bits are 0.
  const { low } = range
  const { notNull } = held
  const indicator =
    notNull === undefined || low === 0n
      ? undefined
      : (notNull.field ?? (await bitToField(session.step('not-null'), notNull.bit)))
  const { kernel, party } = session
  const shifted =
    indicator === undefined
      ? held.field
      : addConstant(kernel, party, add(kernel, held.field, scale(kernel, indicator, -low)), low)
  return { ...held, slices: await fieldToBits(session.step('bits'), shifted, range) }
}

/** F_p of a column that may be held in bits alone. */
const withField = async (session: Session, held: TableColumn): Promise<TableColumn> => {
  if (held.field !== undefined) return held
  const { kernel } = session
  const { notNull, low, slices } = held
  const indicator = notNull === undefined || low === 0n ? undefined : (notNull.field ?? 'convert')
  const converted = await bitsToFieldAll(session.step('field'), [
    ...slices,
    ...(indicator === 'convert' && notNull !== undefined ? [notNull.bit] : []),
  ])
  const value = slices
    .map((_, j) => scale(kernel, converted[j] as SharedField, 1n << BigInt(j)))
    .reduce((sum, term) => add(kernel, sum, term))
  const known = indicator === 'convert' ? (converted.at(-1) as SharedField) : indicator
  const element =
    known === undefined
      ? addConstant(kernel, session.party, value, notNull === undefined ? low : 0n)
      : add(kernel, value, scale(kernel, known, low))
  return {
    ...held,
    field: element,
    notNull: notNull && { bit: notNull.bit, field: known ?? notNull.field },
  }
}

/** Whether NULL, in F_p as well. */
export const withIndicator = async (session: Session, held: TableColumn): Promise<TableColumn> => {
  const { notNull } = held
  if (notNull === undefined || notNull.field !== undefined) return held
  return { ...held, notNull: { bit: notNull.bit, field: await bitToField(session, notNull.bit) } }
}

/**
 * The table with exactly these columns in exactly these domains. All conversions run beside each other: at most 9 rounds.
 */
export const conform = async (
  session: Session,
  table: Table,
  holds: readonly HeldColumn[],
): Promise<Table> => {
  const open = new Map<string, PublicValues>()
  const entries = await Promise.all(
    holds.map(
      async ({ column, bits, field: asField, indicator = asField }, i): Promise<[string, TableColumn][]> => {
        const { name } = column
        const values = table.public.get(name)
        if (values !== undefined && column.visibility === 'public') {
          open.set(name, values)
          return []
        }
        const found = values === undefined ? table.columns.get(name) : secretColumn(session, values)
        if (found === undefined) throw new Error(`column ${name} is not in the table`)
        const here = session.step(`column-${i}`)
        const needed = await withNeeded(here, found, bits, asField)
        const both = indicator ? await withIndicator(here.step('indicator'), needed) : needed
        return [
          [
            name,
            {
              ...both,
              column,
              slices: bits ? both.slices : [],
              field: asField ? both.field : undefined,
              notNull: both.notNull && {
                bit: both.notNull.bit,
                field: indicator ? both.notNull.field : undefined,
              },
            },
          ],
        ]
      },
    ),
  )
  return { ...table, columns: new Map(entries.flat()), public: open }
}

const withNeeded = async (
  session: Session,
  found: TableColumn,
  bits: boolean,
  asField: boolean,
): Promise<TableColumn> => {
  if (bits && found.slices.length === 0) return withBits(session.step('to-bits'), found)
  if (asField && found.field === undefined) return withField(session.step('to-field'), found)
  return found
}
