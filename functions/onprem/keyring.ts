/**
 * The party's secrets from the key file on its own disk, readable by its owner only; the format is in
 * `shared/party/key-file.ts`, and `functions/party/keyring.ts` makes the keyring from them.
 */
import { scryptSync } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { InputError } from '../../shared/base/errors.ts'
import {
  openPartyKeyFile,
  type PartySecrets,
  parsePartyKeyFile,
  type Scrypt,
} from '../../shared/party/key-file.ts'

const scrypt: Scrypt = (passphrase, salt, cost) =>
  new Uint8Array(scryptSync(passphrase, salt, 32, { ...cost, maxmem: 256 * cost.N * cost.r }))

/** Throws InputError when the file is readable by others, is no key file, or the passphrase is wrong. */
export const openKeyFile = (path: string, passphrase: string): PartySecrets => {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new InputError('cannot read the key file', { where: path, cause })
  }
  const file = parsePartyKeyFile(content, path)
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw new InputError('the key file may be read by others', { where: path, hint: 'chmod 600 it' })
  return openPartyKeyFile(file, passphrase, { scrypt, where: path })
}
