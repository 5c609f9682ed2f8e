/** What a deployment makes before the first function of a party runs on AWS, on emulators: tables, queues, a secret. */
import { CreateTableCommand, DynamoDBClient, ResourceInUseException } from '@aws-sdk/client-dynamodb'
import {
  CreateSecretCommand,
  ResourceExistsException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { toBase64url } from '../../../shared/base/bytes.ts'
import type { PartySecrets } from '../../../shared/party/key-file.ts'
import type { Emulator } from './dynamodb.ts'
import type { SqsEmulator } from './sqs.ts'

interface ProvisionOptions {
  readonly dynamoDb: Emulator
  readonly sqs: SqsEmulator
  readonly secrets: Emulator
  readonly party: 0 | 1 | 2
  readonly keys: PartySecrets
  readonly lanes?: number
  /** How long a wake stays with a worker that died; at least the time limit of the worker. */
  readonly wakeVisibilityS: number
}

interface Provisioned {
  /** For every function of the party. */
  readonly environment: Readonly<Record<string, string>>
  /** For the event source mapping of the worker. */
  readonly wakeQueueUrl: string
  /** Where wakes go that failed too often. */
  readonly deadLetterQueueUrl: string
}

const REGION = 'eu-central-1'
const LANES = 8
const RECEIVES_MAX = 5
const LANE_RETENTION_S = 24 * 60 * 60

/** As the store of a party wants it; one that is there already is left as it is. */
export const createTable = async (client: DynamoDBClient, name: string): Promise<void> => {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'p', KeyType: 'HASH' },
          { AttributeName: 's', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'p', AttributeType: 'S' },
          { AttributeName: 's', AttributeType: 'S' },
        ],
      }),
    )
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error
  }
}

/** Several parties may share the emulators. What is there already is left as it is. */
export const provisionAws = async (options: ProvisionOptions): Promise<Provisioned> => {
  const { dynamoDb, sqs, secrets, party, keys, lanes = LANES, wakeVisibilityS } = options
  const common = { region: REGION, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }
  const tables = new DynamoDBClient({ ...common, endpoint: dynamoDb.endpoint })
  const queues = new SQSClient({ ...common, endpoint: sqs.endpoint })
  const vault = new SecretsManagerClient({ ...common, endpoint: secrets.endpoint })
  const named = (name: string): string => `trias-${party}-${name}`

  const createQueue = async (name: string, attributes: Record<string, string>): Promise<string> => {
    await queues.send(new CreateQueueCommand({ QueueName: named(name), Attributes: attributes }))
    return sqs.queueUrl(named(name))
  }
  const createSecret = async (): Promise<void> => {
    try {
      await vault.send(
        new CreateSecretCommand({
          Name: named('keys'),
          SecretString: JSON.stringify({
            signingSeed: toBase64url(keys.signingSeed),
            sealingSeed: toBase64url(keys.sealingSeed),
          }),
        }),
      )
    } catch (error) {
      if (!(error instanceof ResourceExistsException)) throw error
    }
  }

  try {
    const deadLetterQueueUrl = await createQueue('wake-dead', {})
    const wakeQueueUrl = await createQueue('wake', {
      VisibilityTimeout: String(wakeVisibilityS),
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: `arn:aws:sqs:${REGION}:000000000000:${named('wake-dead')}`,
        maxReceiveCount: RECEIVES_MAX,
      }),
    })
    const laneQueueUrls = await Promise.all(
      Array.from({ length: lanes }, (_, lane) =>
        createQueue(`lane-${lane}`, { MessageRetentionPeriod: String(LANE_RETENTION_S) }),
      ),
    )
    const [durable, volatile] = [named('durable'), named('volatile')]
    await Promise.all([createTable(tables, durable), createTable(tables, volatile), createSecret()])
    return {
      environment: {
        TRIAS_PARTY: String(party),
        TRIAS_DURABLE_TABLE: durable,
        TRIAS_VOLATILE_TABLE: volatile,
        TRIAS_LANE_QUEUE_URLS: laneQueueUrls.join(','),
        TRIAS_WAKE_QUEUE_URL: wakeQueueUrl,
        TRIAS_SECRET_ID: named('keys'),
        AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
        AWS_ENDPOINT_URL_SQS: sqs.endpoint,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
      },
      wakeQueueUrl,
      deadLetterQueueUrl,
    }
  } finally {
    for (const client of [tables, queues, vault]) client.destroy()
  }
}
