/**
 * Elementwise product in F_p.
 *
 *     z_i = x_i y_i + x_i y_{i+1} + x_{i+1} y_i + m_i - m_{i+1},   m_j = F(k_j);   P_i sends z_i to P_{i-1}
 *
 * Araki et al. 2016 (ePrint 2016/768), in our index convention. Secret: everything; what a neighbour receives is masked
 * by a key it lacks. Public: the length. One round, 8 bytes an element.
 */
import { type Field, field } from '../field/field.ts'
import type { Session } from '../session/session.ts'
import type { SharedField } from '../sharing/shared.ts'
import { type Cost, evenCost } from './cost.ts'

export const multiplyCost = (length: number): Cost => evenCost(1, 8 * length)

export const multiply = async (session: Session, x: SharedField, y: SharedField): Promise<SharedField> => {
  const { length } = x.own
  if (y.own.length !== length) throw new RangeError(`multiply: ${length} elements with ${y.own.length}`)
  const masks = session.masks('gate', length)
  const own = field(
    session.kernel.mulLocal(x.own.words, x.next.words, y.own.words, y.next.words, masks),
    length,
  )
  const { fromNext } = await session.exchange({
    toPrevious: [own],
    fromNext: [{ domain: 'field', length }],
  })
  const z = { own, next: fromNext[0] as Field }
  session.tape.product(session.address, x, y, z)
  return z
}

/** Several products in one round. */
export const multiplyAll = (
  session: Session,
  xs: readonly SharedField[],
  ys: readonly SharedField[],
): Promise<SharedField[]> => {
  if (xs.length !== ys.length) throw new RangeError(`multiply: ${xs.length} vectors with ${ys.length}`)
  return Promise.all(xs.map((x, i) => multiply(session.step(`${i}`), x, ys[i] as SharedField)))
}

export const multiplyAllCost = (...lengths: readonly number[]): Cost =>
  evenCost(lengths.length === 0 ? 0 : 1, 8 * lengths.reduce((a, b) => a + b, 0))
