/**
 * A run: its id, which all three parties compute from the same documents, and the handing over of PRSS keys. Party i
 * draws key k_i for the run and seals it to the previous party, so that key j is held by exactly the holders of share j.
 */
import { fromBase64url, toBase64url } from '../base/bytes.ts'
import { canonicalJson } from '../base/canonical.ts'
import { digestOf } from '../crypto/hash.ts'
import { seal, unseal } from '../crypto/sealed-box.ts'
import { type PartyIndex, previousOf } from '../sharing/shared.ts'

/** Digest of what makes a run this run. A new attempt is a new run, hence has new keys. */
export const runId = (request: string, offers: readonly [string, string, string], attempt: number): string =>
  digestOf({ kind: 'run', request, offers, attempt })

export interface SeedPurpose {
  readonly request: string
  readonly run: string
  /** Whose key it is: the sender. The box is for the party before it. */
  readonly party: PartyIndex
}

const infoOf = ({ request, run, party }: SeedPurpose): string =>
  canonicalJson(['trias-prss-seed-1', request, run, party, previousOf(party)])

/** `seed` member of a ready document: k_party sealed to the previous party's key for this run. */
export const sealSeed = async (
  previousRunSealingKey: string,
  purpose: SeedPurpose,
  seed: Uint8Array,
): Promise<string> => toBase64url(await seal(fromBase64url(previousRunSealingKey), infoOf(purpose), seed))

/** The seed that `purpose.party` sent to the party before it. Throws `Abort('seal-broken')` for any other. */
export const openSeed = (
  runSecretKey: Uint8Array,
  purpose: SeedPurpose,
  sealed: string,
): Promise<Uint8Array> => unseal(runSecretKey, infoOf(purpose), fromBase64url(sealed))
