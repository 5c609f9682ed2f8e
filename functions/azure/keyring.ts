/**
 * The two seeds of a party: from Key Vault, or on a developer's machine from a file that only its owner can read. Run
 * keys are kept in neither: they rest in the volatile table under a key that follows from the sealing seed.
 */
import { readFileSync, statSync } from 'node:fs'
import type { SecretClient } from '@azure/keyvault-secrets'
import { z } from 'zod'
import { fromBase64url } from '../../shared/base/bytes.ts'
import { InputError } from '../../shared/base/errors.ts'
import type { PartySecrets } from '../../shared/party/key-file.ts'
import { orUnavailable } from './outage.ts'

/** 32 bytes in base64url. */
const seed = z.string().regex(/^[\w-]{43}$/)
const secretSchema = z.strictObject({ signingSeed: seed, sealingSeed: seed })

/** Throws InputError when it is something else; what it is is told to nobody. */
const parse = (text: string | undefined, where: string): PartySecrets => {
  let content: unknown
  try {
    content = JSON.parse(text ?? '')
  } catch {
    content = undefined
  }
  const parsed = secretSchema.safeParse(content)
  if (!parsed.success)
    throw new InputError('the secret of the party does not hold its two seeds', {
      where,
      hint: 'store JSON with signingSeed and sealingSeed, 32 bytes each in base64url',
    })
  return {
    signingSeed: fromBase64url(parsed.data.signingSeed),
    sealingSeed: fromBase64url(parsed.data.sealingSeed),
  }
}

export const secretsFromVault = async (client: SecretClient, name: string): Promise<PartySecrets> => {
  const { value } = await orUnavailable('Key Vault', () => client.getSecret(name))
  return parse(value, name)
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
  return parse(text, path)
}
