/** Node's own ciphers for dealing and locking: the same bytes as the portable code, much faster. */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import { Abort } from '../../../shared/base/errors.ts'
import { AEAD_TAG_BYTES, type Aead, requireAeadLengths } from '../../../shared/crypto/aead.ts'
import { KEYSTREAM_KEY_BYTES, type Keystream } from '../../../shared/prss/keystream.ts'

const keystream: Keystream = (key, label) => {
  const streamKey = new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), label, KEYSTREAM_KEY_BYTES))
  const cipher = createCipheriv('aes-128-ctr', streamKey, new Uint8Array(16))
  return byteLength => {
    const stream = cipher.update(new Uint8Array(byteLength))
    return new Uint8Array(stream.buffer, stream.byteOffset, byteLength)
  }
}

const aead: Aead = Object.freeze({
  encrypt: (key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array) => {
    requireAeadLengths(key, nonce)
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad)
    const sealed = new Uint8Array(plaintext.length + AEAD_TAG_BYTES)
    sealed.set(cipher.update(plaintext))
    cipher.final()
    sealed.set(cipher.getAuthTag(), plaintext.length)
    return sealed
  },
  decrypt: (key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, aad: Uint8Array) => {
    requireAeadLengths(key, nonce)
    const length = sealed.length - AEAD_TAG_BYTES
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(aad)
      decipher.setAuthTag(sealed.subarray(length))
      const plaintext = decipher.update(sealed.subarray(0, length))
      decipher.final()
      return new Uint8Array(plaintext)
    } catch {
      throw new Abort('authentication-failed', 'the ciphertext was not made with this key, nonce and context')
    }
  },
})

export const nativeCrypto = Object.freeze({ keystream, aead })
