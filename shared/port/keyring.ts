/**
 * Keyring: the secrets of one party. Its signing key and sealing key live as long as the party; a run key lives from the
 * offer of a run to its end, is never in a backup, and is gone for good after `destroyRunKey`.
 */
import type { Signer } from '../crypto/jws.ts'
import type { BoxKeyPair } from '../crypto/sealed-box.ts'

export interface Keyring {
  /** Signs documents and frames. */
  readonly signer: Signer
  readonly signingKey: Uint8Array
  /** Public half of the party's long-lived sealing key. */
  readonly sealingKey: Uint8Array
  /** The sealing key pair of a run, made at the first call for this handle; later calls return the same one. */
  createRunKey(handle: string): Promise<BoxKeyPair>
  /** null: no such key, or destroyed. */
  runKey(handle: string): Promise<BoxKeyPair | null>
  /** After this returns the run key exists nowhere. Destroying twice is harmless. */
  destroyRunKey(handle: string): Promise<void>
}
