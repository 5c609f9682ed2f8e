/** What one party makes of a request by its own compiler, and its key for this one run. The three must agree. */
import { z } from 'zod'
import { countNumber, digestText, partyIndex, perParty, sealingKeyText, timeText } from './common.ts'

/** Version numbers, rising; a party may speak an old one for as long as others need it. */
const versionNumbers = z.array(z.int().min(1)).min(1).max(16)

/**
 * What two releases must be able to read of each other to find out that they cannot compute together: these members stay as
 * they are in every later version.
 */
export const offerSchema = z.strictObject({
  kind: z.literal('offer'),
  /** Digest of the request. */
  request: digestText,
  party: partyIndex,
  /** 1 for the first try; a new attempt has new keys and a new run id. */
  attempt: z.int().min(1),
  planDigest: digestText,
  disclosureDigest: digestText,
  cost: z.strictObject({ rounds: countNumber, bytesPerParty: perParty(countNumber) }),
  /** Owners seal their grants, and the neighbour its PRSS seed, to this key; its private half dies with the run. */
  runSealingKey: sealingKeyText,
  /** The versions of the protocol, and of the frames, that this party can run. */
  speaks: z.strictObject({ protocol: versionNumbers, frames: versionNumbers }),
  expiresAt: timeText,
})

export type Offer = Readonly<z.infer<typeof offerSchema>>
