/**
 * How vectors travel: bits as ceil(n / 8) bytes, field elements as 8 bytes each, both little endian. Reading is strict:
 * a vector has exactly one encoding, so that digests of copies can be compared.
 */
import { bytesOfWords, wordsOfBytes } from '../base/bytes.ts'
import { Abort } from '../base/errors.ts'
import { bits } from '../bits/bits.ts'
import { field } from '../field/field.ts'
import { type Kernel, wordsForBits } from '../kernel/kernel.ts'
import type { Vector } from './session.ts'

export interface Shape {
  readonly domain: 'boolean' | 'field'
  readonly length: number
}

export const DIGEST_BYTES = 32

export const bytesFor = ({ domain, length }: Shape): number =>
  domain === 'field' ? length * 8 : Math.ceil(length / 8)

/** A view of the words, not a copy. */
export const encodeVector = (vector: Vector): Uint8Array =>
  bytesOfWords(vector.words).subarray(0, bytesFor(vector))

/** Bytes of the right number as a vector, sharing their memory where they are aligned. */
export const decodeVector = (kernel: Kernel, shape: Shape, bytes: Uint8Array, where: string): Vector => {
  const { domain, length } = shape
  if (domain === 'field') {
    const words = wordsOfBytes(bytes)
    if (!kernel.fieldIsCanonical(words))
      throw new Abort('field-not-canonical', 'received a word that is not a field element', { where })
    return field(words, length)
  }
  const unused = bytes.length * 8 - length
  if (unused > 0 && (bytes[bytes.length - 1] as number) >> (8 - unused) !== 0)
    throw new Abort('bits-past-the-end', 'received ones past the end of a bit vector', { where })
  if (bytes.length % 8 === 0) return bits(wordsOfBytes(bytes), length)
  const words = new BigUint64Array(wordsForBits(length))
  bytesOfWords(words).set(bytes)
  return bits(words, length)
}
