/**
 * The synthesized stack of AWS in LocalStack, and a report with the party that runs over its tables, queues and secret:
 * `npm run test:localstack`, which says in LOCALSTACK_ENDPOINT where the emulator is.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import {
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
} from '@aws-sdk/client-kms'
import {
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import type { startAwsParty } from '../../functions/local/party/aws.ts'
import type { Finding } from '../../infra/locality/finding.ts'
import { examineLiveAws } from '../../infra/locality/live-aws.ts'
import { type Deployed, deploy } from '../localstack-utils/deploy.ts'
import { environmentOf, startDeployedParty } from '../localstack-utils/deployed-party.ts'
import { type Synthesized, synthesize } from '../localstack-utils/synthesize.ts'
import { type Fitted, fitTemplate } from '../localstack-utils/template.ts'
import { stageReports } from '../support/reports.ts'
import { startStack } from '../support/stack.ts'

const endpoint = process.env.LOCALSTACK_ENDPOINT as string
if (endpoint === undefined) throw new Error('start these by npm run test:localstack')

const directory = mkdtempSync(join(tmpdir(), 'trias-deployed-'))
let synthesized: Synthesized
let fitted: Fitted
let deployed: Deployed
let clients: ReturnType<typeof clientsOf>

const clientsOf = (region: string) => {
  const common = { region, endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }
  return {
    cloudFormation: new CloudFormationClient(common),
    dynamoDb: new DynamoDBClient(common),
    kms: new KMSClient(common),
    secrets: new SecretsManagerClient(common),
    sqs: new SQSClient({ ...common, useQueueUrlAsEndpoint: false }),
  }
}

beforeAll(async () => {
  synthesized = await synthesize(directory)
  fitted = fitTemplate(synthesized.template)
  clients = clientsOf(synthesized.region)
  deployed = await deploy(clients.cloudFormation, synthesized.name, fitted.template)
})
afterAll(() => {
  for (const client of Object.values(clients ?? {})) client.destroy()
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
})

const output = (name: string): string => deployed.outputs[name] as string
/** What the emulator does not show as it was synthesized; printed, so that nobody takes it for tested. */
const notShown: string[] = []
/** Either as synthesized, or as if it had been left out: the emulator must not make something else of it. */
const shownOrLeftOut = (what: string, shown: unknown, expected: unknown, otherwise: unknown): void => {
  if (expected !== otherwise && JSON.stringify(shown) === JSON.stringify(otherwise)) notShown.push(what)
  else expect(shown, what).toEqual(expected)
}

test('CloudFormation completes the stack, and what was left out is functions and what goes with them', () => {
  expect(deployed.status).toBe('CREATE_COMPLETE')
  const { leftOut, template } = fitted
  const made = Object.values(template.Resources).map(({ Type }) => Type)
  expect(made.length + leftOut.length).toBe(Object.keys(synthesized.template.Resources).length)
  // Everything that holds or protects data has to be there.
  for (const { type } of leftOut) expect(type).toMatch(/^AWS::(Lambda|Events|CloudWatch|Logs::MetricFilter)/)
  const byType = Object.entries(
    Object.groupBy(leftOut, ({ type, why }) => `${type}, ${why.replace(/ to .*/, ' to one of these')}`),
  )
  console.info(
    [
      `${made.length} resources deployed, ${leftOut.length} left out:`,
      ...byType.map(([what, list]) => `  ${list?.length} ${what}`),
    ].join('\n'),
  )
})

test.each(['Durable', 'Volatile'])('the table %s is as it was synthesized', async name => {
  const TableName = output(`${name}Table`)
  const synthesizedTable = Object.entries(synthesized.template.Resources).find(
    ([id, { Type }]) => Type === 'AWS::DynamoDB::Table' && id.startsWith(`Tables${name}`),
  )?.[1].Properties as Record<string, unknown>
  const { Table } = await clients.dynamoDb.send(new DescribeTableCommand({ TableName }))
  expect(Table?.TableStatus).toBe('ACTIVE')
  expect(Table?.KeySchema).toEqual(synthesizedTable.KeySchema)
  expect(Table?.AttributeDefinitions).toEqual(synthesizedTable.AttributeDefinitions)
  expect(Table?.BillingModeSummary?.BillingMode).toBe(synthesizedTable.BillingMode)
  expect(Table?.SSEDescription).toMatchObject({ SSEType: 'KMS', KMSMasterKeyArn: output('StateKey') })
  expect(Table?.Replicas ?? []).toEqual([])
  expect(synthesizedTable.DeletionProtectionEnabled).toBe(true)
  shownOrLeftOut(`${name}: deletion protection`, Table?.DeletionProtectionEnabled ?? false, true, false)

  const { TimeToLiveDescription: ttl } = await clients.dynamoDb.send(
    new DescribeTimeToLiveCommand({ TableName }),
  )
  const isVolatile = name === 'Volatile'
  expect(synthesizedTable.TimeToLiveSpecification !== undefined).toBe(isVolatile)
  expect(ttl?.TimeToLiveStatus).toBe(isVolatile ? 'ENABLED' : 'DISABLED')
  if (isVolatile) expect(ttl?.AttributeName).toBe('t')

  const { ContinuousBackupsDescription: backups } = await clients.dynamoDb.send(
    new DescribeContinuousBackupsCommand({ TableName }),
  )
  shownOrLeftOut(
    `${name}: point-in-time recovery`,
    backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
    isVolatile ? 'DISABLED' : 'ENABLED',
    'DISABLED',
  )
})

test('queues have the key, the times and the policies that were synthesized', async () => {
  const environment = environmentOf('worker', deployed, endpoint)
  const attributesOf = async (QueueUrl: string): Promise<Record<string, string>> =>
    (await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })))
      .Attributes ?? {}
  const lanes = environment.TRIAS_LANE_QUEUE_URLS?.split(',') ?? []
  expect(lanes).toHaveLength(8)
  const wake = await attributesOf(environment.TRIAS_WAKE_QUEUE_URL as string)
  for (const attributes of [wake, ...(await Promise.all(lanes.map(attributesOf)))]) {
    expect(attributes).toMatchObject({
      KmsMasterKeyId: output('StateKey'),
      MessageRetentionPeriod: '86400',
      MaximumMessageSize: '1048576',
    })
    const statements = JSON.parse(attributes.Policy as string).Statement as { Sid?: string; Effect: string }[]
    expect(statements.map(({ Effect }) => Effect)).toEqual(['Deny', 'Deny'])
    expect(statements.map(({ Sid }) => Sid)).toContain('OnlyTheFunctions')
  }
  expect(wake.VisibilityTimeout).toBe('1800')
  expect(JSON.parse(wake.RedrivePolicy as string).maxReceiveCount).toBe(5)
})

test.each(['StateKey', 'SecretKey'])('KMS has made %s: in one region, renewed each year', async name => {
  const KeyId = output(name)
  const { KeyMetadata } = await clients.kms.send(new DescribeKeyCommand({ KeyId }))
  expect(KeyMetadata).toMatchObject({
    Arn: KeyId,
    KeyManager: 'CUSTOMER',
    KeyState: 'Enabled',
    MultiRegion: false,
    Origin: 'AWS_KMS',
  })
  expect(KeyId.split(':')[3]).toBe(synthesized.region)
  const rotation = await clients.kms.send(new GetKeyRotationStatusCommand({ KeyId }))
  expect(rotation.KeyRotationEnabled).toBe(true)
  const { Policy } = await clients.kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }))
  const sids = JSON.parse(Policy as string).Statement.map(({ Sid }: { Sid?: string }) => Sid)
  expect(sids.includes('OnlyThroughSecretsManager')).toBe(name === 'SecretKey')
})

test('the secret is made without a value, under its own key, for the functions alone', async () => {
  const SecretId = output('SecretId')
  const described = await clients.secrets.send(new DescribeSecretCommand({ SecretId }))
  expect(described).toMatchObject({ Name: `${synthesized.name}/keys`, KmsKeyId: output('SecretKey') })
  expect(described.ReplicationStatus ?? []).toEqual([])
  const { ResourcePolicy } = await clients.secrets.send(new GetResourcePolicyCommand({ SecretId }))
  expect(ResourcePolicy).toContain('OnlyTheFunctionsRead')
  await expect(clients.secrets.send(new GetSecretValueCommand({ SecretId }))).rejects.toThrow(/AWSCURRENT/)
})

test('the live check of locality finds the deployed stack in its region, and what was changed by hand after it', async () => {
  process.env.AWS_ACCESS_KEY_ID ??= 'local'
  process.env.AWS_SECRET_ACCESS_KEY ??= 'local'
  const everything = {
    dynamoDb: endpoint,
    sqs: endpoint,
    secrets: endpoint,
    kms: endpoint,
    cloudFormation: endpoint,
  }
  const check = async () => {
    const report = await examineLiveAws(
      { stack: synthesized.name, tables: [], queues: [], secrets: [] },
      { provider: 'aws', region: synthesized.region, accountId: '000000000000' },
      everything,
    )
    // What stands in for DynamoDB Local says that its region is `dynoxide`, which is found as it should be.
    const isStandIn = ({ rule, found }: Finding): boolean =>
      rule === 'LIVE-REGION' && found.startsWith('arn:aws:dynamodb:dynoxide:')
    return {
      looked: report.looked,
      rules: report.findings.filter(one => !isStandIn(one)).map(({ rule }) => rule),
    }
  }
  const { looked, rules } = await check()
  expect(rules).toEqual([])
  for (const [rule, places] of [
    ['LIVE-REGION', 16],
    ['LIVE-TABLE-KEY', 2],
    ['LIVE-QUEUE-TLS', 10],
    ['LIVE-SECRET-KEY', 1],
    ['LIVE-KEY-MULTI-REGION', 3],
    ['AWS-BOUNDARY-REGION', 1],
  ] as const)
    expect(looked.get(rule), rule).toBe(places)

  const QueueUrl = environmentOf('worker', deployed, endpoint).TRIAS_WAKE_QUEUE_URL as string
  const keyed = (KmsMasterKeyId: string) =>
    clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { KmsMasterKeyId } }))
  await keyed('alias/aws/sqs')
  expect((await check()).rules).toEqual(['LIVE-QUEUE-KEY'])
  await keyed(output('StateKey'))
  expect((await check()).rules).toEqual([])
})

test('both reports over three clouds equal DuckDB in every cell, with the party of this stack and a worker that dies', async () => {
  const startParty: typeof startAwsParty = async (config, log) => {
    const party = await startDeployedParty(synthesized, deployed, endpoint, config, log)
    const status = async (): Promise<number> =>
      (await fetch(`${party.url}/v1/documents?kind=federation`)).status
    expect(await status(), 'a party without its seeds answers nobody').toBe(502)
    // What an operator does after the deployment; the functions that are there already find it.
    await clients.secrets.send(
      new PutSecretValueCommand({
        SecretId: output('SecretId'),
        SecretString: readFileSync(config.secretsFile, 'utf8'),
      }),
    )
    expect(await status(), 'a party with its seeds answers').toBeLessThan(500)
    return party
  }
  const stack = await startStack({ aws: startParty })
  onTestFailed(() => console.error(stack.logs()))
  const reports = await stageReports(stack.parties, {
    rows: 2000,
    policy: { stageRowsMax: 512 },
    timeoutMs: 600_000,
  })
  try {
    const countOf = async (TableName: string): Promise<number> =>
      (await clients.dynamoDb.send(new ScanCommand({ TableName, Select: 'COUNT' }))).Count ?? 0
    for (const name of ['pay', 'safety'] as const) {
      const asked = await reports.ask(name)
      const ended = asked.ended()
      if (name === 'safety') {
        await new Promise(resolve => setTimeout(resolve, 1500))
        expect(stack.workerPids(0).length, 'a worker to kill').toBeGreaterThan(0)
        await stack.kill(0)
      }
      await ended
      const { equal, cells } = await asked.compared()
      expect(cells).toBeGreaterThan(50)
      expect(equal).toBe(cells)
      console.info(`${name}: ${equal} of ${cells} cells equal those of DuckDB`)
    }
    expect(stack.frames.twice).toEqual([])
    // The party has kept its records in the tables of this stack, and nowhere else on this machine.
    expect(await countOf(output('DurableTable'))).toBeGreaterThan(10)
    expect(await countOf(output('VolatileTable'))).toBeGreaterThan(0)
  } finally {
    await reports.close()
    await stack.close()
  }
})

afterAll(() => {
  console.info(
    notShown.length === 0
      ? 'the emulator shows every property that was asked for'
      : `not shown by this emulator, and so not tested here: ${notShown.join('; ')}`,
  )
})
