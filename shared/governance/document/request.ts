/** What an analyst asks for: one calculation, over these data versions, for one purpose and one recipient. */
import { z } from 'zod'
import { epsilonText } from '../../data/epsilon.ts'
import { digestText, nameText, sealingKeyText, timeText } from './common.ts'

export const requestSchema = z.strictObject({
  kind: z.literal('request'),
  /** Digest of the federation manifest. */
  federation: digestText,
  /** Name of the member that asks and signs. */
  analyst: nameText,
  sql: z.string().min(1).max(65_536),
  /** One of the purposes in the manifest. */
  purpose: nameText,
  /** Name of the only member that will be able to read the result. */
  recipient: nameText,
  recipientSealingKey: sealingKeyText,
  /** Digests of the dataset-version documents that are read. */
  versions: z.array(digestText).min(1).max(500),
  minimumGroupSize: z.int().min(1),
  /** What the report may spend of the privacy budgets of the data that it reads; left out for an exact one. */
  epsilon: epsilonText.optional(),
  createdAt: timeText,
  expiresAt: timeText,
})

export type Request = Readonly<z.infer<typeof requestSchema>>
