/**
 * The product of two shares that one party knows both, shared again: z = x_p · x_{p+1}.
 *
 * Party p computes it alone and deals it to itself and one neighbour (input by a party, reference 2.1): one of the two
 * places p and p + 1 takes a mask F(k) that the prover and one neighbour draw, the other place takes the rest, which
 * the prover sends to the other neighbour. That one lacks the key, so what it receives is uniform. The third place
 * is zero.
 *
 * Secret: everything. Public: the length. One round; only the prover sends, 8 bytes an element.
 */
import { type Field, field, fieldZeros } from '../field/field.ts'
import type { Words } from '../kernel/kernel.ts'
import type { Session } from '../session/session.ts'
import { nextOf, type PartyIndex, previousOf, type SharedField } from '../sharing/shared.ts'

export interface DealtProduct {
  readonly prover: PartyIndex
  readonly length: number
  /** The product less a mask; the prover alone is asked. */
  readonly lessMask: (mask: Words) => Words
  /** x, for the tape: it has to hold x only if it proves something. */
  readonly factors: () => SharedField
  /** Where the mask goes, seen from the prover: into its own share (the rest goes to the next party) or into its next. */
  readonly masked: 'own' | 'next'
}

export const dealProduct = async (
  session: Session,
  { prover, masked, length, lessMask, factors }: DealtProduct,
): Promise<SharedField> => {
  const { kernel, party } = session
  const [maskPlace, restPlace] = masked === 'own' ? [prover, nextOf(prover)] : [nextOf(prover), prover]
  const receiver = masked === 'own' ? nextOf(prover) : previousOf(prover)

  const mask =
    party === receiver
      ? undefined
      : session.maskFieldFrom(maskPlace === party ? 'own' : 'next', 'gate', length)
  const rest = party === prover && mask ? field(lessMask(mask.words), length) : undefined

  const sent = rest ? [rest] : []
  const expected = party === receiver ? [{ domain: 'field', length } as const] : []
  const towardsNext = masked === 'own'
  const { fromPrevious, fromNext } = await session.exchange({
    shape: `party ${prover} deals ${length} to ${receiver}`,
    ...(towardsNext ? { toNext: sent, fromPrevious: expected } : { toPrevious: sent, fromNext: expected }),
  })
  const received = (fromPrevious[0] ?? fromNext[0]) as Field | undefined

  const shareAt = (j: PartyIndex): Field => {
    if (j === maskPlace) return mask as Field
    if (j === restPlace) return (rest ?? received) as Field
    return fieldZeros(kernel, length)
  }
  const z = { own: shareAt(party), next: shareAt(nextOf(party)) }
  session.tape.input(session.address, prover, factors, z)
  return z
}
