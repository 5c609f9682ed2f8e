/** How long a party's log is and the digest of its last entry; signed by the party, and by the two others as witnesses. */
import { z } from 'zod'
import { countNumber, digestText, partyIndex } from './common.ts'

export const logHeadSchema = z.strictObject({
  kind: z.literal('log-head'),
  /** Digest of the manifest: the log of a party in another federation is another log. */
  federation: digestText,
  party: partyIndex,
  entries: countNumber,
  /** Digest of the last entry; of the empty log, see `audit/log.ts`. */
  head: digestText,
})

export type LogHead = Readonly<z.infer<typeof logHeadSchema>>
