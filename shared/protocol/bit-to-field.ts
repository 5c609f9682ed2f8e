/**
 * A shared bit as 0 or 1 in F_p.
 *
 * The XOR shares of b = b_0 ⊕ b_1 ⊕ b_2 are each known to two parties, so each is a sharing in F_p already (the value in
 * its own place, zero elsewhere), and a ⊕ b = a + b - 2ab twice gives
 *
 *     c = b_0 + b_1 - 2t,  t = b_0 b_1          b = c + b_2 - 2w,  w = c b_2
 *
 * ABY3's bit injection (Mohassel, Rindal 2018, ePrint 2018/403) in the form of reference 2.3, with one deviation: no
 * product is the general one. In each of them one party knows both factors, so it deals the product (`deal-product.ts`):
 *
 *   round 1: P_0 knows b_0 and b_1. t_1 = F(k_1) is drawn by P_0 and P_1; P_0 sends t_0 = t - t_1 to P_2, which lacks k_1.
 *            Then c_0 = b_0 - 2 t_0 is held by P_0 and P_2, c_1 = b_1 - 2 t_1 by P_0 and P_1, and c_2 = 0.
 *   round 2: w = u + v. P_2 knows u = b_2 c_0 and P_1 knows v = c_1 b_2. u_2 and v_2 come from k_2, drawn by P_1 and P_2
 *            at two addresses; P_2 sends u_0 = u - u_2 and P_1 sends v_1 = v - v_2 to P_0, which lacks k_2.
 *
 * Each message is thus one uniform vector to its receiver, independent of everything it holds; nothing is opened.
 * With g = b_0 + b_1 + b_2 - 2t shared as it stands, g_0 = c_0, g_1 = c_1 and g_2 = b_2, so all three products are
 * products of neighbouring shares of one sharing.
 *
 * Secret: everything. Public: the length. Two rounds; each party sends 8 bytes an element, in one of the two.
 */
import { type Field, field } from '../field/field.ts'
import type { Session } from '../session/session.ts'
import { nextOf, type PartyIndex, type SharedBits, type SharedField } from '../sharing/shared.ts'
import { type Cost, evenCost } from './cost.ts'
import { dealProduct } from './deal-product.ts'

export const bitToFieldCost = (length: number): Cost => evenCost(2, 8 * length)

export const bitToField = async (session: Session, b: SharedBits): Promise<SharedField> => {
  const { kernel, party } = session
  const { length } = b.own
  const next = nextOf(party)
  /** b_j - 2 Σ z_j over the products that touch place j; each leaves zero in the third place. */
  const minusTwice = (products: Partial<Record<PartyIndex, readonly SharedField[]>>): SharedField => {
    const at = (place: PartyIndex, side: 'own' | 'next'): Field => {
      const [first, second] = (products[place] ?? []).map(z => z[side].words)
      const words =
        first === undefined
          ? kernel.bitsToField(b[side].words, length)
          : kernel.bitsMinus(b[side].words, length, 2, second === undefined ? [first] : [first, second])
      return field(words, length)
    }
    return { own: at(party, 'own'), next: at(next, 'next') }
  }

  const t = await dealProduct(session.step('t'), {
    prover: 0,
    masked: 'next',
    length,
    lessMask: mask => kernel.bitsMinus(kernel.and(b.own.words, b.next.words), length, 1, [mask]),
    factors: () => minusTwice({}),
  })
  const factors = () => minusTwice({ 0: [t], 1: [t] })
  const [u, v] = await Promise.all([
    dealProduct(session.step('u'), {
      prover: 2,
      masked: 'own',
      length,
      lessMask: mask =>
        kernel.bitsMulSub(b.own.words, kernel.bitsMinus(b.next.words, length, 2, [t.next.words]), mask),
      factors,
    }),
    dealProduct(session.step('v'), {
      prover: 1,
      masked: 'next',
      length,
      lessMask: mask =>
        kernel.bitsMulSub(b.next.words, kernel.bitsMinus(b.own.words, length, 2, [t.own.words]), mask),
      factors,
    }),
  ])
  return minusTwice({ 0: [t, u], 1: [t, v], 2: [u, v] })
}

export const bitsToFieldAllCost = (...lengths: readonly number[]): Cost =>
  evenCost(lengths.length === 0 ? 0 : 2, 8 * lengths.reduce((a, b) => a + b, 0))

/** Several vectors in the same two rounds. */
export const bitsToFieldAll = (session: Session, vectors: readonly SharedBits[]): Promise<SharedField[]> =>
  Promise.all(vectors.map((b, i) => bitToField(session.step(`${i}`), b)))
