/** The three handlers of a party on AWS in the Lambda host, over emulators. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb'
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { dynamoDbClient, secretsClient, sqsClient } from '../../../functions/aws/client.ts'
import { type Emulator, startDynamoDb } from '../../../functions/local/emulator/dynamodb.ts'
import { provisionAws } from '../../../functions/local/emulator/provision-aws.ts'
import { startSecrets } from '../../../functions/local/emulator/secrets.ts'
import { type SqsEmulator, startSqs } from '../../../functions/local/emulator/sqs.ts'
import { hostLog } from '../../../functions/local/host/log.ts'
import { lambdaHostSchema } from '../../../functions/local/lambda-host/config.ts'
import { type LambdaHost, startLambdaHost } from '../../../functions/local/lambda-host/start.ts'
import { toBase64url } from '../../../shared/base/bytes.ts'
import { waitFor } from '../../support/federation.ts'

const REGION = 'eu-central-1'
const WORKER_S = 2

let dynamoDb: Emulator
let sqs: SqsEmulator
let secrets: Emulator
const hosts: LambdaHost[] = []
beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'local'
  process.env.AWS_SECRET_ACCESS_KEY = 'local'
  ;[dynamoDb, sqs, secrets] = await Promise.all([startDynamoDb(), startSqs(), startSecrets()])
})
afterEach(async () => {
  await Promise.all(hosts.splice(0).map(host => host.close()))
})
afterAll(async () => {
  await Promise.all([dynamoDb.close(), sqs.close(), secrets.close()])
})

const keys = () => ({ signingSeed: randomBytes(32), sealingSeed: randomBytes(32) })

const start = async (environment: Readonly<Record<string, string>>, wakeQueueUrl: string) => {
  const lines: string[] = []
  const host = await startLambdaHost(
    lambdaHostSchema.parse({
      region: REGION,
      functions: ['http', 'worker', 'timer'].map(name => ({
        name,
        handler: `${name}.handler`,
        directory: join(import.meta.dirname, '../../../functions/aws'),
        memoryMb: 512,
        timeLimitS: WORKER_S,
        environment,
      })),
      url: { function: 'http' },
      queues: [{ function: 'worker', queueUrl: wakeQueueUrl }],
    }),
    hostLog('lambda-host', line => lines.push(line)),
  )
  hosts.push(host)
  return { host, lines }
}

test('handlers: the front answers, the timer and the worker find nothing to do without a federation', async () => {
  const { environment, wakeQueueUrl } = await provisionAws({
    ...{ dynamoDb, sqs, secrets, party: 0, lanes: 2, wakeVisibilityS: WORKER_S, keys: keys() },
  })
  const { host } = await start(environment, wakeQueueUrl)
  expect((await fetch(`${host.url}/v1/health`)).status).toBe(204)
  expect((await fetch(`${host.url}/v1/log?after=0`)).status).toBe(401)
  expect(await host.invoke('timer', {})).toBeNull()
  expect(await host.invoke('worker', { Records: [{ messageId: 'a', body: 'chores' }] })).toEqual({
    batchItemFailures: [],
  })
})

test('handlers: a party that cannot be composed is tried again, and its seeds are in no log', async () => {
  const seeds = keys()
  const { environment, wakeQueueUrl } = await provisionAws({
    ...{ dynamoDb, sqs, secrets, party: 1, lanes: 2, wakeVisibilityS: WORKER_S, keys: seeds },
  })
  const { host, lines } = await start({ ...environment, TRIAS_SECRET_ID: 'not-yet' }, wakeQueueUrl)
  expect((await fetch(`${host.url}/v1/health`)).status).toBe(502)
  const [before] = host.instances()
  const [signingSeed, sealingSeed] = [toBase64url(seeds.signingSeed), toBase64url(seeds.sealingSeed)]
  const client = secretsClient({ region: REGION, endpoint: secrets.endpoint })
  await client.send(
    new CreateSecretCommand({ Name: 'not-yet', SecretString: JSON.stringify({ signingSeed, sealingSeed }) }),
  )
  expect((await fetch(`${host.url}/v1/health`)).status).toBe(204)
  expect(host.instances()[0]?.pid).toBe(before?.pid)
  await client.send(new CreateSecretCommand({ Name: 'half', SecretString: JSON.stringify({ signingSeed }) }))
  const half = await start({ ...environment, TRIAS_SECRET_ID: 'half' }, wakeQueueUrl)
  expect((await fetch(`${half.host.url}/v1/health`)).status).toBe(502)
  const logged = [...lines, ...half.lines].join('')
  expect(logged).toContain('does not hold its two seeds')
  expect(logged).not.toContain(signingSeed)
  expect(logged).not.toContain(sealingSeed)
})

test('handlers: a wake whose work fails comes again, and ends in the dead-letter queue', async () => {
  const { environment, wakeQueueUrl, deadLetterQueueUrl } = await provisionAws({
    ...{ dynamoDb, sqs, secrets, party: 2, lanes: 2, wakeVisibilityS: WORKER_S, keys: keys() },
  })
  const { host, lines } = await start(environment, wakeQueueUrl)
  const wake = { Records: [{ messageId: 'a', body: 'poison' }] }
  expect(await host.invoke('worker', wake)).toEqual({ batchItemFailures: [] })
  await dynamoDbClient({ region: REGION, endpoint: dynamoDb.endpoint }).send(
    new DeleteTableCommand({ TableName: environment.TRIAS_DURABLE_TABLE }),
  )
  expect(await host.invoke('worker', wake)).toEqual({ batchItemFailures: [{ itemIdentifier: 'a' }] })
  const client = sqsClient({ region: REGION, endpoint: sqs.endpoint })
  await client.send(new SendMessageCommand({ QueueUrl: wakeQueueUrl, MessageBody: 'poison' }))
  const dead = await waitFor('the dead letter', async () => {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: deadLetterQueueUrl }))
    return Messages[0]?.Body
  })
  expect(dead).toBe('poison')
  const failures = lines.filter(line => line.includes('"event":"batch-items-failed"'))
  expect(failures).toHaveLength(5)
})
