/**
 * Clients of the AWS services, with retries and waits that end well before a function's time does. Region, credentials
 * and endpoints are the SDK's to find, from what Lambda gives every function.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SQSClient } from '@aws-sdk/client-sqs'

const SETTINGS = {
  retryMode: 'standard',
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
}

interface ClientOptions {
  readonly region: string
  /** Instead of the one that the environment or the region names. */
  readonly endpoint?: string
}

export const dynamoDbClient = (options: ClientOptions): DynamoDBClient =>
  new DynamoDBClient({ ...SETTINGS, ...options })

/** A receive waits for messages, and brings up to ten of a megabyte each. */
const RECEIVE_MS = 10_000

export const sqsClient = (options: ClientOptions): SQSClient =>
  new SQSClient({
    ...SETTINGS,
    requestHandler: { ...SETTINGS.requestHandler, requestTimeout: RECEIVE_MS },
    ...options,
  })

export const secretsClient = (options: ClientOptions): SecretsManagerClient =>
  new SecretsManagerClient({ ...SETTINGS, ...options })
