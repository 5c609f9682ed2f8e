/**
 * The two seeds of a party, from Secrets Manager, where a key of the operator's own in KMS encrypts them at rest. Run
 * keys are not kept there: they rest in the volatile table under a key that follows from the sealing seed.
 */
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { z } from 'zod'
import { fromBase64url } from '../../shared/base/bytes.ts'
import { InputError } from '../../shared/base/errors.ts'
import type { PartySecrets } from '../../shared/party/key-file.ts'
import { orUnavailable } from './outage.ts'

/** 32 bytes in base64url. */
const seed = z.string().regex(/^[\w-]{43}$/)
const secretSchema = z.strictObject({ signingSeed: seed, sealingSeed: seed })

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Throws InputError when the secret holds something else; what it holds is told to nobody. */
export const readPartySecrets = async (
  client: SecretsManagerClient,
  secretId: string,
): Promise<PartySecrets> => {
  const { SecretString = '' } = await orUnavailable('Secrets Manager', () =>
    client.send(new GetSecretValueCommand({ SecretId: secretId })),
  )
  const parsed = secretSchema.safeParse(parseJson(SecretString))
  if (!parsed.success)
    throw new InputError('the secret of the party does not hold its two seeds', {
      where: secretId,
      hint: 'store JSON with signingSeed and sealingSeed, 32 bytes each in base64url',
    })
  return {
    signingSeed: fromBase64url(parsed.data.signingSeed),
    sealingSeed: fromBase64url(parsed.data.sealingSeed),
  }
}
