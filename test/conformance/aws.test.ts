/** The adapters of AWS over emulators: the suite of each port, and what only these adapters can get wrong. */
import { randomBytes } from 'node:crypto'
import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { secretsClient } from '../../functions/aws/client.ts'
import { readPartySecrets } from '../../functions/aws/keyring.ts'
import { sqsLanes } from '../../functions/aws/mailbox.ts'
import { dynamoDbStore } from '../../functions/aws/store.ts'
import { sqsWaker } from '../../functions/aws/waker.ts'
import type { Emulator } from '../../functions/local/emulator/dynamodb.ts'
import { startSecrets } from '../../functions/local/emulator/secrets.ts'
import { jsonLog } from '../../functions/party/json-log.ts'
import { createKeyring } from '../../functions/party/keyring.ts'
import { laneMailbox } from '../../functions/party/lane-mailbox.ts'
import { toBase64url, utf8 } from '../../shared/base/bytes.ts'
import { Unavailable } from '../../shared/base/errors.ts'
import type { Inbox } from '../../shared/port/mailbox.ts'
import { RECORD_BYTES_MAX, type Store } from '../../shared/port/store.ts'
import { type AwsCloud, REGION, startAwsCloud } from '../support/aws-cloud.ts'
import { keyringConformance } from './keyring.ts'
import { logConformance } from './log.ts'
import { mailboxConformance } from './mailbox.ts'
import { storeConformance } from './store.ts'
import { wakerConformance } from './waker.ts'

let cloud: AwsCloud
let secrets: Emulator
beforeAll(async () => {
  cloud = await startAwsCloud({ tables: 30, queues: 30 })
  secrets = await startSecrets()
})
afterAll(async () => {
  await Promise.all([cloud.close(), secrets.close()])
})

const store = (): Store => dynamoDbStore({ client: cloud.dynamoDb, table: cloud.table() })
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

storeConformance('dynamodb store', store)

mailboxConformance('sqs mailbox', () =>
  laneMailbox({
    queue: sqsLanes({ client: cloud.sqs, queueUrls: cloud.queues(2) }),
    lanes: 2,
    volatile: store(),
  }),
)

wakerConformance('sqs waker', () => {
  const [queueUrl = ''] = cloud.queues(1)
  return {
    waker: sqsWaker({ client: cloud.sqs, queueUrl }),
    subjects: async () => {
      const { Messages = [] } = await cloud.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }),
      )
      for (const { ReceiptHandle } of Messages)
        await cloud.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }))
      return Messages.map(({ Body = '' }) => Body)
    },
  }
})

keyringConformance('aws keyring', () => {
  const client = secretsClient({ region: REGION, endpoint: secrets.endpoint })
  const Name = `party-${toBase64url(random(6))}`
  const created = client.send(
    new CreateSecretCommand({
      Name,
      SecretString: JSON.stringify({
        signingSeed: toBase64url(random(32)),
        sealingSeed: toBase64url(random(32)),
      }),
    }),
  )
  const volatile = store()
  return async () => {
    await created
    const { secrets: stored } = await readPartySecrets(client, Name)
    return createKeyring(stored, volatile, random)
  }
})

logConformance('json log', write => jsonLog(0, write))

test('dynamodb store: a list longer than a page of the database is complete', async () => {
  const records = store()
  const keys = Array.from({ length: 9 }, (_, i) => `a/${i}`)
  for (const key of keys) await records.putIfAbsent(key, new Uint8Array(RECORD_BYTES_MAX).fill(7))
  expect(await records.list('a/')).toEqual(keys)
})

test('dynamodb store: a record with a lifetime says when it may be forgotten, one without does not', async () => {
  const table = cloud.table()
  const expiryOf = async (key: string): Promise<number> => {
    const Key = { p: { S: 'a' }, s: { S: key } }
    const { Item } = await cloud.dynamoDb.send(new GetItemCommand({ TableName: table, Key }))
    return Number(Item?.t?.N)
  }
  const aboutS = Date.now() / 1000
  await dynamoDbStore({ client: cloud.dynamoDb, table, lifetimeS: 3600 }).putIfAbsent('a/1', utf8('one'))
  await dynamoDbStore({ client: cloud.dynamoDb, table }).putIfAbsent('a/2', utf8('two'))
  expect((await expiryOf('1')) - aboutS).toBeGreaterThanOrEqual(3600)
  expect((await expiryOf('1')) - aboutS).toBeLessThan(4600)
  expect(await expiryOf('2')).toBeNaN()
})

/** Several processes of one party: they share a table and the lanes, nothing else. */
const processes = (lanes: number, visibilityMs = 10_000) => {
  const [table, queueUrls] = [cloud.table(), cloud.queues(lanes)]
  return () =>
    laneMailbox({
      queue: sqsLanes({ client: cloud.sqs, queueUrls }),
      volatile: dynamoDbStore({ client: cloud.dynamoDb, table }),
      ...{ lanes, visibilityMs },
    })
}
const mail = (id: string) => ({ id, round: 0, body: utf8(id) })
const idsOf = async (inbox: Inbox, count: number): Promise<string[]> => {
  const ids = new Set<string>()
  for (const untilMs = Date.now() + 20_000; ids.size < count && Date.now() < untilMs; )
    for (const { id } of await inbox.receive(500)) ids.add(id)
  return [...ids].sort()
}

test('sqs lanes: fronts that claim at once agree, and no two runs share a lane', async () => {
  const open = processes(3)
  const runs = ['one', 'two', 'three']
  await Promise.all(
    runs.flatMap(run => Array.from({ length: 5 }, (_, i) => open().deliver(run, mail(`${run}-${i}`)))),
  )
  await expect(open().deliver('four', mail('four'))).rejects.toThrow(Unavailable)
  for (const run of runs) {
    const inbox = open().open(run)
    expect(await idsOf(inbox, 5)).toEqual(Array.from({ length: 5 }, (_, i) => `${run}-${i}`))
    await inbox.close()
  }
})

test('sqs lanes: messages of a reader that died come back after its time, those of one that closed at once', async () => {
  const open = processes(1, 2000)
  for (const id of ['a', 'b']) await open().deliver('run', mail(id))
  const dies = open().open('run')
  expect(await idsOf(dies, 2)).toEqual(['a', 'b'])
  const second = open().open('run')
  expect(await second.receive(200)).toEqual([])
  expect(await idsOf(second, 2)).toEqual(['a', 'b'])
  await second.close()
  const third = open().open('run')
  const beganMs = Date.now()
  expect(await idsOf(third, 2)).toEqual(['a', 'b'])
  expect(Date.now() - beganMs).toBeLessThan(1500)
  await third.close()
  await dies.close()
})

test('sqs lanes: what a run left behind is gone for the next one, and a reader that slept takes nothing', async () => {
  const open = processes(1)
  const front = open()
  for (const id of ['a', 'b']) await front.deliver('one', mail(id))
  const asleep = open().open('one')
  expect(await idsOf(asleep, 2)).toEqual(['a', 'b'])
  await open().settle('one')
  // This front has not heard of the end.
  await front.deliver('one', mail('late'))
  await open().deliver('two', mail('c'))
  await expect(idsOf(asleep, 1)).rejects.toThrow(Unavailable)
  await asleep.close()
  const next = open().open('two')
  expect(await idsOf(next, 1)).toEqual(['c'])
  expect(await next.receive(300)).toEqual([])
  await next.close()
})
