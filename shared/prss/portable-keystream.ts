/** The keystream in plain JavaScript, for browsers and for checking the native one. */
import { ctr } from '@noble/ciphers/aes.js'
import { hkdf } from '../crypto/hash.ts'
import { KEYSTREAM_KEY_BYTES, type Keystream } from './keystream.ts'

const CIPHER_BLOCK_BYTES = 16

/** The counter block of AES-CTR, big endian. */
const counterBlock = (block: number): Uint8Array => {
  const bytes = new Uint8Array(CIPHER_BLOCK_BYTES)
  new DataView(bytes.buffer).setBigUint64(8, BigInt(block))
  return bytes
}

export const portableKeystream: Keystream = (key, label) => {
  const streamKey = hkdf(key, label, KEYSTREAM_KEY_BYTES)
  let position = 0
  return byteLength => {
    if (byteLength === 0) return new Uint8Array(0)
    const skipped = position % CIPHER_BLOCK_BYTES
    const counter = counterBlock((position - skipped) / CIPHER_BLOCK_BYTES)
    position += byteLength
    return ctr(streamKey, counter)
      .encrypt(new Uint8Array(skipped + byteLength))
      .slice(skipped)
  }
}
