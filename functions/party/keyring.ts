/**
 * Keyring over a party's two secrets and its volatile store. Run keys rest there encrypted under a key that follows from
 * the party's sealing secret, so the file of the volatile store alone opens nothing.
 */
import { concatBytes } from '../../shared/base/bytes.ts'
import { hkdf } from '../../shared/crypto/hash.ts'
import { keyId } from '../../shared/crypto/key-id.ts'
import { nativeAead } from '../../shared/crypto/native-aead.ts'
import { type BoxKeyPair, generateBoxKeyPair } from '../../shared/crypto/sealed-box.ts'
import { signingKeyPair } from '../../shared/crypto/signature.ts'
import type { PartySecrets } from '../../shared/party/key-file.ts'
import type { Keyring } from '../../shared/port/keyring.ts'
import type { Store } from '../../shared/port/store.ts'

const NONCE_BYTES = 12

export const createKeyring = async (
  secrets: PartySecrets,
  volatile: Store,
  random: (length: number) => Uint8Array,
): Promise<Keyring> => {
  const signing = signingKeyPair(secrets.signingSeed)
  const sealing = await generateBoxKeyPair(secrets.sealingSeed)
  const recordOf = (handle: string): string => `run-key/${handle}`
  const restKey = (handle: string): Uint8Array => hkdf(secrets.sealingSeed, `run-key at rest|${handle}`, 32)

  const open = (handle: string, record: Uint8Array): Promise<BoxKeyPair> =>
    generateBoxKeyPair(
      nativeAead.decrypt(
        restKey(handle),
        record.subarray(0, NONCE_BYTES),
        record.subarray(NONCE_BYTES),
        new Uint8Array(),
      ),
    )

  return Object.freeze({
    signer: { kid: keyId(signing.publicKey), secretKey: signing.secretKey },
    signingKey: signing.publicKey,
    sealingKey: sealing.publicKey,
    createRunKey: async (handle: string) => {
      const nonce = random(NONCE_BYTES)
      const record = concatBytes([
        nonce,
        nativeAead.encrypt(restKey(handle), nonce, random(32), new Uint8Array()),
      ])
      const before = await volatile.putIfAbsent(recordOf(handle), record)
      return open(handle, before?.value ?? record)
    },
    runKey: async (handle: string) => {
      const record = await volatile.get(recordOf(handle))
      return record === null ? null : open(handle, record.value)
    },
    destroyRunKey: (handle: string) => volatile.delete(recordOf(handle)),
  })
}
