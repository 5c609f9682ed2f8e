/**
 * The result of a run at one party: its two shares of every revealed vector, sealed to the recipient. The box opens only
 * for this request, run and party; the party's signed `done` document carries its SHA-256. The recipient gets every share
 * from two parties and compares them, so one altered share is noticed.
 */
import { bytesOfWords, concatBytes, wordsOfBytes } from '../base/bytes.ts'
import { canonicalJson } from '../base/canonical.ts'
import { Abort } from '../base/errors.ts'
import { seal, unseal } from '../crypto/sealed-box.ts'
import { field } from '../field/field.ts'
import type { Revealed } from '../protocol/reveal.ts'
import { type PartyIndex, type SharedField, sharedField } from '../sharing/shared.ts'

export interface ResultPurpose {
  /** Digest of the request. */
  readonly request: string
  readonly run: string
  readonly party: PartyIndex
}

const infoOf = ({ request, run, party }: ResultPurpose): string =>
  canonicalJson(['trias-result-1', request, run, party])

/** The only door to the outside: takes nothing but what `reveal` has re-randomised. */
export const sealResult = (
  recipientSealingKey: Uint8Array,
  purpose: ResultPurpose,
  revealed: Revealed,
): Promise<Uint8Array> =>
  seal(
    recipientSealingKey,
    infoOf(purpose),
    concatBytes([bytesOfWords(revealed.own.words), bytesOfWords(revealed.next.words)]),
  )

/**
 * At the recipient: what party `purpose.party` holds of the result. Throws Abort('seal-broken') when the box was made for
 * another run or altered, Abort('result-length') when it does not hold two vectors of this length.
 */
export const openResult = async (
  recipientSecretKey: Uint8Array,
  purpose: ResultPurpose,
  sealed: Uint8Array,
  length: number,
): Promise<SharedField> => {
  const plain = await unseal(recipientSecretKey, infoOf(purpose), sealed)
  if (plain.length !== 16 * length)
    throw new Abort('result-length', `party ${purpose.party} sent a result of another length`)
  const words = wordsOfBytes(plain)
  return sharedField(field(words.slice(0, length)), field(words.slice(length)))
}
