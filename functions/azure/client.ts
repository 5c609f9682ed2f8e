/**
 * Clients of the Azure services, with retries that end well before a function's time does. In the cloud they carry the
 * managed identity of the function app; with a connection string, the key of an emulator.
 */
import { TableClient, type TableServiceClientOptions } from '@azure/data-tables'
import { ManagedIdentityCredential } from '@azure/identity'
import { SecretClient } from '@azure/keyvault-secrets'
import { QueueServiceClient } from '@azure/storage-queue'
import type { AzureConfig } from './config.ts'

const TRY_MS = 5000
const RETRIES = { maxRetries: 4, retryDelayInMs: 100, maxRetryDelayInMs: 2000 }
const QUEUE_RETRIES = { maxTries: 5, retryDelayInMs: 100, maxRetryDelayInMs: 2000, tryTimeoutInMs: TRY_MS }

/** These SDKs wait for an answer for ever by themselves. */
const perTry: NonNullable<TableServiceClientOptions['additionalPolicies']>[number] = {
  policy: {
    name: 'time-limit-of-a-try',
    sendRequest: (request, next) => {
      request.timeout = TRY_MS
      return next(request)
    },
  },
  position: 'perRetry',
}
const OPTIONS = { retryOptions: RETRIES, additionalPolicies: [perTry] }

type StorageConfig = Pick<
  AzureConfig,
  'TRIAS_STORAGE' | 'TRIAS_STORAGE__accountName' | 'TRIAS_STORAGE__clientId'
>

type IdentityConfig = Pick<AzureConfig, 'TRIAS_STORAGE__clientId'>

/** Without a client id the identity that belongs to the app alone. */
export const identityOf = ({
  TRIAS_STORAGE__clientId: clientId,
}: IdentityConfig): ManagedIdentityCredential =>
  clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId })

export const tableClient = (config: StorageConfig, table: string): TableClient => {
  const { TRIAS_STORAGE: connection, TRIAS_STORAGE__accountName: account } = config
  if (connection !== undefined)
    return TableClient.fromConnectionString(connection, table, { ...OPTIONS, allowInsecureConnection: true })
  const url = `https://${account}.table.core.windows.net`
  return new TableClient(url, table, identityOf(config), OPTIONS)
}

export const queueService = (config: StorageConfig): QueueServiceClient => {
  const options = { retryOptions: QUEUE_RETRIES }
  const { TRIAS_STORAGE: connection, TRIAS_STORAGE__accountName: account } = config
  if (connection !== undefined) return QueueServiceClient.fromConnectionString(connection, options)
  return new QueueServiceClient(`https://${account}.queue.core.windows.net`, identityOf(config), options)
}

export const secretClient = (config: IdentityConfig, vaultUrl: string): SecretClient =>
  new SecretClient(vaultUrl, identityOf(config), OPTIONS)
