/**
 * Clients of the Azure services, with retries that end well before a function's time does. In the cloud they carry the
 * managed identity of the function app; with a connection string, the key of an emulator.
 */
import { TableClient } from '@azure/data-tables'
import { ManagedIdentityCredential } from '@azure/identity'
import { SecretClient } from '@azure/keyvault-secrets'
import { QueueServiceClient } from '@azure/storage-queue'
import type { AzureConfig } from './config.ts'

const RETRIES = { maxRetries: 4, retryDelayInMs: 100, maxRetryDelayInMs: 2000 }
const QUEUE_RETRIES = { maxTries: 5, retryDelayInMs: 100, maxRetryDelayInMs: 2000, tryTimeoutInMs: 5000 }

type StorageConfig = Pick<AzureConfig, 'TRIAS_STORAGE' | 'TRIAS_STORAGE_ACCOUNT'>

export const tableClient = (config: StorageConfig, table: string): TableClient => {
  const options = { retryOptions: RETRIES }
  const { TRIAS_STORAGE: connection, TRIAS_STORAGE_ACCOUNT: account } = config
  if (connection !== undefined)
    return TableClient.fromConnectionString(connection, table, { ...options, allowInsecureConnection: true })
  const url = `https://${account}.table.core.windows.net`
  return new TableClient(url, table, new ManagedIdentityCredential(), options)
}

export const queueService = (config: StorageConfig): QueueServiceClient => {
  const options = { retryOptions: QUEUE_RETRIES }
  const { TRIAS_STORAGE: connection, TRIAS_STORAGE_ACCOUNT: account } = config
  if (connection !== undefined) return QueueServiceClient.fromConnectionString(connection, options)
  return new QueueServiceClient(
    `https://${account}.queue.core.windows.net`,
    new ManagedIdentityCredential(),
    options,
  )
}

export const secretClient = (vaultUrl: string): SecretClient =>
  new SecretClient(vaultUrl, new ManagedIdentityCredential(), { retryOptions: RETRIES })
