/**
 * Whether two sets are similar: 200 |A ∩ B| ≥ h (|A| + |B|), a Dice coefficient of at least h hundredths. A set is given by a
 * bit a place and its size as a binary number, lowest bit first, which whoever made the set knows.
 *
 * A ∩ B is one AND a place; its size and the other two are sums of bits in F_p, and the comparison is the sign of the
 * difference (Dice 1945; sets of bigrams in record linkage: Schnell, Bachteler, Reiher 2009). With a public set A ∩ B is
 * some of A's bits and local.
 *
 * Secret: sets and sizes. Public: the length, the number of places, h. For sets of m places and sizes of w bits: 10 rounds;
 * m bits, 8 (m + 2w) bytes and a sign a row. Against a public set 9 rounds, without the ANDs and with 8 (m' + w) bytes for
 * its m' elements.
 */
import type { Session } from '../session/session.ts'
import { add, addConstant, not, type SharedBits, type SharedField, scale } from '../sharing/shared.ts'
import { and, andCost } from './and.ts'
import { bitsToFieldAll, bitsToFieldAllCost } from './bit-to-field.ts'
import { type Cost, inSequence } from './cost.ts'
import { isNegative, isNegativeCost } from './is-negative.ts'

export interface SharedSet {
  /** A bit a place, each a slice over the rows. */
  readonly places: readonly SharedBits[]
  /** The number of bits that are set, lowest bit first. */
  readonly size: readonly SharedBits[]
}

const copies = (count: number, length: number): number[] => Array.from({ length: count }, () => length)

export const diceAtLeastCost = (places: number, sizeBits: number, length: number): Cost =>
  inSequence(
    andCost(...copies(places, length)),
    bitsToFieldAllCost(...copies(places + 2 * sizeBits, length)),
    isNegativeCost(length),
  )

export const diceAtLeastPublicCost = (elements: number, sizeBits: number, length: number): Cost =>
  inSequence(bitsToFieldAllCost(...copies(elements + sizeBits, length)), isNegativeCost(length))

/** 200 Σ common - h (Σ_j 2^j sizes_j + publicSize), not negative. */
const isEnough = async (
  session: Session,
  common: readonly SharedBits[],
  sizes: readonly (readonly SharedBits[])[],
  { hundredths, publicSize }: { readonly hundredths: number; readonly publicSize: number },
): Promise<SharedBits> => {
  const { kernel, party } = session
  const weights = [
    ...common.map(() => 200n),
    ...sizes.flatMap(size => size.map((_, j) => -BigInt(hundredths << j))),
  ]
  const elements = await bitsToFieldAll(session.step('to-field'), [...common, ...sizes.flat()])
  const difference = elements
    .map((element, i) => scale(kernel, element, weights[i] as bigint))
    .reduce((a, b): SharedField => add(kernel, a, b))
  const moved = addConstant(kernel, party, difference, -BigInt(hundredths * publicSize))
  return not(kernel, party, await isNegative(session.step('sign'), moved))
}

/** One bit a row; `hundredths` from 1 to 100. */
export const diceAtLeast = async (
  session: Session,
  x: SharedSet,
  y: SharedSet,
  hundredths: number,
): Promise<SharedBits> => {
  if (x.places.length !== y.places.length) throw new RangeError('dice: sets of different places')
  const common = await and(session.step('common'), x.places, y.places)
  return isEnough(session, common, [x.size, y.size], { hundredths, publicSize: 0 })
}

/** The same against one public set, given by the places of its elements. */
export const diceAtLeastPublic = (
  session: Session,
  { places, size }: SharedSet,
  elements: readonly number[],
  hundredths: number,
): Promise<SharedBits> => {
  const common = elements.map(place => {
    const slice = places[place]
    if (slice === undefined) throw new RangeError('dice: a place that the set does not have')
    return slice
  })
  return isEnough(session, common, [size], { hundredths, publicSize: elements.length })
}
