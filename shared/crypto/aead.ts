/** AES-256-GCM. The portable build is for browsers and tests; a party passes in its host's native one. */
import { gcm } from '@noble/ciphers/aes.js'
import { Abort } from '../base/errors.ts'

/** Keys have 32 bytes, nonces 12; a (key, nonce) pair must never encrypt two different plaintexts. */
export interface Aead {
  /** Ciphertext followed by the 16-byte tag. */
  encrypt(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array
  /** Throws `Abort('authentication-failed')` when key, nonce, ciphertext or associated data differ. */
  decrypt(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array
}

export const AEAD_TAG_BYTES = 16

/** A wrong length is a bug of the caller, not an attack, so it throws a RangeError. */
export const requireAeadLengths = (key: Uint8Array, nonce: Uint8Array): void => {
  if (key.length !== 32) throw new RangeError(`an AES-256 key has 32 bytes, got ${key.length}`)
  if (nonce.length !== 12) throw new RangeError(`a GCM nonce has 12 bytes, got ${nonce.length}`)
}

const encrypt: Aead['encrypt'] = (key, nonce, plaintext, aad) => {
  requireAeadLengths(key, nonce)
  return gcm(key, nonce, aad).encrypt(plaintext)
}

const decrypt: Aead['decrypt'] = (key, nonce, sealed, aad) => {
  requireAeadLengths(key, nonce)
  try {
    return gcm(key, nonce, aad).decrypt(sealed)
  } catch {
    // The cause is left out on purpose: which byte was wrong is nobody's business.
    throw new Abort('authentication-failed', 'the ciphertext was not made with this key, nonce and context')
  }
}

export const portableAead: Aead = Object.freeze({ encrypt, decrypt })
