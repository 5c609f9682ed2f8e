/**
 * The key file of a party: the operator's `trias keygen` makes it, the party process opens it.
 *
 * Secret: signing seed and sealing seed, under a passphrase (scrypt, AES-256-GCM). Public: the two public keys, which
 * stand in the clear because the federation manifest needs them.
 */
import { z } from 'zod'
import { concatBytes, fromBase64url, toBase64url, utf8 } from '../base/bytes.ts'
import { Abort, InputError } from '../base/errors.ts'
import { portableAead } from '../crypto/aead.ts'
import { generateBoxKeyPair } from '../crypto/sealed-box.ts'
import { signingKeyPair } from '../crypto/signature.ts'

export interface PartySecrets {
  /** 32 bytes: the Ed25519 signing key. */
  readonly signingSeed: Uint8Array
  /** 32 bytes: the X-Wing secret key. */
  readonly sealingSeed: Uint8Array
}

export interface PartyPublicKeys {
  readonly signingKey: string
  readonly sealingKey: string
}

interface ScryptCost {
  readonly N: number
  readonly r: number
  readonly p: number
}

/** The host's scrypt, 32 bytes long. */
export type Scrypt = (passphrase: string, salt: Uint8Array, cost: ScryptCost) => Uint8Array

/** 64 MiB and about a tenth of a second a guess. */
const COST: ScryptCost = { N: 2 ** 16, r: 8, p: 1 }
const KDF = 'scrypt-65536-8-1'
const AAD = utf8('trias party key file v1')

const keyFileSchema = z.strictObject({
  kind: z.literal('party-key-file'),
  version: z.literal(1),
  signingKey: z.string(),
  sealingKey: z.string(),
  kdf: z.literal(KDF),
  salt: z.string(),
  nonce: z.string(),
  sealed: z.string(),
})

export type PartyKeyFile = Readonly<z.infer<typeof keyFileSchema>>

/** `where` names the file. Throws InputError on anything else than a key file. */
export const parsePartyKeyFile = (content: unknown, where: string): PartyKeyFile => {
  const parsed = keyFileSchema.safeParse(content)
  if (parsed.success) return parsed.data
  throw new InputError('this is not the key file of a party, or not of this version', {
    where,
    hint: 'Make one with `trias keygen --party`.',
  })
}

/** Fresh keys of a party. */
export const newPartyKeyFile = async (
  passphrase: string,
  host: { readonly random: (length: number) => Uint8Array; readonly scrypt: Scrypt },
): Promise<PartyKeyFile> => {
  if (passphrase === '')
    throw new InputError('the passphrase of a key file is empty', { hint: 'Set TRIAS_PASSPHRASE.' })
  const [signingSeed, sealingSeed] = [host.random(32), host.random(32)]
  const [salt, nonce] = [host.random(16), host.random(12)]
  const restKey = host.scrypt(passphrase.normalize('NFKC'), salt, COST)
  return {
    kind: 'party-key-file',
    version: 1,
    signingKey: toBase64url(signingKeyPair(signingSeed).publicKey),
    sealingKey: toBase64url((await generateBoxKeyPair(sealingSeed)).publicKey),
    kdf: KDF,
    salt: toBase64url(salt),
    nonce: toBase64url(nonce),
    sealed: toBase64url(portableAead.encrypt(restKey, nonce, concatBytes([signingSeed, sealingSeed]), AAD)),
  }
}

/** Throws InputError when the passphrase is wrong. */
export const openPartyKeyFile = (
  file: PartyKeyFile,
  passphrase: string,
  { scrypt, where }: { readonly scrypt: Scrypt; readonly where: string },
): PartySecrets => {
  const restKey = scrypt(passphrase.normalize('NFKC'), fromBase64url(file.salt), COST)
  try {
    const seeds = portableAead.decrypt(restKey, fromBase64url(file.nonce), fromBase64url(file.sealed), AAD)
    return { signingSeed: seeds.slice(0, 32), sealingSeed: seeds.slice(32, 64) }
  } catch (error) {
    if (!(error instanceof Abort)) throw error
    throw new InputError('the passphrase does not open the key file of the party', {
      where,
      hint: 'Check TRIAS_PASSPHRASE.',
    })
  }
}
