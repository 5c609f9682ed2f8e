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
 * x < y the leaf is y_j instead of ¬x_j ∧ y_j). The lowest block never passes: its `pass` is not computed. And where
 * both values are public bits, as in a comparison with a constant, the selection between them is local.
 */
import type { Session } from '../session/session.ts'
import { not, type SharedBits, xor } from '../sharing/shared.ts'
import { and } from './and.ts'

export interface Block {
  /** Absent in the lowest block, which always decides. */
  readonly pass?: SharedBits | undefined
  readonly value: SharedBits
  /** Present when `value` is this public bit in every row. */
  readonly constant?: boolean | undefined
}

/** pass_hi ? value_lo : value_hi, when it needs no message. */
const selectLocally = ({ kernel, party }: Session, high: Block, low: Block): Block | undefined => {
  if (high.constant === undefined || low.constant === undefined) return undefined
  if (high.constant === low.constant) return { value: high.value, constant: high.constant }
  const pass = high.pass as SharedBits
  return { value: low.constant ? pass : not(kernel, party, pass) }
}

/** high ∘ low for every pair, in one round. */
export const combine = async (
  session: Session,
  pairs: readonly (readonly [high: Block, low: Block])[],
): Promise<Block[]> => {
  const { kernel } = session
  const local = pairs.map(([high, low]) => selectLocally(session, high, low))
  const left: SharedBits[] = []
  const right: SharedBits[] = []
  pairs.forEach(([high, low], i) => {
    const pass = high.pass as SharedBits
    if (!local[i]) {
      left.push(pass)
      right.push(xor(kernel, high.value, low.value))
    }
    if (low.pass) {
      left.push(pass)
      right.push(low.pass)
    }
  })
  const products = await and(session, left, right)
  let at = 0
  return pairs.map(([high, low], i) => {
    const selected = local[i] ?? { value: xor(kernel, high.value, products[at++] as SharedBits) }
    return low.pass ? { ...selected, pass: products[at++] as SharedBits } : selected
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

/** For `combineAllAnds`: n blocks without a public value. */
export const secretBlocks = (n: number): undefined[] => Array.from({ length: n })

/**
 * ANDs of `combineAll`, from the public values of the blocks, lowest first, of which the lowest always decides. Without
 * public values that is 2 (n - 1) - ceil(log2 n): two a combination, less one a level.
 */
export const combineAllAnds = (constants: readonly (boolean | undefined)[]): number => {
  let ands = 0
  while (constants.length > 1) {
    const combined: (boolean | undefined)[] = []
    for (let low = 0; low + 1 < constants.length; low += 2) {
      const isLocal = constants[low] !== undefined && constants[low + 1] !== undefined
      ands += (isLocal ? 0 : 1) + (low === 0 ? 0 : 1)
      combined.push(isLocal && constants[low] === constants[low + 1] ? constants[low] : undefined)
    }
    if (constants.length % 2 === 1) combined.push(constants[constants.length - 1])
    constants = combined
  }
  return ands
}
