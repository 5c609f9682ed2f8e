/**
 * The bits of x - low for a shared integer x in a declared range [low, high], high - low < 2^60 - 1.
 *
 * y = 2 (x - low) + 1 lies in [1, p - 1] and is odd, so it is not 0 modulo p and its canonical bits 1 … w are the bits of
 * x - low. y = s + m with end-around carry (`cyclic-sum.ts`). The carry into position j is the first decision among
 * j - 1 … 0, or, when all of them pass, the carry around the ring:
 *
 *     round 1          s, m
 *     then             prefixes [j - 1 … 0] for j ≤ w (Sklansky's tree), and beside it the block [60 … w] as a whole
 *     then             around = [60 … w] ∘ [w - 1 … 0], and last  carry_j = [j - 1 … 0] ∘ around
 *
 * A value outside its range gives meaningless bits, never an error that would tell.
 *
 * Secret: everything. Public: length and range. At most 9 rounds.
 */
import { widthFor } from '../bits/bits.ts'
import type { Session } from '../session/session.ts'
import { addConstant, type SharedBits, type SharedField, scale, xor } from '../sharing/shared.ts'
import { bitBytes, type Cost, evenCost, levelsFor } from './cost.ts'
import { cyclicSum, FIELD_BITS } from './cyclic-sum.ts'
import { type Block, combine, combineAll } from './selection-tree.ts'

export interface IntegerRange {
  readonly low: bigint
  readonly high: bigint
}

const widthOf = ({ low, high }: IntegerRange): number => {
  if (high < low || high - low >= (1n << 60n) - 1n)
    throw new RangeError('field to bits: the range must hold between 1 and 2^60 - 1 values')
  return widthFor(high - low)
}

/** Positions that combine at one level of Sklansky's tree, and the position each of them combines with. */
const sklanskyLevel = (width: number, level: number): { at: number; below: number }[] =>
  Array.from({ length: width }, (_, at) => at)
    .filter(at => (at >> level) % 2 === 1)
    .map(at => ({ at, below: ((at >> level) << level) - 1 }))

export const fieldToBitsCost = (length: number, range: IntegerRange): Cost => {
  const width = widthOf(range)
  const above = FIELD_BITS - width
  let prefixes = 0
  for (let level = 0; level < levelsFor(width); level++) prefixes += sklanskyLevel(width, level).length
  const ands = FIELD_BITS + 2 * prefixes + 2 * (above - 1) + 1 + width
  return evenCost(1 + Math.max(levelsFor(width), levelsFor(above)) + 2, ands * bitBytes(length))
}

/** Entry j is the block [j … 0]; ceil(log2 n) rounds. */
export const prefixes = async (session: Session, positions: readonly Block[]): Promise<Block[]> => {
  const blocks = [...positions]
  for (let level = 0; level < levelsFor(blocks.length); level++) {
    const steps = sklanskyLevel(blocks.length, level)
    const combined = await combine(
      session.step(`level-${level}`),
      steps.map(({ at, below }) => [blocks[at] as Block, blocks[below] as Block] as const),
    )
    steps.forEach(({ at }, i) => {
      blocks[at] = combined[i] as Block
    })
  }
  return blocks
}

export const fieldToBits = async (
  session: Session,
  x: SharedField,
  range: IntegerRange,
): Promise<SharedBits[]> => {
  const { kernel, party } = session
  const width = widthOf(range)
  const y = addConstant(kernel, party, scale(kernel, x, 2n), 1n - 2n * range.low)
  const { halfSum, positions } = await cyclicSum(session.step('sum'), y)
  const [below, above] = await Promise.all([
    prefixes(session.step('below'), positions.slice(0, width)),
    combineAll(session.step('above'), positions.slice(width)),
  ])
  // The whole ring decides, so its last block is not asked whether it passes.
  const lowest = { value: (below[width - 1] as Block).value }
  const [around] = await combine(session.step('around'), [[above, lowest]])
  const carries = await combine(
    session.step('carries'),
    below.map(block => [block, around as Block] as const),
  )
  return carries.map((carry, j) => xor(kernel, halfSum[j + 1] as SharedBits, carry.value))
}
