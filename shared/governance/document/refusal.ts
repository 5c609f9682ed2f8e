/** A no: of an owner, of a data protection officer (a veto), or of a party whose checks failed. It ends the request. */
import { z } from 'zod'
import { digestText, nameText } from './common.ts'

export const refusalSchema = z.strictObject({
  kind: z.literal('refusal'),
  /** Digest of the request. */
  request: digestText,
  /** Name of the member, or operator of the party, that refuses and signs. */
  by: nameText,
  reason: z.string().min(1).max(2000),
  /** The rule that failed, when a check refused. */
  rule: z.string().max(100).optional(),
  /** What would make it pass. */
  hint: z.string().max(2000).optional(),
})
