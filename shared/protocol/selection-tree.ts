/**
 * The tree under every comparison and carry: "the value of the highest position that decides".
 *
 * Position j says `pass` (it does not decide) or gives the bit `value`. Two neighbouring blocks combine, high ∘ low:
 *
 *     pass  = pass_hi ∧ pass_lo
 *     value = value_hi ⊕ pass_hi ∧ (value_hi ⊕ value_lo)
 *
 * This is the (G, P) operator of carry look-ahead (reference 2.2), G = G_hi ⊕ P_hi ∧ G_lo, with one deviation: `value`
 * means something only where the block decides, so a selection replaces the ⊕, and the leaves need no AND for G (for
 * x < y the leaf is y_j instead of ¬x_j ∧ y_j). The lowest block never passes: its `pass` is not computed.
 */
import type { Session } from '../session/session.ts'
import { type SharedBits, xor } from '../sharing/shared.ts'
import { and } from './and.ts'
import { levelsFor } from './cost.ts'

export interface Block {
  /** Absent in the lowest block, which always decides. */
  readonly pass?: SharedBits | undefined
  readonly value: SharedBits
}

/** high ∘ low for every pair, in one round. */
export const combine = async (
  session: Session,
  pairs: readonly (readonly [high: Block, low: Block])[],
): Promise<Block[]> => {
  const { kernel } = session
  const left: SharedBits[] = []
  const right: SharedBits[] = []
  for (const [high, low] of pairs) {
    const pass = high.pass as SharedBits
    left.push(pass)
    right.push(xor(kernel, high.value, low.value))
    if (low.pass) {
      left.push(pass)
      right.push(low.pass)
    }
  }
  const products = await and(session, left, right)
  let at = 0
  return pairs.map(([high, low]) => {
    const value = xor(kernel, high.value, products[at++] as SharedBits)
    return low.pass ? { pass: products[at++] as SharedBits, value } : { value }
  })
}

/** All blocks in one, lowest first; ceil(log2 n) rounds. */
export const combineAll = async (session: Session, blocks: readonly Block[]): Promise<Block> => {
  let level = 0
  while (blocks.length > 1) {
    const pairs = Array.from(
      { length: Math.floor(blocks.length / 2) },
      (_, i) => [blocks[2 * i + 1] as Block, blocks[2 * i] as Block] as const,
    )
    const combined = await combine(session.step(`level-${level++}`), pairs)
    blocks = blocks.length % 2 === 1 ? [...combined, blocks[blocks.length - 1] as Block] : combined
  }
  return blocks[0] as Block
}

/** ANDs of `combineAll` over n blocks of which the lowest always decides: two a combination, less one a level. */
export const combineAllAnds = (blocks: number): number => 2 * (blocks - 1) - levelsFor(blocks)
