/** The live check, over the emulators that the parties run on, and over answers as the services document them. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Emulator, startDynamoDb } from '../../../functions/local/emulator/dynamodb.ts'
import { type SqsEmulator, startSqs } from '../../../functions/local/emulator/sqs.ts'
import {
  examineLiveAws,
  examineLiveResources,
  LIVE_AWS_RULES,
  type LiveResource,
} from '../../../infra/locality/live-aws.ts'

const home = { provider: 'aws', region: 'eu-central-1', accountId: '000000000000' } as const
let dynamoDb: Emulator
let sqs: SqsEmulator

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID ??= 'local'
  process.env.AWS_SECRET_ACCESS_KEY ??= 'local'
  ;[dynamoDb, sqs] = await Promise.all([startDynamoDb(), startSqs()])
  const tables = new DynamoDBClient({ region: home.region, endpoint: dynamoDb.endpoint })
  await tables.send(
    new CreateTableCommand({
      TableName: 'durable',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
    }),
  )
  tables.destroy()
  const queues = new SQSClient({ region: home.region, endpoint: sqs.endpoint })
  await queues.send(
    new CreateQueueCommand({
      QueueName: 'lane-0',
      Attributes: {
        KmsMasterKeyId: 'arn:aws:kms:eu-central-1:000000000000:key/1',
        Policy: JSON.stringify({
          Statement: [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
        }),
      },
    }),
  )
  queues.destroy()
})
afterAll(async () => {
  await Promise.all([dynamoDb.close(), sqs.close()])
})

test('tables and queues are asked where they are and how they are kept', async () => {
  const targets = { tables: ['durable'], queues: [sqs.queueUrl('lane-0')], secrets: [] }
  const report = await examineLiveAws(targets, home, { dynamoDb: dynamoDb.endpoint, sqs: sqs.endpoint })
  expect(report.looked.get('LIVE-QUEUE-TLS')).toBe(1)
  expect(report.looked.get('LIVE-TABLE-REPLICA')).toBe(1)
  // The table was made without a key, and whatever else is said of it is about where the emulator claims to be.
  expect(report.findings.map(({ rule }) => rule)).toContain('LIVE-TABLE-KEY')
  expect(
    report.findings.filter(({ resource }) => resource.startsWith('queue')).map(({ rule }) => rule),
  ).toEqual((await queueRegion()) === home.region ? [] : ['LIVE-REGION'])
})

const queueRegion = async (): Promise<string> => {
  const { GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs')
  const client = new SQSClient({ region: home.region, endpoint: sqs.endpoint })
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: sqs.queueUrl('lane-0'), AttributeNames: ['QueueArn'] }),
  )
  client.destroy()
  return Attributes?.QueueArn?.split(':')[3] ?? ''
}

test('what does not answer is no proof', async () => {
  const targets = { tables: ['none'], queues: [], secrets: [] }
  await expect(examineLiveAws(targets, home, { dynamoDb: dynamoDb.endpoint })).rejects.toThrow(
    'AWS did not say',
  )
})

const arn = (service: string, name: string, region: string = home.region) =>
  `arn:aws:${service}:${region}:000000000000:${name}`
const GOOD: Readonly<Record<LiveResource['kind'], object>> = {
  table: { TableArn: arn('dynamodb', 'table/x'), SSEDescription: { SSEType: 'KMS' } },
  queue: {
    QueueArn: arn('sqs', 'x'),
    KmsMasterKeyId: arn('kms', 'key/1'),
    Policy: '{"Effect":"Deny","aws:SecureTransport":"false"}',
  },
  secret: { ARN: arn('secretsmanager', 'secret:x'), KmsKeyId: arn('kms', 'key/1') },
  key: { Arn: arn('kms', 'key/1'), MultiRegion: false, KeyManager: 'CUSTOMER' },
}
const rulesOf = (kind: LiveResource['kind'], change: object = {}): readonly string[] =>
  examineLiveResources([{ kind, name: 'x', answer: { ...GOOD[kind], ...change } }], home).findings.map(
    ({ rule }) => rule,
  )

const VIOLATIONS: readonly (readonly [string, string, LiveResource['kind'], object])[] = [
  ['a table elsewhere', 'LIVE-REGION', 'table', { TableArn: arn('dynamodb', 'table/x', 'eu-west-2') }],
  ['a key elsewhere', 'LIVE-REGION', 'key', { Arn: arn('kms', 'key/1', 'us-east-1') }],
  ['a resource that does not say where', 'LIVE-REGION', 'secret', { ARN: undefined }],
  ['a replica', 'LIVE-TABLE-REPLICA', 'table', { Replicas: [{ RegionName: 'eu-west-1' }] }],
  ['a witness', 'LIVE-TABLE-REPLICA', 'table', { GlobalTableWitnesses: [{ RegionName: 'eu-west-1' }] }],
  ['a stream', 'LIVE-TABLE-STREAM', 'table', { StreamSpecification: { StreamEnabled: true } }],
  ['a table under a key of AWS', 'LIVE-TABLE-KEY', 'table', { SSEDescription: undefined }],
  ['a queue under a key of AWS', 'LIVE-QUEUE-KEY', 'queue', { KmsMasterKeyId: 'alias/aws/sqs' }],
  ['a queue without TLS', 'LIVE-QUEUE-TLS', 'queue', { Policy: undefined }],
  [
    'a replica of a secret',
    'LIVE-SECRET-REPLICA',
    'secret',
    { ReplicationStatus: [{ Region: 'eu-west-1' }] },
  ],
  ['a secret under a key of AWS', 'LIVE-SECRET-KEY', 'secret', { KmsKeyId: undefined }],
  ['a multi-Region key', 'LIVE-KEY-MULTI-REGION', 'key', { MultiRegion: true }],
  ['a key of AWS', 'LIVE-KEY-MANAGER', 'key', { KeyManager: 'AWS' }],
]

test.each(VIOLATIONS)('%s: %s', (_, rule, kind, change) => {
  expect(rulesOf(kind)).toEqual([])
  expect(rulesOf(kind, change)).toEqual([rule])
})

test('every live rule has a violation of its own', () => {
  const named = new Set(VIOLATIONS.map(([, rule]) => rule))
  expect(LIVE_AWS_RULES.map(({ id }) => id).filter(id => !named.has(id))).toEqual(['HOME-COUNTRY'])
})
