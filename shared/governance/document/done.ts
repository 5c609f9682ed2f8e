/** A party finished a run: how much was exchanged, and digests of its transcript and of what it sealed to the recipient. */
import { z } from 'zod'
import { countNumber, digestText, partyIndex } from './common.ts'

export const doneSchema = z.strictObject({
  kind: z.literal('done'),
  /** Digest of the request. */
  request: digestText,
  run: digestText,
  party: partyIndex,
  rounds: countNumber,
  bytesSent: countNumber,
  /** Digest of everything this party sent and received. */
  transcript: digestText,
  /** SHA-256 of its sealed output shares. */
  result: digestText,
})

export type Done = Readonly<z.infer<typeof doneSchema>>
