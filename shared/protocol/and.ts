/**
 * AND of bit vectors, a whole batch in one round.
 *
 *     z_i = x_i y_i ⊕ x_i y_{i+1} ⊕ x_{i+1} y_i ⊕ m_i ⊕ m_{i+1},   m_j = F(k_j);   P_i sends z_i to P_{i-1}
 *
 * Araki, Furukawa, Lindell, Nof, Ohara 2016 (ePrint 2016/768), in our index convention. Secret: everything; what a
 * neighbour receives is masked by a key it lacks (P_{i-1} lacks k_{i+1}). Public: number and lengths of the vectors.
 * One mask stream serves the batch: every vector takes its words from the next 64-bit boundary.
 */
import { type Bits, bits } from '../bits/bits.ts'
import { wordsForBits } from '../kernel/kernel.ts'
import type { Session } from '../session/session.ts'
import type { SharedBits } from '../sharing/shared.ts'
import { bitBytes, type Cost, evenCost } from './cost.ts'

/** For vectors of these lengths in bits. */
export const andCost = (...lengths: readonly number[]): Cost =>
  evenCost(
    lengths.length === 0 ? 0 : 1,
    lengths.map(bitBytes).reduce((a, b) => a + b, 0),
  )

export const and = async (
  session: Session,
  x: readonly SharedBits[],
  y: readonly SharedBits[],
): Promise<SharedBits[]> => {
  if (x.length !== y.length) throw new RangeError(`and: ${x.length} vectors with ${y.length}`)
  if (x.length === 0) return []
  const { kernel } = session
  const words = x.reduce((count, { own }) => count + wordsForBits(own.length), 0)
  const masks = session.masks('gate', words)

  const own = x.map((left, i): Bits => {
    const right = y[i] as SharedBits
    const { length } = left.own
    if (right.own.length !== length) throw new RangeError(`and: ${length} bits with ${right.own.length}`)
    const z = kernel.andLocal(
      left.own.words,
      left.next.words,
      right.own.words,
      right.next.words,
      masks,
      length,
    )
    return bits(z, length)
  })

  const { fromNext } = await session.exchange({
    toPrevious: own,
    fromNext: own.map(({ length }) => ({ domain: 'boolean', length })),
  })
  const z = own.map((share, i) => ({ own: share, next: fromNext[i] as Bits }))
  session.tape.and(session.address, x, y, z)
  return z
}
