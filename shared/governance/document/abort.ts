/** A party stopped a run without revealing anything; names the check and the step, never data. */
import { z } from 'zod'
import { digestText, partyIndex } from './common.ts'

export const abortSchema = z.strictObject({
  kind: z.literal('abort'),
  /** Digest of the request. */
  request: digestText,
  run: digestText,
  party: partyIndex,
  /** Stable name of the check, such as `share-copies-differ`. */
  check: z.string().min(1).max(100),
  /** Address of the step or of the frame. */
  where: z.string().max(500).optional(),
})
