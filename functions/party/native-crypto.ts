/** The host's own cryptography behind the interfaces of `shared/`: the same bytes as the portable code, much faster. */
import { createCipheriv, createHash, hkdfSync } from 'node:crypto'
import type { RunningSha256 } from '../../shared/crypto/hash.ts'
import { KEYSTREAM_KEY_BYTES, type Keystream } from '../../shared/prss/keystream.ts'

/** Large enough to amortise a call, small enough to stay in the cache. */
const BLOCK = new Uint8Array(1 << 20)
const ZERO_IV = new Uint8Array(16)
const NO_SALT = new Uint8Array(0)

export const nativeKeystream: Keystream = (key, label, byteLength) => {
  const streamKey = new Uint8Array(hkdfSync('sha256', key, NO_SALT, label, KEYSTREAM_KEY_BYTES))
  const cipher = createCipheriv('aes-128-ctr', streamKey, ZERO_IV)
  const stream = new Uint8Array(byteLength)
  for (let at = 0; at < byteLength; at += BLOCK.length)
    stream.set(cipher.update(BLOCK.subarray(0, Math.min(BLOCK.length, byteLength - at))), at)
  return stream
}

export const createNativeSha256 = (): RunningSha256 => {
  const hash = createHash('sha256')
  return { update: bytes => void hash.update(bytes), digest: () => hash.copy().digest() }
}
