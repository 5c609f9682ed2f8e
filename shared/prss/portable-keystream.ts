/** The keystream in plain JavaScript, for browsers and for checking the native one. */
import { ctr } from '@noble/ciphers/aes.js'
import { hkdf } from '../crypto/hash.ts'
import { KEYSTREAM_KEY_BYTES, type Keystream } from './keystream.ts'

export const portableKeystream: Keystream = (key, label, byteLength) => {
  if (byteLength === 0) return new Uint8Array(0)
  const stream = ctr(hkdf(key, label, KEYSTREAM_KEY_BYTES), new Uint8Array(16)).encrypt(
    new Uint8Array(byteLength),
  )
  return stream.byteOffset % 8 === 0 ? stream : stream.slice()
}
