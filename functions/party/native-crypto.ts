/** The host's own cryptography behind the interfaces of `shared/`: the same bytes as the portable code, much faster. */
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { Abort } from '../../shared/base/errors.ts'
import { AEAD_TAG_BYTES, type Aead, requireAeadLengths } from '../../shared/crypto/aead.ts'
import type { RunningSha256 } from '../../shared/crypto/hash.ts'
import { KEYSTREAM_KEY_BYTES, type Keystream } from '../../shared/prss/keystream.ts'
import type { FrameCrypto } from '../../shared/wire/frame.ts'

/** Large enough to amortise a call, small enough to stay in the cache and for memory to be used again. */
const ZEROS = new Uint8Array(1 << 16)
const ZERO_IV = new Uint8Array(16)
const NO_SALT = new Uint8Array(0)

export const nativeKeystream: Keystream = (key, label) => {
  const streamKey = new Uint8Array(hkdfSync('sha256', key, NO_SALT, label, KEYSTREAM_KEY_BYTES))
  const cipher = createCipheriv('aes-128-ctr', streamKey, ZERO_IV)
  const nextBlock = (byteLength: number): Uint8Array => cipher.update(ZEROS.subarray(0, byteLength))
  return byteLength => {
    if (byteLength <= ZEROS.length) {
      const block = nextBlock(byteLength)
      return new Uint8Array(block.buffer, block.byteOffset, byteLength)
    }
    const stream = new Uint8Array(byteLength)
    for (let at = 0; at < byteLength; at += ZEROS.length)
      stream.set(nextBlock(Math.min(ZEROS.length, byteLength - at)), at)
    return stream
  }
}

export const createNativeSha256 = (): RunningSha256 => {
  const hash = createHash('sha256')
  return { update: bytes => void hash.update(bytes), digest: () => hash.copy().digest() }
}

export const nativeAead: Aead = Object.freeze({
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
      return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength)
    } catch {
      // The cause is left out on purpose: which byte was wrong is nobody's business.
      throw new Abort('authentication-failed', 'the ciphertext was not made with this key, nonce and context')
    }
  },
})

export const nativeFrameCrypto: FrameCrypto = Object.freeze({
  aead: nativeAead,
  sha256: (pieces: readonly Uint8Array[]) => {
    const hash = createHash('sha256')
    for (const piece of pieces) hash.update(piece)
    return new Uint8Array(hash.digest())
  },
})
