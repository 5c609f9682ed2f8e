/** Bytes: text, base64url, hex, joining, comparing, and views of 64-bit words. */
import { base64urlnopad } from '@scure/base'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text) as Uint8Array<ArrayBuffer>

/** Throws a TypeError on bytes that are not UTF-8. */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes)

export const toBase64url = (bytes: Uint8Array): string => base64urlnopad.encode(bytes)

/** Throws on text that is not canonical, unpadded base64url. */
export const fromBase64url = (text: string): Uint8Array<ArrayBuffer> =>
  base64urlnopad.decode(text) as Uint8Array<ArrayBuffer>

export const concatBytes = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Compares in time that depends on the lengths only. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}

/** The bytes of 64-bit words, little endian, without copying. */
export const bytesOfWords = (words: BigUint64Array): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength)

/** 64-bit words over the same bytes when they are aligned, else over a copy. Length must be a multiple of 8. */
export const wordsOfBytes = (bytes: Uint8Array): BigUint64Array => {
  if (bytes.length % 8 !== 0) throw new RangeError(`expected a multiple of 8 bytes, got ${bytes.length}`)
  if (bytes.byteOffset % 8 === 0) return new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8)
  return new BigUint64Array(new Uint8Array(bytes).buffer)
}
