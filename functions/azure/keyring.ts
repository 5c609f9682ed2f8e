/**
 * The two seeds of a party: from Key Vault, or on a developer's machine from a file that only its owner can read. Run
 * keys are kept in neither: they rest in the volatile table under a key that follows from the sealing seed.
 */
import { readFileSync, statSync } from 'node:fs'
import type { SecretClient } from '@azure/keyvault-secrets'
import { InputError } from '../../shared/base/errors.ts'
import type { PartySecrets } from '../../shared/party/key-file.ts'
import { parsePartySecret } from '../party/party-secret.ts'
import { orUnavailable } from './outage.ts'

export const secretsFromVault = async (client: SecretClient, name: string): Promise<PartySecrets> => {
  const { value } = await orUnavailable('Key Vault', () => client.getSecret(name))
  return parsePartySecret(value, name)
}

/** Throws InputError. */
export const secretsFromFile = (path: string): PartySecrets => {
  let text: string
  let mode: number
  try {
    mode = statSync(path).mode
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new InputError('cannot read the secrets file', { where: path, cause })
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new InputError('the secrets file may be read by others', { where: path, hint: 'chmod 600 it' })
  return parsePartySecret(text, path)
}
