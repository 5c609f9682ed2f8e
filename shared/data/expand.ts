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
  const stream = wordsOfBytes(
    keystream(seed, streamLabel(schema, part), 8 * part.vectors * part.wordsPerVector),
  )
  return vectorsOf(kernel, rows, part, stream)
}

/** Splits the words of a part into its vectors, mapping whatever words there are into the domain. */
const vectorsOf = (kernel: Kernel, rows: number, part: Part, stream: Words): readonly Words[] =>
  Array.from({ length: part.vectors }, (_, j) => {
    const words = kernel.slice(stream, j * part.wordsPerVector, (j + 1) * part.wordsPerVector)
    return part.domain === 'boolean' ? kernel.clean(words, rows) : kernel.fieldFromRandom(words)
  })
