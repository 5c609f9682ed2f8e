/** Where a party on AWS is: what DynamoDB, the addresses of queues and the ARN of the secret say, and what is no answer. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dynamoDbClient } from '../../../functions/aws/client.ts'
import { awsPlace } from '../../../functions/aws/place.ts'
import { listen } from '../../../functions/local/host/listen.ts'
import { readBody } from '../../../functions/local/host/read-body.ts'
import { Unavailable } from '../../../shared/base/errors.ts'
import { type AwsCloud, REGION, startAwsCloud } from '../../support/aws-cloud.ts'

/** As the service answers; dynoxide has no replicas. */
const answers: Record<string, object | null> = {
  durable: { TableArn: 'arn:aws-eusc:dynamodb:eusc-de-east-1:1:table/durable' },
  replicated: {
    TableArn: `arn:aws:dynamodb:${REGION}:1:table/replicated`,
    Replicas: [{ RegionName: 'us-east-1' }],
    GlobalTableWitnesses: [{ RegionName: 'eu-west-3' }],
  },
  nowhere: { TableArn: 'arn:aws:dynamodb:dynoxide:1:table/nowhere' },
  down: null,
}
let cloud: AwsCloud
let service: Awaited<ReturnType<typeof listen>>
beforeAll(async () => {
  cloud = await startAwsCloud({ tables: 1, queues: 0 })
  service = await listen(0, async (request, response) => {
    const { TableName } = JSON.parse((await readBody(request, 1e6))?.toString() ?? '{}')
    const answer = answers[TableName]
    response.writeHead(answer === null ? 503 : 200, { 'content-type': 'application/x-amz-json-1.0' })
    response.end(JSON.stringify({ Table: answer }))
  })
})
afterAll(async () => {
  await service.close()
  await cloud.close()
})

const SECRET = `arn:aws:secretsmanager:${REGION}:1:secret:keys-a`
const locate = (tables: { durable: string; volatile: string }, rest: object = {}) =>
  awsPlace({
    region: REGION,
    dynamoDb: dynamoDbClient({ region: REGION, endpoint: `http://127.0.0.1:${service.port}` }),
    dynamoDbEndpoint: undefined,
    tables,
    queueUrls: [`https://sqs.${REGION}.amazonaws.com/1/lane-0`, `https://sqs.${REGION}.amazonaws.com/1/wake`],
    secretArn: SECRET,
    ...rest,
  }).locate()

test('each table with its replicas, the queues once, and the secret', async () => {
  expect(await locate({ durable: 'durable', volatile: 'replicated' })).toEqual([
    { what: 'functions', region: REGION },
    { what: 'durable table', region: 'eusc-de-east-1' },
    { what: 'volatile table', region: REGION },
    { what: 'replica of the volatile table', region: 'us-east-1' },
    { what: 'replica of the volatile table', region: 'eu-west-3' },
    { what: 'queues', region: REGION },
    { what: 'secret', region: REGION },
  ])
})

test.each([
  [`https://sqs.eu-west-2.amazonaws.com/1/q`, 'eu-west-2'],
  [`https://vpce-0a1b-xyz.sqs.eu-west-3.vpce.amazonaws.com/1/q`, 'eu-west-3'],
  [`https://eu-west-1.queue.amazonaws.com/1/q`, 'eu-west-1'],
  [`https://queues.example/1/q`, 'an unknown place'],
  [`https://sqs.amazonaws.com/1/q`, 'an unknown place'],
])('a queue at %s is in %s', async (url, region) => {
  const found = await locate({ durable: 'durable', volatile: 'durable' }, { queueUrls: [url] })
  expect(found.filter(({ what }) => what === 'queues')).toEqual([{ what: 'queues', region }])
})

test('a service that names no region is at an unknown place, unless it is an emulator on this machine', async () => {
  const tables = { durable: 'nowhere', volatile: 'nowhere' }
  const places = async (dynamoDbEndpoint: string | undefined) =>
    (
      await locate(tables, { dynamoDbEndpoint, queueUrls: ['http://127.0.0.1:1/q'], secretArn: 'keys' })
    ).slice(1)
  const unknown = (what: string) => ({ what, region: 'an unknown place' })
  expect(await places('http://localhost:8000')).toEqual([unknown('secret')])
  for (const endpoint of [undefined, 'http://tables.example', 'http://127.0.0.1.example'])
    expect(await places(endpoint)).toEqual([
      unknown('durable table'),
      unknown('volatile table'),
      unknown('secret'),
    ])
})

test('the emulator of the tests and the demo is on this machine, so it is left out', async () => {
  const name = cloud.table()
  const place = awsPlace({
    region: REGION,
    dynamoDb: cloud.dynamoDb,
    dynamoDbEndpoint: 'http://127.0.0.1:1',
    tables: { durable: name, volatile: name },
    queueUrls: [],
    secretArn: undefined,
  })
  expect(await place.locate()).toEqual([{ what: 'functions', region: REGION }])
})

test('no answer is no place: the party waits, and asks again', async () => {
  await expect(locate({ durable: 'durable', volatile: 'down' })).rejects.toThrow(Unavailable)
})
