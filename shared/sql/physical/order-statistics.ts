/**
 * Totals that depend on the order of a column's values within their group: least, greatest, the value at a fraction, and
 * how many differ. Rows come sorted by (counts, keys, NULL, value), so the values of a group stand in order before its
 * NULLs, and each statistic is what a row contributes to a sum over its group:
 *
 *     least      the value in the first row of the group          greatest   in the last row that is not NULL
 *     distinct   1 where a value differs from the one above it
 *     fraction   a / b of N values, row of rank r, counted from 1:
 *                discrete    the value where b r >= a N > b (r - 1); for a = 0 the first one
 *                continuous  max(0, b - |a (N - 1) - b (r - 1)|) times the value, b times the interpolated value in all
 *
 * N is what the ranks from both ends add up to. NULLs are 0 in F_p, so they contribute nothing.
 *
 * Secret: everything. Public: shapes. Least: 3 rounds; distinct: an equality more; fractions: 9 rounds for ranks, then
 * two signs and at most three products.
 */
import { bitsOnes } from '../../bits/bits.ts'
import { and } from '../../protocol/and.ts'
import { bitToField } from '../../protocol/bit-to-field.ts'
import { runningTotals } from '../../protocol/fill-down.ts'
import { groupEnds, groupStarts } from '../../protocol/group-flags.ts'
import { isNegative } from '../../protocol/is-negative.ts'
import { multiply } from '../../protocol/multiply.ts'
import { bitsConcat, bitsSlice } from '../../protocol/rows.ts'
import type { Session } from '../../session/session.ts'
import {
  add,
  addConstant,
  not,
  type SharedBits,
  type SharedField,
  scale,
  shareOfBits,
  subtract,
} from '../../sharing/shared.ts'
import type { GroupSlot } from '../plan.ts'
import { reversed } from './reversed.ts'
import { identityOf } from './sort-key.ts'
import type { TableColumn } from './table.ts'

export type OrderSlot = GroupSlot & {
  readonly total: Extract<GroupSlot['total'], { readonly kind: 'min' | 'max' | 'distinct' | 'percentile' }>
}

export interface OrderedRows {
  /** Slices that name the group. */
  readonly group: readonly SharedBits[]
  readonly ends: SharedBits
  /** The column by which the rows of a group are ordered, held in both domains, with its indicator if it has NULLs. */
  readonly column: TableColumn
}

/** What every row contributes to the slot of its group. */
export const contributions = async (
  session: Session,
  rows: OrderedRows,
  slots: readonly OrderSlot[],
): Promise<readonly SharedField[]> => {
  const needsRanks = slots.some(({ total }) => total.kind === 'percentile')
  const ranks = needsRanks ? await ranksOf(session.step('ranks'), rows) : undefined
  return Promise.all(
    slots.map(({ total }, i) => {
      const here = session.step(`slot-${i}`)
      switch (total.kind) {
        case 'min':
          return valueWhere(here, rows, groupStarts(session, rows.ends))
        case 'max':
          return greatest(here, rows)
        case 'distinct':
          return distinct(here, rows)
        default:
          return (total.continuous ? interpolated : ranked)(here, rows, ranks as Ranks, total)
      }
    }),
  )
}

const amountOf = ({ column }: OrderedRows): SharedField => column.field as SharedField

const valueWhere = async (session: Session, rows: OrderedRows, flag: SharedBits): Promise<SharedField> =>
  multiply(session.step('value'), await bitToField(session.step('flag'), flag), amountOf(rows))

const greatest = async (session: Session, rows: OrderedRows): Promise<SharedField> => {
  const { kernel, party } = session
  const { notNull } = rows.column
  if (notNull === undefined) return valueWhere(session, rows, rows.ends)
  const { length } = notNull.bit.own
  const one = shareOfBits(kernel, party, bitsOnes(kernel, 1))
  // The next row is NULL, or in another group; past the last row it does not matter.
  const nextNull = bitsConcat(kernel, not(kernel, party, bitsSlice(kernel, notNull.bit, 1, length)), one)
  const [continues] = await and(
    session.step('next'),
    [not(kernel, party, rows.ends)],
    [not(kernel, party, nextNull)],
  )
  return valueWhere(session, rows, not(kernel, party, continues as SharedBits))
}

const distinct = async (session: Session, rows: OrderedRows): Promise<SharedField> => {
  const ends = await groupEnds(session.step('ends'), [...rows.group, ...identityOf(rows.column)])
  const starts = groupStarts(session, ends)
  const { notNull } = rows.column
  const [first] = notNull === undefined ? [starts] : await and(session.step('known'), [starts], [notNull.bit])
  return bitToField(session.step('flag'), first as SharedBits)
}

// ── fractions ───────────────────────────────────────────────────────────────────────────────────────────────────────

interface Ranks {
  /** From 1. */
  readonly rank: SharedField
  /** Values of the group that are not NULL. */
  readonly count: SharedField
}

const ranksOf = async (session: Session, { ends, column }: OrderedRows): Promise<Ranks> => {
  const { kernel, party } = session
  const starts = groupStarts(session, ends)
  const indicator = column.notNull?.field
  const [fromEnds, fromValues] = reversed(kernel, indicator === undefined ? [ends] : [ends, indicator]) as [
    SharedBits,
    SharedField | undefined,
  ]
  const [forwards, backwards] = await Promise.all([
    runningTotals(session.step('from-start'), starts, []),
    runningTotals(session.step('from-end'), fromEnds, fromValues === undefined ? [] : [fromValues]),
  ])
  const [left] = reversed(kernel, [backwards.sums[0] ?? backwards.numbers])
  const rank = forwards.numbers
  return { rank, count: addConstant(kernel, party, add(kernel, rank, left as SharedField), -1n) }
}

interface Fraction {
  readonly numerator: number
  readonly digits: number
}

const ranked = async (
  session: Session,
  rows: OrderedRows,
  { rank, count }: Ranks,
  { numerator, digits }: Fraction,
): Promise<SharedField> => {
  if (numerator === 0) return valueWhere(session, rows, groupStarts(session, rows.ends))
  const { kernel, party } = session
  const b = 10n ** BigInt(digits)
  // b r - a N is at least 0 and less than b.
  const over = subtract(kernel, scale(kernel, rank, b), scale(kernel, count, BigInt(numerator)))
  const [below, inside] = await Promise.all([
    isNegative(session.step('below'), over),
    isNegative(session.step('inside'), addConstant(kernel, party, over, -b)),
  ])
  const [flag] = await and(session.step('both'), [not(kernel, party, below)], [inside])
  return valueWhere(session, rows, flag as SharedBits)
}

const interpolated = async (
  session: Session,
  rows: OrderedRows,
  { rank, count }: Ranks,
  { numerator, digits }: Fraction,
): Promise<SharedField> => {
  const { kernel, party } = session
  const b = 10n ** BigInt(digits)
  const a = BigInt(numerator)
  const distance = addConstant(
    kernel,
    party,
    subtract(kernel, scale(kernel, count, a), scale(kernel, rank, b)),
    b - a,
  )
  // Both slopes of the weight: b - d and b + d, of which the smaller one counts if it is positive.
  const sides = [scale(kernel, distance, -1n), distance].map(side => addConstant(kernel, party, side, b))
  const [falling, rising] = sides as [SharedField, SharedField]
  const [isLate, fallen, risen] = await Promise.all([
    isNegative(session.step('late'), distance),
    isNegative(session.step('fallen'), falling),
    isNegative(session.step('risen'), rising),
  ])
  const [early, late] = await and(
    session.step('sides'),
    [not(kernel, party, isLate), isLate],
    [not(kernel, party, fallen), not(kernel, party, risen)],
  )
  const [falls, rises] = await Promise.all([
    bitToField(session.step('falls'), early as SharedBits),
    bitToField(session.step('rises'), late as SharedBits),
  ])
  const [before, after] = await Promise.all([
    multiply(session.step('before'), falls, falling),
    multiply(session.step('after'), rises, rising),
  ])
  return multiply(session.step('weigh'), add(kernel, before, after), amountOf(rows))
}
