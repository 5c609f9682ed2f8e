/**
 * An owner's yes to exactly one calculation: it repeats everything it is about, so that it can be checked and read
 * alone, and it carries the keys that open the owner's shares, sealed to each party's key for this one run.
 */
import { z } from 'zod'
import { digestText, nameText, perParty, sealedText, sealingKeyText, timeText } from './common.ts'

export const approvalSchema = z.strictObject({
  kind: z.literal('approval'),
  /** Digest of the request. */
  request: digestText,
  /** Digests of the three offers, by party index. */
  offers: perParty(digestText),
  planDigest: digestText,
  disclosureDigest: digestText,
  purpose: nameText,
  recipient: nameText,
  recipientSealingKey: sealingKeyText,
  /** All data versions of the request, also those of other owners. */
  versions: z.array(digestText).min(1).max(500),
  /** Name of the member that approves and signs. */
  owner: nameText,
  /** For each data version of this owner, the grant for each party, see `grants.ts`. */
  grants: z.record(digestText, perParty(sealedText)),
  expiresAt: timeText,
})

export type Approval = Readonly<z.infer<typeof approvalSchema>>
