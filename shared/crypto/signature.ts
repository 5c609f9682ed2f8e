/**
 * Ed25519 (RFC 8032): the only module that knows the curve. Everything that is signed in Trias is signed and verified
 * here, frames also by Node's own cryptography (`native-signature.ts`). Verification is strict: canonical encodings only, keys of small order refused, no ZIP-215 leniency, so that
 * three parties and an auditor can never disagree about one signature.
 */
import { ed25519 } from '@noble/curves/ed25519.js'

export interface SigningKeyPair {
  /** 32 bytes, secret. */
  readonly secretKey: Uint8Array
  /** 32 bytes. */
  readonly publicKey: Uint8Array
}

/** The key pair of a seed of 32 uniform bytes; the seed is the secret key. */
export const signingKeyPair = (seed: Uint8Array): SigningKeyPair => {
  if (seed.length !== 32) throw new RangeError(`a signing seed has 32 bytes, got ${seed.length}`)
  return { secretKey: seed, publicKey: ed25519.getPublicKey(seed) }
}

export const sign = (message: Uint8Array, secretKey: Uint8Array): Uint8Array =>
  ed25519.sign(message, secretKey)

/** Whether the signature holds. Never throws: bytes of the wrong length are simply no signature. */
export const verify = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean => {
  if (signature.length !== 64 || publicKey.length !== 32) return false
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false })
  } catch {
    return false
  }
}

/** Whether `verify` could take any signature under this key: it is encoded canonically and not of small order. */
export const isStrictKey = (publicKey: Uint8Array): boolean => {
  try {
    return publicKey.length === 32 && !ed25519.Point.fromBytes(publicKey, false).isSmallOrder()
  } catch {
    return false
  }
}
