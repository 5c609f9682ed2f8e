/**
 * Sums of products in F_p, one output a pair: Σ_t x_t y_t over all blocks of the pair.
 *
 *     z_i = Σ_t (x_{t,i} y_{t,i} + x_{t,i} y_{t,i+1} + x_{t,i+1} y_{t,i}) + m_i - m_{i+1};   P_i sends z_i to P_{i-1}
 *
 * The sum is taken before the mask (reference 2.1), so a sum over any number of rows costs one round and 8 bytes. Secret:
 * everything. Public: number of pairs and lengths of the blocks.
 */
import { type Field, field } from '../field/field.ts'
import type { Kernel, Words } from '../kernel/kernel.ts'
import type { DotPair } from '../session/gate-tape.ts'
import type { Session } from '../session/session.ts'
import type { SharedField } from '../sharing/shared.ts'
import { type Cost, evenCost } from './cost.ts'

export const dotProductsCost = (outputs: number): Cost => evenCost(outputs === 0 ? 0 : 1, 8 * outputs)

const localSum = (kernel: Kernel, { x, y }: DotPair): Words => {
  if (x.length !== y.length) throw new RangeError(`dot product: ${x.length} blocks with ${y.length}`)
  return x
    .map((left, t) => {
      const right = y[t] as SharedField
      if (left.own.length !== right.own.length)
        throw new RangeError(`dot product: ${left.own.length} elements with ${right.own.length}`)
      return kernel.dotLocal(left.own.words, left.next.words, right.own.words, right.next.words)
    })
    .reduce((total, block) => kernel.fieldAdd(total, block), kernel.zeros(1))
}

export const dotProducts = async (session: Session, pairs: readonly DotPair[]): Promise<SharedField> => {
  const { kernel } = session
  const { length } = pairs
  if (length === 0) return { own: field(kernel.zeros(0), 0), next: field(kernel.zeros(0), 0) }
  const mask = session.maskField('gate', length)
  const sums = kernel.concat(pairs.map(pair => localSum(kernel, pair)))
  const own = field(kernel.fieldAdd(sums, kernel.fieldSub(mask.own.words, mask.next.words)), length)
  const { fromNext } = await session.exchange({
    toPrevious: [own],
    fromNext: [{ domain: 'field', length }],
  })
  const z = { own, next: fromNext[0] as Field }
  session.tape.dot(session.address, pairs, z)
  return z
}
