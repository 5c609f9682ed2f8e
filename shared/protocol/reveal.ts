/**
 * Reveal: the only way out. What it returns, and nothing else, may be sealed for a recipient.
 *
 *     z = x · 1 with the public 1 in share 0, as in `multiply`;   P_i sends z_i to P_{i-1} and H(x_{i+1}) to P_{i+1}
 *
 * Promises, in this order: everything x depends on is proved; both holders of every share hold the same copy; the
 * shares that leave are fresh, so they tell the recipient the value and nothing about how it was computed (pitfall 6).
 * Deviation from the usual z_i = x_i + a_i: the same bytes and the same distribution, but as a product with a public
 * constant it is proved like every other product, so a party cannot shift the value on its way out either.
 *
 * Secret: the value, from the parties. Public: the length. One round.
 */
import { type Field, field, fieldFill } from '../field/field.ts'
import { DIGEST_BYTES } from '../session/encoding.ts'
import type { Session } from '../session/session.ts'
import { type SharedField, shareOfField } from '../sharing/shared.ts'
import { type Cost, evenCost } from './cost.ts'

declare const revealed: unique symbol

/** Shares that may leave the parties. Made here only. */
export type Revealed = SharedField & { readonly [revealed]: true }

export const revealCost = (length: number): Cost => evenCost(1, 8 * length + DIGEST_BYTES)

export const reveal = async (session: Session, x: SharedField): Promise<Revealed> => {
  await session.validate()
  const { kernel, party } = session
  const { length } = x.own
  const one = shareOfField(kernel, party, fieldFill(kernel, length, 1n))
  const masks = session.masks('gate', length)
  const own = field(kernel.mulLocal(x.own.words, x.next.words, one.own.words, one.next.words, masks), length)
  const { fromNext } = await session.exchange({
    toPrevious: [own],
    toNext: [session.digest(x.next)],
    fromNext: [{ domain: 'field', length }],
    fromPrevious: [{ digest: session.digest(x.own), check: 'share-copies-differ' }],
  })
  const z = { own, next: fromNext[0] as Field }
  session.tape.product(session.address, x, one, z)
  await session.validate()
  return z as Revealed
}
