/** SHA-256, HKDF-SHA256, HMAC-SHA256 and the digest of a document. Works in browsers as well as at a party. */
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { toBase64url, utf8 } from '../base/bytes.ts'
import { canonicalJson, type Json } from '../base/canonical.ts'

export const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes)

/** A running SHA-256. `digest` is the hash of everything so far and does not end it. */
export interface RunningSha256 {
  update(bytes: Uint8Array): void
  digest(): Uint8Array
}

export const createSha256 = (): RunningSha256 => {
  const hash = nobleSha256.create()
  return { update: bytes => void hash.update(bytes), digest: () => hash.clone().digest() }
}

/** HKDF-SHA256 (RFC 5869) with an empty salt: `key` must already be uniform. */
export const hkdf = (key: Uint8Array, info: string | Uint8Array, length: number): Uint8Array =>
  nobleHkdf(nobleSha256, key, undefined, typeof info === 'string' ? utf8(info) : info, length)

/** HMAC-SHA256 (RFC 2104) of many messages under one key, each behind the same `prefix`. */
export const macsUnder = (key: Uint8Array, prefix: Uint8Array): ((message: Uint8Array) => Uint8Array) => {
  const prepared = hmac.create(nobleSha256, key).update(prefix)
  return message => prepared.clone().update(message).digest()
}

/** How documents refer to each other: base64url of SHA-256 of the canonical JSON. */
export const digestOf = (json: Json): string => toBase64url(sha256(utf8(canonicalJson(json))))
