/** The adapters of AWS when the services are in trouble: short trouble is not seen, long trouble is Unavailable, nothing is done twice. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dynamoDbClient, sqsClient } from '../../../functions/aws/client.ts'
import { sqsLanes } from '../../../functions/aws/mailbox.ts'
import { dynamoDbStore } from '../../../functions/aws/store.ts'
import { sqsWaker } from '../../../functions/aws/waker.ts'
import { laneMailbox } from '../../../functions/party/lane-mailbox.ts'
import { utf8 } from '../../../shared/base/bytes.ts'
import { Unavailable } from '../../../shared/base/errors.ts'
import type { Store } from '../../../shared/port/store.ts'
import { type AwsCloud, REGION, startAwsCloud } from '../../support/aws-cloud.ts'
import { type Fate, type FlakyProxy, startFlakyProxy } from '../../support/flaky-proxy.ts'

const THROTTLED: Fate = {
  status: 400,
  body: JSON.stringify({
    __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    message: 'the level of configured provisioned throughput was exceeded',
  }),
}
const BROKEN: Fate = { status: 500, body: JSON.stringify({ __type: 'InternalServerError' }) }
const troubles: readonly (readonly [string, Fate])[] = [
  ['throttling', THROTTLED],
  ['status 500', BROKEN],
  ['broken connections', 'reset'],
]

let cloud: AwsCloud
let tables: FlakyProxy
let queues: FlakyProxy
beforeAll(async () => {
  cloud = await startAwsCloud({ tables: 20, queues: 20 })
  tables = await startFlakyProxy(cloud.endpoints.dynamoDb)
  queues = await startFlakyProxy(cloud.endpoints.sqs)
})
afterAll(async () => {
  await Promise.all([tables.close(), queues.close()])
  await cloud.close()
})

/** A client of its own each time: the SDK's budget of retries must not run out from one test to the next. */
const flakyStore = (table = cloud.table()): Store =>
  dynamoDbStore({ client: dynamoDbClient({ region: REGION, endpoint: tables.url }), table })

const flakyLanes = () => {
  // The address of a queue names the host that the SDK asks, so that it has to be the proxy's.
  const queueUrls = cloud.queues(1).map(url => `${queues.url}${new URL(url).pathname}`)
  return sqsLanes({ client: sqsClient({ region: REGION, endpoint: queues.url }), queueUrls })
}

test.each(troubles)('store: short trouble (%s) is not seen', async (_, fate) => {
  const store = flakyStore()
  tables.plan([fate])
  expect(await store.putIfAbsent('a/1', utf8('one'))).toBeNull()
  tables.plan([fate])
  const record = await store.get('a/1')
  tables.plan([fate])
  expect(await store.compareAndSet('a/1', record!.version, utf8('two'))).not.toBeNull()
  tables.plan([fate])
  expect(await store.list('a/')).toEqual(['a/1'])
  tables.plan([fate])
  await store.delete('a/1')
  expect(await store.get('a/1')).toBeNull()
})

test.each(troubles)('store: trouble that stays (%s) is an outage for every operation', async (_, fate) => {
  tables.plan([], fate)
  const operations: ((store: Store) => Promise<unknown>)[] = [
    store => store.get('a/1'),
    store => store.putIfAbsent('a/1', utf8('one')),
    store => store.compareAndSet('a/1', 'version', utf8('one')),
    store => store.list('a/'),
    store => store.delete('a/1'),
  ]
  const table = cloud.table()
  await Promise.all(
    operations.map(operate => expect(operate(flakyStore(table))).rejects.toThrow(Unavailable)),
  )
  tables.plan([])
  expect(await flakyStore(table).get('a/1')).toBeNull()
})

test('store: a write whose answer was lost is known again by its writer', async () => {
  const store = flakyStore()
  tables.plan(['lose', 'lose'])
  expect(await store.putIfAbsent('a/1', utf8('one'))).toBeNull()
  const first = await store.get('a/1')
  tables.plan(['lose', 'lose'])
  const second = await store.compareAndSet('a/1', first!.version, utf8('two'))
  expect(second).not.toBeNull()
  expect(await store.get('a/1')).toEqual({ value: utf8('two'), version: second })
  tables.plan(['lose'])
  expect(await store.compareAndSet('a/1', first!.version, utf8('three'))).toBeNull()
})

test('store: of many racers whose answers are lost exactly one wins', async () => {
  const store = flakyStore()
  tables.plan(Array.from({ length: 20 }, (_, i): Fate => (i % 2 === 0 ? 'lose' : 'pass')))
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => store.putIfAbsent('a/race', utf8(String(i)))),
  )
  expect(answers.filter(answer => answer === null)).toHaveLength(1)
  const won = answers.indexOf(null)
  expect((await store.get('a/race'))!.value).toEqual(utf8(String(won)))
})

test('store: a table that is not there is no outage', async () => {
  tables.plan([])
  const asked = flakyStore('absent').get('a/1')
  await expect(asked).rejects.toThrow('not found')
  await expect(asked).rejects.not.toThrow(Unavailable)
})

test.each(troubles)('mailbox: short trouble (%s) loses and repeats nothing', async (_, fate) => {
  const mailbox = laneMailbox({ queue: flakyLanes(), lanes: 1, volatile: flakyStore() })
  queues.plan([fate])
  await mailbox.deliver('run', { id: 'a', round: 0, body: utf8('A') })
  queues.plan(['lose'])
  await mailbox.deliver('run', { id: 'b', round: 0, body: utf8('B') })
  queues.plan([fate])
  const inbox = mailbox.open('run')
  const ids: string[] = []
  while (ids.length < 2) for (const { id } of await inbox.receive(1000)) ids.push(id)
  expect(ids.sort()).toEqual(['a', 'b'])
  queues.plan([fate])
  await mailbox.settle('run', 1)
  expect(await inbox.receive(50)).toEqual([])
  await inbox.close()
})

test.each(troubles)('mailbox and waker: trouble that stays (%s) is an outage', async (_, fate) => {
  const [mailbox, another] = [flakyLanes(), flakyLanes()].map(queue =>
    laneMailbox({ queue, lanes: 1, volatile: flakyStore() }),
  )
  const [queueUrl = ''] = cloud.queues(1).map(url => `${queues.url}${new URL(url).pathname}`)
  const waker = sqsWaker({ client: sqsClient({ region: REGION, endpoint: queues.url }), queueUrl })
  queues.plan([], fate)
  const inbox = another!.open('run')
  await Promise.all([
    expect(mailbox!.deliver('run', { id: 'a', round: 0, body: utf8('A') })).rejects.toThrow(Unavailable),
    expect(inbox.receive(60_000)).rejects.toThrow(Unavailable),
    expect(waker.wake('subject')).rejects.toThrow(Unavailable),
  ])
  queues.plan([])
  await inbox.close()
})
