/**
 * Ed25519 by Node's own cryptography, for what is signed and verified thousands of times in a run: the same signatures as
 * `signature.ts` makes, in a tenth of the time. It takes a little less than that module does: OpenSSL does not multiply
 * by the cofactor, so a signature that its signer has distorted on purpose may hold there and not here, and never the
 * other way round. Documents, which three parties and an auditor must agree about for ever, are not verified here.
 */
import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signNatively,
  verify as verifyNatively,
} from 'node:crypto'
import { isStrictKey } from './signature.ts'

/** What PKCS #8 and SubjectPublicKeyInfo put before the 32 bytes (RFC 8410). */
const PRIVATE_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC_HEAD = Buffer.from('302a300506032b6570032100', 'hex')

/** Keys are few and used often, and taking one in costs as much as a signature. */
const privateKeys = new WeakMap<Uint8Array, KeyObject>()
const publicKeys = new WeakMap<Uint8Array, KeyObject | null>()

const remembered = <T>(known: WeakMap<Uint8Array, T>, bytes: Uint8Array, make: () => T): T => {
  const there = known.get(bytes)
  if (there !== undefined) return there
  const made = make()
  known.set(bytes, made)
  return made
}

export const nativeSign = (message: Uint8Array, secretKey: Uint8Array): Uint8Array => {
  const key = remembered(privateKeys, secretKey, () =>
    createPrivateKey({ key: Buffer.concat([PRIVATE_HEAD, secretKey]), format: 'der', type: 'pkcs8' }),
  )
  return new Uint8Array(signNatively(null, message, key))
}

/** Whether the signature holds. Never throws, as `verify`. */
export const nativeVerify = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean => {
  const key = remembered(publicKeys, publicKey, () =>
    isStrictKey(publicKey)
      ? createPublicKey({ key: Buffer.concat([PUBLIC_HEAD, publicKey]), format: 'der', type: 'spki' })
      : null,
  )
  return key !== null && signature.length === 64 && verifyNatively(null, message, key, signature)
}
