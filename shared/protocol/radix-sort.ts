/**
 * Stable radix sort by a secret key of bits, lowest digit first, any number of digits and of bits a digit.
 *
 * A pass has its digit as prepared one-hot rows (`digit-positions.ts`), and takes four rounds:
 *
 *     1  positions by the digit, one dot product a row
 *     2  shuffle of positions, row numbers and the digits still to come
 *     3
 *     4  open the shuffled positions, and the next digit under its mask; everybody puts the rows in place
 *
 * while the one-hot rows of the next mask are being prepared in the same rounds. Opened positions are uniform behind a
 * fresh shuffle; opened without it they would be the histogram of the digit. The last pass opens the row numbers instead
 * and keeps the positions: they come to stand by row, as the secret permutation that sorts. So columns move once, at the
 * end, however many there are. Hamada et al. 2014 (ePrint 2014/121), Chida et al. 2019 (2019/695), reference 2.5, with
 * one deviation: positions are not opened within the shuffle but after it, one round later, by `open`, so they are
 * proved first and both holders of a share answer for them.
 *
 * Ascending by the key as an unsigned number. For other orders the caller changes bits, all of it local: descending is
 * the complement, signed numbers have the sign bit flipped, NULLs first or last is one more bit at the top.
 *
 * Secret: everything. Public: number of rows, width of the key, one uniform permutation a pass. With d-bit digits:
 * ceil(log2 d) + 2 + 4 ceil(w / d) rounds, where the first digit takes the bits that are over, and about
 * 8 (2^d - 1) + 30 bytes a row and pass.
 */
import { type Bits, bits, widthFor } from '../bits/bits.ts'
import { fieldZeros } from '../field/field.ts'
import type { Words } from '../kernel/kernel.ts'
import type { Shape } from '../session/encoding.ts'
import type { Session } from '../session/session.ts'
import {
  type PartyIndex,
  type SharedBits,
  type SharedField,
  shareOfBits,
  shareOfField,
  xor,
} from '../sharing/shared.ts'
import { type Cost, evenCost, inParallel, inSequence } from './cost.ts'
import {
  DIGIT_BITS_MAX,
  digitPositions,
  digitPositionsCost,
  type OneHotRows,
  oneHotRows,
  oneHotRowsCost,
} from './digit-positions.ts'
import { open, openCost } from './open.ts'
import { applyPermutation, applyPermutationCost, openedPermutation } from './permutation.ts'
import { type Column, permuteColumns, rowNumbers, rowsOf } from './rows.ts'
import { shuffle, shuffleCost } from './shuffle.ts'

/** Bits of a digit when the caller has no reason for another number: the fewest bytes within fifty rounds for 32 bits. */
export const DIGIT_BITS = 3

/** Several keys as one, the most significant first; each a list of slices, lowest first. */
export const joinedKey = (...keys: readonly (readonly SharedBits[])[]): SharedBits[] =>
  keys.toReversed().flat()

/** Widths of the digits, lowest first. The first takes what is over: its one-hot rows are the only ones waited for. */
const digitWidths = (width: number, digitBits: number): number[] => {
  if (!(Number.isInteger(digitBits) && digitBits >= 1 && digitBits <= DIGIT_BITS_MAX))
    throw new RangeError(`sort: digits of ${digitBits} bits`)
  if (width === 0) throw new RangeError('sort: a key without bits')
  const digits = Math.ceil(width / digitBits)
  return Array.from({ length: digits }, (_, j) => (j > 0 ? digitBits : width - digitBits * (digits - 1)))
}

/** Slices of a row number. */
const numberWidth = (rows: number): number => widthFor(BigInt(Math.max(0, rows - 1)))

/** What the parties send is evened out over the passes. */
const leadOf = (pass: number): PartyIndex => (pass % 3) as PartyIndex

export const sortPermutationCost = (width: number, rows: number, digitBits = DIGIT_BITS): Cost => {
  const widths = digitWidths(width, digitBits)
  if (rows < 2) return evenCost(0, 0)
  const slices = (count: number): Shape[] =>
    Array.from({ length: count }, () => ({ domain: 'boolean', length: rows }))
  const positions: Shape = { domain: 'field', length: rows }
  let rest = width
  const passes = widths.map((bitsOfDigit, pass): Cost => {
    const next = widths[pass + 1]
    rest -= bitsOfDigit
    const opened = next === undefined ? slices(numberWidth(rows)) : [positions, ...slices(next)]
    return inParallel(
      inSequence(
        digitPositionsCost(rows),
        shuffleCost([positions, ...slices(numberWidth(rows) + rest)], leadOf(pass)),
        inParallel(...opened.map(openCost)),
      ),
      next === undefined ? evenCost(0, 0) : oneHotRowsCost(next, rows),
    )
  })
  return inSequence(oneHotRowsCost(widths[0] as number, rows), ...passes)
}

/** Opens slices as public words, one a row. */
const openNumbers = async (session: Session, slices: readonly SharedBits[]): Promise<Words> => {
  const opened = await Promise.all(slices.map((slice, j) => open(session.step(`bit-${j}`), slice)))
  return session.kernel.fromSlices(
    opened.map(({ words }) => words),
    (opened[0] as Bits).length,
  )
}

/** Rows in order of the digits sorted by, and the next digit as one-hot rows of a mask, which stand in another order. */
interface Pass {
  /** Where each row came from. */
  readonly numbers: readonly SharedBits[]
  /** Digits after the next. */
  readonly rest: readonly SharedBits[]
  readonly hot: OneHotRows
  /** Row r has its one-hot row at order[r], and there the opened digit under the mask. */
  readonly order: Uint32Array
  readonly shifts: Words
}

const firstPass = async (session: Session, key: readonly SharedBits[], width: number): Promise<Pass> => {
  const { kernel, party } = session
  const rows = rowsOf(key)
  const numbers = rowNumbers(kernel, rows).words
  return {
    numbers: kernel
      .toSlices(numbers, numberWidth(rows))
      .map(slice => shareOfBits(kernel, party, bits(slice, rows))),
    rest: key.slice(width),
    // The first digit is at hand, so it needs no mask.
    hot: await oneHotRows(session, key.slice(0, width)),
    order: openedPermutation(session, numbers),
    shifts: kernel.zeros(rows),
  }
}

const nextPass = async (session: Session, pass: Pass, lead: PartyIndex, width: number): Promise<Pass> => {
  const { kernel } = session
  const rows = rowsOf(pass.numbers)
  const masks = session.step('mask')
  const mask = Array.from({ length: width }, (_, j) => masks.maskBits(`bit-${j}`, rows))
  const sort = async () => {
    const positions = await digitPositions(session.step('positions'), pass.hot, pass.order, pass.shifts)
    const columns = [positions, ...pass.numbers, ...pass.rest]
    const shuffled = await shuffle<Column>(session.step('shuffle'), columns, lead)
    const [moved, ...slices] = shuffled.columns as [SharedField, ...SharedBits[]]
    const digit = slices.splice(pass.numbers.length, width)
    const [opened, shifts] = await Promise.all([
      open(session.step('open-positions'), moved),
      openNumbers(
        session.step('open-digit'),
        digit.map((slice, j) => xor(kernel, slice, mask[j] as SharedBits)),
      ),
    ])
    const order = kernel.invert(openedPermutation(session, opened.words))
    return { slices: permuteColumns(kernel, slices, order), order, shifts }
  }
  const [{ slices, order, shifts }, hot] = await Promise.all([
    sort(),
    oneHotRows(session.step('next-digit'), mask),
  ])
  const numbers = slices.slice(0, pass.numbers.length)
  return { numbers, rest: slices.slice(pass.numbers.length), hot, order, shifts }
}

const lastPass = async (session: Session, pass: Pass, lead: PartyIndex): Promise<SharedField> => {
  const { kernel } = session
  const positions = await digitPositions(session.step('positions'), pass.hot, pass.order, pass.shifts)
  const columns = [positions, ...pass.numbers]
  const shuffled = await shuffle<Column>(session.step('shuffle'), columns, lead)
  const [moved, ...numbers] = shuffled.columns as [SharedField, ...SharedBits[]]
  const opened = openedPermutation(session, await openNumbers(session.step('open-rows'), numbers))
  return permuteColumns(kernel, [moved], kernel.invert(opened))[0] as SharedField
}

/** The position of every row after sorting by `key`, slices with the lowest first. */
export const sortPermutation = async (
  session: Session,
  key: readonly SharedBits[],
  digitBits: number = DIGIT_BITS,
): Promise<SharedField> => {
  const { kernel, party } = session
  const [first, ...others] = digitWidths(key.length, digitBits)
  const rows = rowsOf(key)
  if (rows < 2) return shareOfField(kernel, party, fieldZeros(kernel, rows))
  let pass = await firstPass(session.step('first-digit'), key, first as number)
  for (const [i, width] of others.entries())
    pass = await nextPass(session.step(`pass-${i}`), pass, leadOf(i), width)
  return lastPass(session.step(`pass-${others.length}`), pass, leadOf(others.length))
}

export const sortCost = (
  width: number,
  shapes: readonly Shape[],
  rows: number,
  digitBits: number = DIGIT_BITS,
): Cost => inSequence(sortPermutationCost(width, rows, digitBits), applyPermutationCost(shapes, rows))

/** The columns with their rows in the order of `key`; rows with equal keys stay in the order in which they came. */
export const sort = async <C extends Column>(
  session: Session,
  key: readonly SharedBits[],
  columns: readonly C[],
  digitBits: number = DIGIT_BITS,
): Promise<C[]> => {
  const positions = await sortPermutation(session.step('positions'), key, digitBits)
  return applyPermutation(session.step('move'), positions, columns)
}
