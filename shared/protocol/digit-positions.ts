/**
 * Where the rows go in a stable sort by one small secret digit, d bits and D = 2^d values.
 *
 * The digit comes as a one-hot row f_v, v < D, in F_p. With T_v the number of digits below v,
 *
 *     position_r = Σ_v f_{r,v} (T_v + Σ_{r' ≤ r} f_{r',v} - 1)
 *
 * and the second factor is linear in f, so all but one dot product a row is local (reference 2.5).
 * Secret: everything. Public: D and the number of rows. One round, 8 bytes a row.
 *
 * One-hot rows cost 8 bytes an entry, so they are prepared for a uniform mask m, before the digit is known, and the
 * digit is opened as c = digit ⊕ m (uniform as well): f_v is then the entry v ⊕ c of the row of m.
 */
import { type Bits, bits } from '../bits/bits.ts'
import { type Field, field } from '../field/field.ts'
import type { Words } from '../kernel/kernel.ts'
import type { Session } from '../session/session.ts'
import { addConstant, type SharedBits, type SharedField, subtract } from '../sharing/shared.ts'
import { bitToField, bitToFieldCost } from './bit-to-field.ts'
import { type Cost, evenCost, inSequence } from './cost.ts'
import { oneHot, oneHotCost } from './one-hot.ts'
import { prefixSum, prefixSumsFrom } from './prefix-sum.ts'

/** Entries of one row stand in one word when they are put in order. */
export const DIGIT_BITS_MAX = 6

/** All entries of one-hot rows but the last, which is 1 less the others; row by row. */
export interface OneHotRows {
  readonly digitBits: number
  readonly entries: SharedField
}

export const oneHotRowsCost = (digitBits: number, rows: number): Cost =>
  inSequence(oneHotCost(digitBits, rows, 2 ** digitBits), bitToFieldCost(rows * (2 ** digitBits - 1)))

/** ceil(log2 d) + 2 rounds; D - 1 elements a row. */
export const oneHotRows = async (session: Session, digit: readonly SharedBits[]): Promise<OneHotRows> => {
  const { kernel } = session
  const digitBits = digit.length
  const size = 2 ** digitBits
  const entries = (await oneHot(session.step('one-hot'), digit, size)).slice(0, size - 1)
  const rows = (entries[0] as SharedBits).own.length
  const interleave = (vectors: readonly Bits[]): Bits =>
    bits(
      kernel.bitsInterleave(
        vectors.map(vector => vector.words),
        rows,
      ),
      rows * (size - 1),
    )
  const rowByRow: SharedBits = {
    own: interleave(entries.map(({ own }) => own)),
    next: interleave(entries.map(({ next }) => next)),
  }
  return { digitBits, entries: await bitToField(session.step('to-field'), rowByRow) }
}

export const digitPositionsCost = (rows: number): Cost => evenCost(1, 8 * rows)

/**
 * Row r of the sort is row s = `rows[r]` of the one-hot rows, with its entries shifted by word s of `shifts`; both are
 * public.
 */
export const digitPositions = async (
  session: Session,
  { digitBits, entries }: OneHotRows,
  rows: Uint32Array,
  shifts: Words,
): Promise<SharedField> => {
  const { kernel, party } = session
  const size = 2 ** digitBits
  const length = entries.own.length / (size - 1)
  // The public 1 of which the last entry is the rest is share 0.
  const ones = { own: party === 0 ? 1 : 0, next: party === 2 ? 1 : 0 } as const
  const totals: SharedField = {
    own: field(kernel.fieldOneHotTotals(entries.own.words, size, ones.own, shifts), size),
    next: field(kernel.fieldOneHotTotals(entries.next.words, size, ones.next, shifts), size),
  }
  const below = subtract(kernel, prefixSum(kernel, totals), totals)
  const initial = addConstant(kernel, party, below, -1n)

  const masks = session.masks('gate', length)
  const own = field(
    kernel.rankLocal(
      { a: entries.own.words, one: ones.own, initial: initial.own.words },
      { a: entries.next.words, one: ones.next, initial: initial.next.words },
      rows,
      shifts,
      masks,
    ),
    length,
  )
  const { fromNext } = await session.exchange({
    toPrevious: [own],
    fromNext: [{ domain: 'field', length }],
  })
  const z = { own, next: fromNext[0] as Field }
  const factors = () => {
    const shifted = (words: Words, one: 0 | 1) =>
      field(kernel.fieldOneHotRows(words, size, one, rows, shifts), length * size)
    const x = { own: shifted(entries.own.words, ones.own), next: shifted(entries.next.words, ones.next) }
    return { x, y: prefixSumsFrom(kernel, x, initial) }
  }
  session.tape.dotRows(session.address, size, factors, z)
  return z
}
