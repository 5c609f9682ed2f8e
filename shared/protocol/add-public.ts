/**
 * A public constant added to bit-sliced unsigned integers, modulo 2^width.
 *
 * Position j passes a carry on when x_j ⊕ c_j = 1, else its carry out is c_j, which is public: so most selections of the
 * tree are local (`selection-tree.ts`). Below the lowest one of the constant nothing changes, and there sum and carry are
 * ¬x_j and x_j.
 *
 * Secret: everything. Public: widths, length and the constant. At most ceil(log2 w) rounds, w log2 w bits a row.
 */
import { bitsOnes } from '../bits/bits.ts'
import type { Session } from '../session/session.ts'
import { not, type SharedBits, shareOfBits, xor, zeroBits } from '../sharing/shared.ts'
import { prefixes } from './field-to-bits.ts'
import type { Block } from './selection-tree.ts'

export const addPublic = async (
  session: Session,
  x: readonly SharedBits[],
  constant: bigint,
  width: number,
): Promise<SharedBits[]> => {
  const { kernel, party } = session
  const { length } = (x[0] as SharedBits).own
  const zeros = zeroBits(kernel, length)
  const ones = shareOfBits(kernel, party, bitsOnes(kernel, length))
  const slices = Array.from({ length: width }, (_, j) => x[j] ?? zeros)
  const bitOf = (j: number): boolean => ((constant >> BigInt(j)) & 1n) === 1n
  const from = slices.findIndex((_, j) => bitOf(j))
  if (from < 0) return slices

  const halfSums = slices.map((slice, j) => (bitOf(j) ? not(kernel, party, slice) : slice))
  const positions = slices.slice(from, -1).map((slice, i): Block => {
    if (i === 0) return { value: slice }
    const constantBit = bitOf(from + i)
    return {
      pass: halfSums[from + i] as SharedBits,
      value: constantBit ? ones : zeros,
      constant: constantBit,
    }
  })
  const carries = await prefixes(session, positions)
  return halfSums.map((sum, j) =>
    j <= from ? sum : xor(kernel, sum, (carries[j - from - 1] as Block).value),
  )
}
