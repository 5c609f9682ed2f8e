/** How signed documents name a key. */
import { toBase64url } from '../base/bytes.ts'
import { sha256 } from './hash.ts'

/** The first 16 characters of the base64url SHA-256 of the public key. */
export const keyId = (publicKey: Uint8Array): string => toBase64url(sha256(publicKey)).slice(0, 16)
