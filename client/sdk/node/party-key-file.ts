/**
 * A new key file for an on-prem party, in the form that the party process opens. Made by the operator's own `trias
 * keygen`, so that no one else ever sees the seeds.
 */
import { scryptSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { z } from 'zod'
import { concatBytes, fromBase64url, toBase64url, utf8 } from '../../../shared/base/bytes.ts'
import { InputError } from '../../../shared/base/errors.ts'
import { portableAead } from '../../../shared/crypto/aead.ts'
import type { Signer } from '../../../shared/crypto/jws.ts'
import { keyId } from '../../../shared/crypto/key-id.ts'
import { generateBoxKeyPair } from '../../../shared/crypto/sealed-box.ts'
import { signingKeyPair } from '../../../shared/crypto/signature.ts'
import { readJson, writeSecret } from './home.ts'

/** 64 MiB and about a tenth of a second a guess. */
const SCRYPT = { N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 1024 * 1024 }
const AAD = utf8('trias party key file v1')

const partyKeyFileSchema = z.object({
  kind: z.literal('party-key-file'),
  version: z.literal(1),
  signingKey: z.string(),
  sealingKey: z.string(),
  salt: z.string(),
  nonce: z.string(),
  sealed: z.string(),
})

export interface PartyPublicKeys {
  readonly signingKey: string
  readonly sealingKey: string
}

const restKey = (passphrase: string, salt: Uint8Array): Uint8Array =>
  new Uint8Array(scryptSync(passphrase.normalize('NFKC'), salt, 32, SCRYPT))

/** Throws InputError when the file is there already. */
export const createPartyKeyFile = async (path: string, passphrase: string): Promise<PartyPublicKeys> => {
  if (existsSync(path))
    throw new InputError('there is a key file already', {
      where: path,
      hint: 'Choose another place: a party that loses its key file cannot open anything sealed to it.',
    })
  const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
  const [signingSeed, sealingSeed, salt, nonce] = [random(32), random(32), random(16), random(12)]
  const keys: PartyPublicKeys = {
    signingKey: toBase64url(signingKeyPair(signingSeed).publicKey),
    sealingKey: toBase64url((await generateBoxKeyPair(sealingSeed)).publicKey),
  }
  const seeds = concatBytes([signingSeed, sealingSeed])
  const file = {
    kind: 'party-key-file',
    version: 1,
    ...keys,
    kdf: 'scrypt-65536-8-1',
    salt: toBase64url(salt),
    nonce: toBase64url(nonce),
    sealed: toBase64url(portableAead.encrypt(restKey(passphrase, salt), nonce, seeds, AAD)),
  }
  await writeSecret(path, `${JSON.stringify(file, null, 2)}\n`)
  return keys
}

/** The party's signer, for the one thing that its operator signs by hand: the federation manifest. */
export const readPartySigner = async (path: string, passphrase: string): Promise<Signer> => {
  const parsed = partyKeyFileSchema.safeParse(await readJson(path, 'the key file of the party'))
  if (!parsed.success) throw new InputError('this is not the key file of a party', { where: path })
  const { salt, nonce, sealed, signingKey } = parsed.data
  try {
    const key = restKey(passphrase, fromBase64url(salt))
    const seeds = portableAead.decrypt(key, fromBase64url(nonce), fromBase64url(sealed), AAD)
    return { kid: keyId(fromBase64url(signingKey)), secretKey: seeds.slice(0, 32) }
  } catch {
    throw new InputError('the passphrase does not open the key file of the party', { where: path })
  }
}
