/**
 * Equality of bit-sliced integers: e_j = ¬(x_j ⊕ y_j) is local, then a tree of ANDs (reference 2.2).
 *
 * Secret: everything. Public: width and length. ceil(log2 w) rounds, w - 1 bits a row; w need not be a power of two.
 */
import type { Session } from '../session/session.ts'
import { not, type SharedBits, xor, zeroBits } from '../sharing/shared.ts'
import { and } from './and.ts'
import { bitBytes, type Cost, evenCost, levelsFor } from './cost.ts'

export const equalCost = (width: number, length: number): Cost =>
  evenCost(levelsFor(width), (width - 1) * bitBytes(length))

/** AND of all vectors of a list that is not empty. */
const andAll = async (session: Session, factors: readonly SharedBits[]): Promise<SharedBits> => {
  let level = 0
  while (factors.length > 1) {
    const pairs = Math.floor(factors.length / 2)
    const products = await and(
      session.step(`level-${level++}`),
      factors.slice(0, pairs),
      factors.slice(pairs, 2 * pairs),
    )
    factors = [...products, ...factors.slice(2 * pairs)]
  }
  return factors[0] as SharedBits
}

export const equal = (
  session: Session,
  x: readonly SharedBits[],
  y: readonly SharedBits[],
): Promise<SharedBits> => {
  if (x.length !== y.length || x.length === 0)
    throw new RangeError(`equal: ${x.length} slices with ${y.length}`)
  const { kernel, party } = session
  return andAll(
    session,
    x.map((slice, j) => not(kernel, party, xor(kernel, slice, y[j] as SharedBits))),
  )
}

/** The same cost, or none when no w-bit value can equal the constant. */
export const equalPublicCost = (width: number, length: number, constant: bigint): Cost =>
  constant >= 0n && constant < 1n << BigInt(width) ? equalCost(width, length) : evenCost(0, 0)

export const equalPublic = async (
  session: Session,
  x: readonly SharedBits[],
  constant: bigint,
): Promise<SharedBits> => {
  const { kernel, party } = session
  if (constant < 0n || constant >= 1n << BigInt(x.length))
    return zeroBits(kernel, (x[0] as SharedBits).own.length)
  return andAll(
    session,
    x.map((slice, j) => ((constant >> BigInt(j)) & 1n ? slice : not(kernel, party, slice))),
  )
}
