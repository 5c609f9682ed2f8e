/**
 * The keys of two sides of a join in one form: as many slices on either side, equal exactly where the values are equal;
 * and which rows have a key at all. A row whose key is NULL, or lies where the other side's declared range does not
 * reach, meets nothing, so it is no longer usable and the key needs no more bits than the narrower side has.
 *
 * Where the ranges begin at different values, the side that begins later is shifted by the public difference
 * (`add-public.ts`); nothing else about a key takes a message.
 *
 * Secret: everything. Public: declared ranges. At most ceil(log2 w) rounds for keys of w bits, then one AND tree over what
 * makes a row usable; keys held in F_p alone are converted before (9 rounds).
 */
import { bitsOnes, widthFor } from '../../bits/bits.ts'
import { type Column, rangeOf, scaleOf } from '../../data/schema.ts'
import { addPublic } from '../../protocol/add-public.ts'
import { equal } from '../../protocol/equal.ts'
import type { Session } from '../../session/session.ts'
import { not, type SharedBits, shareOfBits } from '../../sharing/shared.ts'
import { conform } from './forms.ts'
import { columnNamed, type Table, type TableColumn } from './table.ts'

export interface JoinKey {
  readonly slices: readonly SharedBits[]
  /** The row counts and its key may meet another. */
  readonly usable: SharedBits
}

/** AND of some bits a row; ceil(log2 n) rounds. */
const allOf = (session: Session, bits: readonly SharedBits[]): Promise<SharedBits> => {
  const { kernel, party } = session
  const ones = shareOfBits(kernel, party, bitsOnes(kernel, (bits[0] as SharedBits).own.length))
  return equal(
    session,
    bits,
    bits.map(() => ones),
  )
}

const columnOf = (table: Table, name: string): Column =>
  table.public.get(name)?.column ?? columnNamed(table, name).column

/** Values of two columns are the same exactly when their encoded integers are. */
export const encodedAlike = (left: Column, right: Column): boolean => {
  const listOf = ({ type }: Column): string | undefined =>
    type.kind === 'category'
      ? JSON.stringify(type.values)
      : type.kind === 'text'
        ? JSON.stringify(type)
        : undefined
  return listOf(left) === listOf(right) && scaleOf(left.type) === scaleOf(right.type)
}

/** Slices of value - low for a common low. */
const shifted = (
  session: Session,
  { column, slices, low }: TableColumn,
  common: bigint,
): readonly SharedBits[] | Promise<readonly SharedBits[]> =>
  low === common
    ? slices
    : addPublic(session, slices, low - common, widthFor(rangeOf(column.type).high - common))

export const joinKeys = async (
  session: Session,
  left: Table,
  right: Table,
  on: readonly { readonly left: string; readonly right: string }[],
): Promise<readonly [JoinKey, JoinKey]> => {
  if (on.length === 0) throw new Error('join: no keys')
  const pairs = on.map(pair => [columnOf(left, pair.left), columnOf(right, pair.right)] as const)
  for (const [a, b] of pairs)
    if (!encodedAlike(a, b)) throw new Error(`join: ${a.name} and ${b.name} are encoded differently`)
  const { kernel, party } = session
  const held = await Promise.all(
    pairs.map(([a, b], i) =>
      Promise.all(
        ([a, b] as const).map(async (column, side) => {
          const secret: Column = { ...column, visibility: 'secret' }
          const here = session.step(`${side === 0 ? 'left' : 'right'}-${i}`)
          const table = await conform(here, side === 0 ? left : right, [
            { column: secret, bits: true, field: false },
          ])
          return columnNamed(table, column.name)
        }),
      ),
    ),
  )
  const aligned = await Promise.all(
    held.map(async ([a, b], i) => {
      const [x, y] = [a as TableColumn, b as TableColumn]
      const low = x.low < y.low ? x.low : y.low
      return Promise.all([
        shifted(session.step(`shift-left-${i}`), x, low),
        shifted(session.step(`shift-right-${i}`), y, low),
      ])
    }),
  )
  const keyOf = async (side: 0 | 1): Promise<JoinKey> => {
    const { valid } = side === 0 ? left : right
    const widths = aligned.map(([a, b]) => Math.min(a.length, b.length))
    const beyond = aligned.flatMap((sides, i) => sides[side].slice(widths[i]))
    const known = held.flatMap(sides => sides[side]?.notNull?.bit ?? [])
    return {
      slices: aligned.flatMap((sides, i) => sides[side].slice(0, widths[i])),
      usable: await allOf(session.step(side === 0 ? 'usable-left' : 'usable-right'), [
        valid,
        ...known,
        ...beyond.map(slice => not(kernel, party, slice)),
      ]),
    }
  }
  return Promise.all([keyOf(0), keyOf(1)])
}
