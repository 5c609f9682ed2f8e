/** SHA-256 by Node's own cryptography: the same bytes as `hash.ts`, much faster. */
import { createHash } from 'node:crypto'
import type { RunningSha256 } from './hash.ts'

export const createNativeSha256 = (): RunningSha256 => {
  const hash = createHash('sha256')
  return { update: bytes => void hash.update(bytes), digest: () => hash.copy().digest() }
}

/** The digest of pieces laid end to end. */
export const nativeSha256 = (pieces: readonly Uint8Array[]): Uint8Array => {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return new Uint8Array(hash.digest())
}
