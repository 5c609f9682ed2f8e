/**
 * Shares 0 and 1 of a batch travel as 32-byte seeds; this is how a seed becomes the vectors of one part. The owner and
 * both holders of the share compute the same words.
 */
import { wordsOfBytes } from '../base/bytes.ts'
import type { Kernel, Words } from '../kernel/kernel.ts'
import type { Keystream } from '../prss/keystream.ts'
import { type Part, streamLabel } from './layout.ts'
import type { TableSchema } from './schema.ts'

export const SEED_BYTES = 32

/** The vectors of `part`, each in canonical form: clean tails, elements below p. */
export const expandPart = (
  kernel: Kernel,
  keystream: Keystream,
  schema: TableSchema,
  rows: number,
  part: Part,
  seed: Uint8Array,
): readonly Words[] => {
  const nextBytes = keystream(seed, streamLabel(schema, part))
  const source = (count: number): Words => wordsOfBytes(nextBytes(8 * count))
  return Array.from({ length: part.vectors }, () =>
    part.domain === 'boolean' ? kernel.bitsFromRandom(source, rows) : kernel.fieldFromRandom(source, rows),
  )
}
