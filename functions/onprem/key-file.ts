/**
 * The key file of a party: its signing seed and sealing seed under a passphrase (scrypt, AES-256-GCM), readable by its
 * owner only. The public keys stand in the clear, because the federation manifest needs them.
 */
import { randomBytes, scryptSync } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { concatBytes, fromBase64url, toBase64url, utf8 } from '../../shared/base/bytes.ts'
import { Abort, InputError } from '../../shared/base/errors.ts'
import { generateBoxKeyPair } from '../../shared/crypto/sealed-box.ts'
import { signingKeyPair } from '../../shared/crypto/signature.ts'
import type { PartySecrets } from '../party/keyring.ts'
import { nativeAead } from '../party/native-crypto.ts'

/** 64 MiB and about a tenth of a second a guess. */
const SCRYPT = { N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 1024 * 1024 }
const AAD = utf8('trias party key file v1')

const keyFileSchema = z.strictObject({
  kind: z.literal('party-key-file'),
  version: z.literal(1),
  signingKey: z.string(),
  sealingKey: z.string(),
  kdf: z.literal('scrypt-65536-8-1'),
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

/** Draws a party's keys and writes them to a new file. Throws InputError when the file exists. */
export const createKeyFile = async (path: string, passphrase: string): Promise<PartyPublicKeys> => {
  if (passphrase === '')
    throw new InputError('the passphrase of a key file is empty', { hint: 'set TRIAS_PASSPHRASE' })
  if (existsSync(path))
    throw new InputError('there is a key file already', {
      where: path,
      hint: 'choose another path; a party that loses its key file cannot open anything sealed to it',
    })
  const [signingSeed, sealingSeed, salt, nonce] = [32, 32, 16, 12].map(
    n => new Uint8Array(randomBytes(n)),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const keys: PartyPublicKeys = {
    signingKey: toBase64url(signingKeyPair(signingSeed).publicKey),
    sealingKey: toBase64url((await generateBoxKeyPair(sealingSeed)).publicKey),
  }
  const sealed = nativeAead.encrypt(
    restKey(passphrase, salt),
    nonce,
    concatBytes([signingSeed, sealingSeed]),
    AAD,
  )
  const content = {
    kind: 'party-key-file',
    version: 1,
    ...keys,
    kdf: 'scrypt-65536-8-1',
    salt: toBase64url(salt),
    nonce: toBase64url(nonce),
    sealed: toBase64url(sealed),
  }
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  chmodSync(path, 0o600)
  return keys
}

const parseKeyFile = (path: string): z.infer<typeof keyFileSchema> => {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new InputError('cannot read the key file', { where: path, cause })
  }
  const parsed = keyFileSchema.safeParse(content)
  if (!parsed.success) throw new InputError('not a party key file of this version', { where: path })
  return parsed.data
}

/** The public keys in a key file; needs no passphrase. */
export const readPublicKeys = (path: string): PartyPublicKeys => {
  const { signingKey, sealingKey } = parseKeyFile(path)
  return { signingKey, sealingKey }
}

/** Throws InputError when the file is readable by others, is no key file, or the passphrase is wrong. */
export const openKeyFile = (path: string, passphrase: string): PartySecrets => {
  const file = parseKeyFile(path)
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw new InputError('the key file may be read by others', { where: path, hint: 'chmod 600 it' })
  try {
    const plain = nativeAead.decrypt(
      restKey(passphrase, fromBase64url(file.salt)),
      fromBase64url(file.nonce),
      fromBase64url(file.sealed),
      AAD,
    )
    return { signingSeed: plain.slice(0, 32), sealingSeed: plain.slice(32, 64) }
  } catch (error) {
    if (error instanceof Abort)
      throw new InputError('the passphrase does not open the key file', {
        where: path,
        hint: 'check TRIAS_PASSPHRASE',
      })
    throw error
  }
}
