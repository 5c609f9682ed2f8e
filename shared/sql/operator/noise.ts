/**
 * Noise that no party knows: for each total X = G - G', both drawn digit by digit from shared random bits (see `privacy.ts`).
 *
 *     digit i of G is [u < p_i · 2^60] for 60 random bits u; they come from `maskBits`, where each party lacks one share
 *
 * So one honest party is enough for the noise to be uniform to the others, and nobody adds a part that it could take away
 * again. The same run draws the same noise, whoever goes on with it after a crash: a repeated step shows nothing new.
 *
 * Secret: everything. Public: probabilities, digits. Rounds: one comparison with a constant, 2 to bring digits into F_p.
 */
import { bitsToFieldAll } from '../../protocol/bit-to-field.ts'
import { lessThanPublic } from '../../protocol/less-than.ts'
import type { Session } from '../../session/session.ts'
import { add, type SharedBits, type SharedField, scale } from '../../sharing/shared.ts'
import { PROBABILITY_BITS, type Privacy, type SlotNoise } from '../privacy.ts'

const digit = (session: Session, length: number, probability: bigint): Promise<SharedBits> => {
  const uniform = Array.from({ length: PROBABILITY_BITS }, (_, j) => session.maskBits(`u-${j}`, length))
  return lessThanPublic(session, uniform, probability)
}

/** `length` independent draws. */
export const discreteLaplace = async (
  session: Session,
  { digits }: SlotNoise,
  length: number,
): Promise<SharedField | undefined> => {
  if (digits.length === 0) return undefined
  const { kernel } = session
  const drawn = await Promise.all(
    ['plus', 'minus'].flatMap(sign =>
      digits.map((text, i) => digit(session.step(`${sign}-${i}`), length, BigInt(text))),
    ),
  )
  const values = await bitsToFieldAll(session.step('convert'), drawn)
  return values
    .map((value, i) => scale(kernel, value, (i < digits.length ? 1n : -1n) << BigInt(i % digits.length)))
    .reduce((sum, value) => add(kernel, sum, value))
}

/** Totals with their noise. */
export const withNoise = async (
  session: Session,
  totals: ReadonlyMap<string, SharedField>,
  { slots }: Privacy,
): Promise<ReadonlyMap<string, SharedField>> => {
  const noisy = await Promise.all(
    slots.map(async (noise, i): Promise<[string, SharedField]> => {
      const total = totals.get(noise.slot) as SharedField
      const drawn = await discreteLaplace(session.step(`${i}`), noise, total.own.length)
      return [noise.slot, drawn === undefined ? total : add(session.kernel, total, drawn)]
    }),
  )
  return new Map([...totals, ...noisy])
}
