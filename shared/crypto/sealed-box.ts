/**
 * Sealing a secret to one public key: HPKE base mode (RFC 9180) with the X-Wing KEM (X25519 and ML-KEM-768, safe while
 * either one is), HKDF-SHA256 and AES-256-GCM. The sender is anonymous to the box; authenticity comes from the signed
 * document around it. `info` binds the box to its use: a box made for one run, version or party opens for no other.
 */
import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core'
import { XWing } from '@hpke/hybridkem-x-wing'
import { concatBytes, utf8 } from '../base/bytes.ts'
import { Abort } from '../base/errors.ts'

export interface BoxKeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

export const BOX_PUBLIC_KEY_BYTES = 1216
const BOX_SECRET_KEY_BYTES = 32
const ENCAPSULATION_BYTES = 1120

const kem = new XWing()
const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() })

/** A fresh pair, or the pair of a seed of 32 uniform bytes (which is then the secret key). */
export const generateBoxKeyPair = async (seed?: Uint8Array): Promise<BoxKeyPair> => {
  if (seed !== undefined && seed.length !== BOX_SECRET_KEY_BYTES)
    throw new RangeError(`a box seed has ${BOX_SECRET_KEY_BYTES} bytes, got ${seed.length}`)
  const pair = await (seed === undefined ? kem.generateKeyPair() : kem.generateKeyPairDerand(seed.slice()))
  return {
    publicKey: new Uint8Array(await kem.serializePublicKey(pair.publicKey)),
    secretKey: new Uint8Array(await kem.serializePrivateKey(pair.privateKey)),
  }
}

/** Encapsulated key followed by ciphertext. Two calls never give the same bytes. */
export const seal = async (
  publicKey: Uint8Array,
  info: string,
  plaintext: Uint8Array,
  aad: Uint8Array = new Uint8Array(),
): Promise<Uint8Array> => {
  if (publicKey.length !== BOX_PUBLIC_KEY_BYTES)
    throw new RangeError(`a sealing key has ${BOX_PUBLIC_KEY_BYTES} bytes, got ${publicKey.length}`)
  const recipientPublicKey = await kem.deserializePublicKey(publicKey.slice())
  const { enc, ct } = await suite.seal(
    { recipientPublicKey, info: utf8(info) },
    plaintext.slice(),
    aad.slice(),
  )
  return concatBytes([new Uint8Array(enc), new Uint8Array(ct)])
}

/** The plaintext. Throws `Abort('seal-broken')` when the box was altered or made for another key, use or context. */
export const unseal = async (
  secretKey: Uint8Array,
  info: string,
  sealed: Uint8Array,
  aad: Uint8Array = new Uint8Array(),
): Promise<Uint8Array> => {
  if (secretKey.length !== BOX_SECRET_KEY_BYTES)
    throw new RangeError(`a box secret key has ${BOX_SECRET_KEY_BYTES} bytes, got ${secretKey.length}`)
  const recipientKey = await kem.deserializePrivateKey(secretKey.slice())
  try {
    const enc = sealed.slice(0, ENCAPSULATION_BYTES)
    const opened = await suite.open(
      { recipientKey, enc, info: utf8(info) },
      sealed.slice(ENCAPSULATION_BYTES),
      aad.slice(),
    )
    return new Uint8Array(opened)
  } catch {
    throw new Abort('seal-broken', 'the box was not sealed to this key for this use, or it was altered')
  }
}
