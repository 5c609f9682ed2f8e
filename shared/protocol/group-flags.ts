/**
 * Where groups begin and end in rows that are sorted by a secret key: a row ends its group when the row after it has
 * another key, or when it is the last one.
 *
 * Secret: everything, the number of groups as well. Public: width and number of rows. One equality of neighbours:
 * ceil(log2 w) rounds, w - 1 bits a row. The starts follow from the ends without a message.
 */
import { bitsOnes } from '../bits/bits.ts'
import type { Session } from '../session/session.ts'
import { not, type SharedBits, shareOfBits } from '../sharing/shared.ts'
import { type Cost, evenCost } from './cost.ts'
import { equal, equalCost } from './equal.ts'
import { bitsConcat, bitsSlice, rowsOf } from './rows.ts'

const oneBit = ({ kernel, party }: Session): SharedBits => shareOfBits(kernel, party, bitsOnes(kernel, 1))

export const groupEndsCost = (width: number, rows: number): Cost =>
  rows === 0 ? evenCost(0, 0) : equalCost(width, rows - 1)

/** `key` is what the rows are sorted by, slices in any order. */
export const groupEnds = async (session: Session, key: readonly SharedBits[]): Promise<SharedBits> => {
  const { kernel, party } = session
  const rows = rowsOf(key)
  if (rows === 0) return key[0] as SharedBits
  const same = await equal(
    session,
    key.map(slice => bitsSlice(kernel, slice, 0, rows - 1)),
    key.map(slice => bitsSlice(kernel, slice, 1, rows)),
  )
  return bitsConcat(kernel, not(kernel, party, same), oneBit(session))
}

/** A group starts where the one before it has ended. */
export const groupStarts = (session: Session, ends: SharedBits): SharedBits => {
  const { kernel } = session
  const rows = ends.own.length
  return rows === 0 ? ends : bitsConcat(kernel, oneBit(session), bitsSlice(kernel, ends, 0, rows - 1))
}
