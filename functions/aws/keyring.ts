/**
 * The two seeds of a party, from Secrets Manager, where a key of the operator's own in KMS encrypts them at rest. Run
 * keys are not kept there: they rest in the volatile table under a key that follows from the sealing seed.
 */
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { PartySecrets } from '../../shared/party/key-file.ts'
import { parsePartySecret } from '../party/party-secret.ts'
import { orUnavailable } from './outage.ts'

interface StoredSecrets {
  readonly secrets: PartySecrets
  /** Of the secret, as the service names it. */
  readonly arn: string | undefined
}

/** Throws InputError when the secret holds something else; what it holds is told to nobody. */
export const readPartySecrets = async (
  client: SecretsManagerClient,
  secretId: string,
): Promise<StoredSecrets> => {
  const { SecretString, ARN } = await orUnavailable('Secrets Manager', () =>
    client.send(new GetSecretValueCommand({ SecretId: secretId })),
  )
  return { secrets: parsePartySecret(SecretString, secretId), arn: ARN }
}
