/**
 * Keyring: the secrets of one party. Its signing key and sealing key live as long as the party; a run key lives from the
 * offer of a run to its end, is never in a backup, and is gone for good after `destroyRunKey`.
 */

export interface Signer {
  readonly kid: string
  readonly secretKey: Uint8Array
}

export interface Keyring {
  /** Signs documents and frames. */
  readonly signer: Signer
  readonly signingKey: Uint8Array
  /** Public half of the party's long-lived sealing key. */
  readonly sealingKey: Uint8Array
  /** Opens what was sealed to the long-lived key. Throws Abort('seal-broken') when it was altered or sealed to another. */
  unseal(info: string, sealed: Uint8Array): Promise<Uint8Array>
  /** The public sealing key of a run, made at the first call for this handle; later calls return the same one. */
  createRunKey(handle: string): Promise<Uint8Array>
  /** null: no such key, or destroyed. Throws Abort('seal-broken') as `unseal` does. */
  unsealForRun(handle: string, info: string, sealed: Uint8Array): Promise<Uint8Array | null>
  /** 32 secret bytes that follow from the run key and the label. null: no such key, or destroyed. */
  runSecret(handle: string, label: string): Promise<Uint8Array | null>
  /** After this returns the run key exists nowhere. Destroying twice is harmless. */
  destroyRunKey(handle: string): Promise<void>
}
