/**
 * One immutable version of an owner's table: its schema, how many rows, and the digests of what was uploaded to each
 * party. Row count and schema are public; the pieces are ciphertext under a key that only the owner holds.
 */
import { z } from 'zod'
import { tableSchema } from '../../data/schema.ts'
import { countNumber, digestText, nameText, perParty, timeText } from './common.ts'

/**
 * Rows of one version, padding included, and of one request. A signer must not make the others count on, cost or allocate
 * what no run of these parties could hold: one field column of this many rows is 800 MB.
 */
export const ROWS_MAX = 100_000_000

export const datasetVersionSchema = z.strictObject({
  kind: z.literal('dataset-version'),
  /** Digest of the federation manifest. */
  federation: digestText,
  /** Name of the member that owns and signs it. */
  owner: nameText,
  table: nameText,
  schema: tableSchema,
  /** A random id, base64url; part of the keys under which the pieces are encrypted. */
  version: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/, 'expected a random id in base64url'),
  /** 1 for the first version of this owner's table, then one more each time; the newest has the highest. */
  sequence: z.int().min(1),
  rows: countNumber.max(ROWS_MAX),
  /** Per party, the SHA-256 of each encrypted piece in order. */
  pieces: perParty(z.array(digestText).max(4096)),
  /** SHA-256 of each of the three shares (what it is before encryption), compared by both holders. */
  shareDigests: perParty(digestText),
  createdAt: timeText,
})

export type DatasetVersion = Readonly<z.infer<typeof datasetVersionSchema>>
