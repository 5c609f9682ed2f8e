/**
 * One-hot membership of every row in the groups of the secret keys: bit v of a key says "this row has value v", and
 * pairs of keys multiply. The filter goes into the left side, so a row that does not count is in no group.
 *
 * Secret: which row is in which group. Public: the declared domains. Public keys partition the rows in the clear.
 */

import type { SecretColumn } from '../../data/relation.ts'
import type { Column } from '../../data/schema.ts'
import { and } from '../../protocol/and.ts'
import { oneHot } from '../../protocol/one-hot.ts'
import type { Session } from '../../session/session.ts'
import { not, type SharedBits } from '../../sharing/shared.ts'
import type { PlanKey } from '../plan.ts'

export interface Membership {
  /** Cells of the left keys, in their order, the filter included. */
  readonly left: readonly SharedBits[]
  /** Cells of the right keys; empty when there are none. */
  readonly right: readonly SharedBits[]
}

/** One bit vector a value of the key; the last says NULL when the column is nullable. */
const hotOf = async (
  session: Session,
  key: PlanKey,
  column: SecretColumn,
): Promise<readonly SharedBits[]> => {
  const { notNull, slices } = column
  const size = key.values.length - (notNull === undefined ? 0 : 1)
  const hot = await oneHot(session.step('value'), slices, size)
  if (notNull === undefined) return hot
  const known = await and(
    session.step('not-null'),
    hot,
    hot.map(() => notNull.bit),
  )
  return [...known, not(session.kernel, session.party, notNull.bit)]
}

/** Row-major pairs of what there is so far with one more key. */
const cross = (
  session: Session,
  cells: readonly SharedBits[],
  hot: readonly SharedBits[],
): Promise<readonly SharedBits[]> =>
  and(
    session,
    cells.flatMap(cell => hot.map(() => cell)),
    cells.flatMap(() => hot),
  )

export const group = async (
  session: Session,
  secret: ReadonlyMap<string, SecretColumn>,
  keys: readonly PlanKey[],
  step: { readonly left: readonly number[]; readonly right: readonly number[] },
  rows: SharedBits,
): Promise<Membership> => {
  const hot = new Map(
    await Promise.all(
      [...step.left, ...step.right].map(async place => {
        const key = keys[place] as PlanKey
        const column = secret.get(key.column) as SecretColumn
        return [place, await hotOf(session.step(`key-${place}`), key, column)] as const
      }),
    ),
  )
  const crossAll = async (
    name: string,
    start: readonly SharedBits[],
    places: readonly number[],
  ): Promise<readonly SharedBits[]> => {
    let cells = start
    for (const place of places)
      cells = await cross(session.step(`${name}-${place}`), cells, hot.get(place) as readonly SharedBits[])
    return cells
  }
  const [first, ...others] = step.right
  const [left, right] = await Promise.all([
    crossAll('left', [rows], step.left),
    first === undefined ? [] : crossAll('right', hot.get(first) as readonly SharedBits[], others),
  ])
  return { left, right }
}

// ── public keys ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Places of one vector of digits, the last key fastest. */
export const placeOf = (digits: readonly number[], sizes: readonly number[]): number =>
  digits.reduce((place, digit, i) => place * (sizes[i] as number) + digit, 0)

/** The digit of every key in a cell, in the order of the keys. */
export const digitsOf = (cell: number, sizes: readonly number[]): readonly number[] => {
  let rest = cell
  return sizes
    .toReversed()
    .map(size => {
      const digit = rest % size
      rest = Math.floor(rest / size)
      return digit
    })
    .toReversed()
}

/** Rows of each combination of the public keys; rows with a value outside of the plan (padding) are in none. */
export const partition = (
  rows: number,
  columns: readonly { readonly column: Column; readonly values: readonly (bigint | null)[] }[],
  keys: readonly PlanKey[],
): readonly Uint32Array[] => {
  const sizes = keys.map(key => key.values.length)
  const places = keys.map(key => new Map(key.values.map((value, i) => [value, i])))
  const parts: number[][] = Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => [])
  for (let row = 0; row < rows; row++) {
    const digits = columns.map(({ values }, i) => places[i]?.get(values[row]?.toString() ?? null))
    if (digits.every(digit => digit !== undefined)) parts[placeOf(digits, sizes)]?.push(row)
  }
  return parts.map(part => Uint32Array.from(part))
}
