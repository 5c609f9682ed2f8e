/** A party has verified every signature itself and is ready; hands the neighbour that shares its PRSS key the seed. */
import { z } from 'zod'
import { digestText, nameText, partyIndex, sealedText } from './common.ts'

export const readySchema = z.strictObject({
  kind: z.literal('ready'),
  /** Digest of the request. */
  request: digestText,
  /** See `runId`. */
  run: digestText,
  party: partyIndex,
  /** Digests of the approvals it verified, sorted; the three parties must have seen the same. */
  approvals: z.array(digestText).min(1).max(500),
  /** Where the party found itself right before: its program first, then what keeps its data. Peers hold it against the manifest. */
  locations: z
    .array(z.strictObject({ what: nameText, region: nameText }))
    .min(1)
    .max(20),
  /** PRSS key k_party, sealed to the previous party's key for this run, see `run.ts`. */
  seed: sealedText,
})
