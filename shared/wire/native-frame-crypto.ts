/** What sealing frames and locking batches takes, by Node's own cryptography. */
import { nativeAead } from '../crypto/native-aead.ts'
import { nativeSha256 } from '../crypto/native-hash.ts'
import { nativeSign, nativeVerify } from '../crypto/native-signature.ts'
import type { FrameCrypto } from './frame.ts'

export const nativeFrameCrypto: FrameCrypto = Object.freeze({
  aead: nativeAead,
  sha256: nativeSha256,
  sign: nativeSign,
  verify: nativeVerify,
})
