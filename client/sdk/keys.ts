/**
 * The keys of a member: one to sign documents, one to open what is sealed to the member. Both follow from 32-byte seeds.
 *
 * Secret: the two seeds; they stay in the key file, under a passphrase when one is given (scrypt, AES-256-GCM).
 * Public: name, signing key and sealing key, which go into the federation manifest.
 */
import { scryptAsync } from '@noble/hashes/scrypt.js'
import { z } from 'zod'
import { equalBytes, fromBase64url, toBase64url, utf8 } from '../../shared/base/bytes.ts'
import { InputError } from '../../shared/base/errors.ts'
import { portableAead } from '../../shared/crypto/aead.ts'
import { keyId } from '../../shared/crypto/key-id.ts'
import { generateBoxKeyPair } from '../../shared/crypto/sealed-box.ts'
import { signingKeyPair } from '../../shared/crypto/signature.ts'

interface KeyPair {
  readonly secretKey: Uint8Array
  readonly publicKey: Uint8Array
}

export interface MemberKeys {
  readonly name: string
  /** Key id of the signing key, as it stands in every signature. */
  readonly kid: string
  readonly signing: KeyPair
  readonly sealing: KeyPair
  /** What the key file keeps: signing seed, then sealing seed, 32 bytes each. */
  readonly seeds: Uint8Array
}

const SEED_BYTES = 32

const keysFromSeeds = async (name: string, seeds: Uint8Array): Promise<MemberKeys> => {
  if (seeds.length !== 2 * SEED_BYTES) throw new RangeError('expected two seeds of 32 bytes')
  const signing = signingKeyPair(seeds.slice(0, SEED_BYTES))
  const sealing = await generateBoxKeyPair(seeds.slice(SEED_BYTES))
  return Object.freeze({ name, kid: keyId(signing.publicKey), signing, sealing, seeds })
}

export const createKeys = (name: string): Promise<MemberKeys> =>
  keysFromSeeds(name, crypto.getRandomValues(new Uint8Array(2 * SEED_BYTES)))

const SCRYPT = { N: 2 ** 15, r: 8, p: 1, dkLen: 32 } as const

const keyFileSchema = z.strictObject({
  kind: z.literal('member-key'),
  name: z.string(),
  signingKey: z.string(),
  sealingKey: z.string(),
  secret: z.union([
    z.strictObject({ seeds: z.string() }),
    z.strictObject({ kdf: z.literal('scrypt'), salt: z.string(), nonce: z.string(), box: z.string() }),
  ]),
})

export type KeyFile = Readonly<z.infer<typeof keyFileSchema>>

/** The public parts are bound to the box, so that a swapped name or key is noticed when it is opened. */
const associated = (file: Pick<KeyFile, 'name' | 'signingKey' | 'sealingKey'>): Uint8Array =>
  utf8(JSON.stringify([file.name, file.signingKey, file.sealingKey]))

const passphraseKey = (passphrase: string, salt: Uint8Array): Promise<Uint8Array> =>
  scryptAsync(utf8(passphrase.normalize('NFKC')), salt, SCRYPT)

export const keyFileOf = async (keys: MemberKeys, passphrase?: string): Promise<KeyFile> => {
  const open = {
    kind: 'member-key' as const,
    name: keys.name,
    signingKey: toBase64url(keys.signing.publicKey),
    sealingKey: toBase64url(keys.sealing.publicKey),
  }
  if (passphrase === undefined) return { ...open, secret: { seeds: toBase64url(keys.seeds) } }
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const nonce = crypto.getRandomValues(new Uint8Array(12))
  const key = await passphraseKey(passphrase, salt)
  const box = portableAead.encrypt(key, nonce, keys.seeds, associated(open))
  return {
    ...open,
    secret: { kdf: 'scrypt', salt: toBase64url(salt), nonce: toBase64url(nonce), box: toBase64url(box) },
  }
}

/** Throws InputError on anything that is not a key file, on a wrong passphrase, and when one is needed and missing. */
export const openKeyFile = async (text: string, passphrase?: string): Promise<MemberKeys> => {
  let file: KeyFile
  try {
    file = keyFileSchema.parse(JSON.parse(text))
  } catch {
    throw new InputError('this is not a member key file', { hint: 'Create one with `trias keygen`.' })
  }
  const keys = await keysFromSeeds(file.name, await seedsOf(file, passphrase))
  const matches =
    equalBytes(keys.signing.publicKey, fromBase64url(file.signingKey)) &&
    equalBytes(keys.sealing.publicKey, fromBase64url(file.sealingKey))
  if (!matches)
    throw new InputError('the key file is damaged: its secret and public keys do not belong together')
  return keys
}

const seedsOf = async (file: KeyFile, passphrase: string | undefined): Promise<Uint8Array> => {
  const { secret } = file
  if ('seeds' in secret) return fromBase64url(secret.seeds)
  if (passphrase === undefined)
    throw new InputError('the key file needs its passphrase', {
      hint: 'Give --passphrase-file, or set TRIAS_PASSPHRASE.',
    })
  const key = await passphraseKey(passphrase, fromBase64url(secret.salt))
  try {
    return portableAead.decrypt(key, fromBase64url(secret.nonce), fromBase64url(secret.box), associated(file))
  } catch {
    throw new InputError('the passphrase does not open this key file')
  }
}
