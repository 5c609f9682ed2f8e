/**
 * The operator's side of a party's key file: making it, so that no one else ever sees the seeds, signing with it, and
 * handing the seeds to the secret store of a cloud.
 */
import { scryptSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { fromBase64url, toBase64url } from '../../../shared/base/bytes.ts'
import { InputError } from '../../../shared/base/errors.ts'
import type { Signer } from '../../../shared/crypto/jws.ts'
import { keyId } from '../../../shared/crypto/key-id.ts'
import {
  newPartyKeyFile,
  openPartyKeyFile,
  type PartyPublicKeys,
  type PartySecrets,
  parsePartyKeyFile,
  type Scrypt,
} from '../../../shared/party/key-file.ts'
import { readJson, writeSecret } from './home.ts'

const scrypt: Scrypt = (passphrase, salt, cost) =>
  new Uint8Array(scryptSync(passphrase, salt, 32, { ...cost, maxmem: 256 * cost.N * cost.r }))

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))

/** Throws InputError when the file is there already. */
export const createPartyKeyFile = async (path: string, passphrase: string): Promise<PartyPublicKeys> => {
  if (existsSync(path))
    throw new InputError('there is a key file already', {
      where: path,
      hint: 'Choose another place: a party that loses its key file cannot open anything sealed to it.',
    })
  const file = await newPartyKeyFile(passphrase, { random, scrypt })
  await writeSecret(path, `${JSON.stringify(file, null, 2)}\n`)
  return { signingKey: file.signingKey, sealingKey: file.sealingKey }
}

const open = async (path: string, passphrase: string) => {
  const file = parsePartyKeyFile(await readJson(path, 'the key file of the party'), path)
  return { file, secrets: openPartyKeyFile(file, passphrase, { scrypt, where: path }) }
}

/** The party's signer, for the one thing that its operator signs by hand: the federation manifest. */
export const readPartySigner = async (path: string, passphrase: string): Promise<Signer> => {
  const { file, secrets } = await open(path, passphrase)
  return { kid: keyId(fromBase64url(file.signingKey)), secretKey: secrets.signingSeed }
}

/** Both seeds in base64url, as the secret store of a cloud holds them. */
export const readPartySecret = async (
  path: string,
  passphrase: string,
): Promise<Readonly<Record<keyof PartySecrets, string>>> => {
  const { signingSeed, sealingSeed } = (await open(path, passphrase)).secrets
  return { signingSeed: toBase64url(signingSeed), sealingSeed: toBase64url(sealingSeed) }
}
