/** The adapters of Azure when the services are in trouble: short trouble is not seen, long trouble is Unavailable, nothing is done twice. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { queueService, secretClient, tableClient } from '../../../functions/azure/client.ts'
import { secretsFromVault } from '../../../functions/azure/keyring.ts'
import { storageLanes } from '../../../functions/azure/mailbox.ts'
import { orUnavailable } from '../../../functions/azure/outage.ts'
import { tableStore } from '../../../functions/azure/store.ts'
import { laneMailbox } from '../../../functions/party/lane-mailbox.ts'
import { utf8 } from '../../../shared/base/bytes.ts'
import { Unavailable } from '../../../shared/base/errors.ts'
import type { Store } from '../../../shared/port/store.ts'
import { type AzureCloud, startAzureCloud } from '../../support/azure-cloud.ts'
import { type Fate, type FlakyProxy, startFlakyProxy } from '../../support/flaky-proxy.ts'

const troubles: readonly (readonly [string, Fate])[] = [
  ['a busy server', { status: 503, body: '<Error><Code>ServerBusy</Code></Error>' }],
  ['status 500', { status: 500, body: '' }],
  ['broken connections', 'reset'],
]

let cloud: AzureCloud
let tables: FlakyProxy
let queues: FlakyProxy
const originOf = (service: string): string =>
  new URL(new RegExp(`${service}Endpoint=([^;]*)`).exec(cloud.connectionString)?.[1] ?? '').origin
beforeAll(async () => {
  cloud = await startAzureCloud({ tables: 60, queues: 30 })
  tables = await startFlakyProxy(originOf('Table'))
  queues = await startFlakyProxy(originOf('Queue'))
})
afterAll(async () => {
  await Promise.all([tables.close(), queues.close()])
  await cloud.close()
})

const through = () => ({
  TRIAS_STORAGE: cloud.connectionString
    .replace(originOf('Table'), tables.url)
    .replace(originOf('Queue'), queues.url),
  TRIAS_STORAGE__accountName: undefined,
})
const flakyStore = (): Store => tableStore(tableClient(through(), cloud.table().tableName))
const flakyLanes = () => {
  const service = queueService(through())
  return storageLanes({
    queues: cloud.queues(1).map(({ name }) => service.getQueueClient(name)),
    volatile: flakyStore(),
  })
}

test.each(troubles)('store: short trouble (%s) is not seen', async (_, fate) => {
  const store = flakyStore()
  tables.plan([fate, fate])
  expect(await store.putIfAbsent('a/1', utf8('one'))).toBeNull()
  tables.plan([fate, fate])
  const record = await store.get('a/1')
  tables.plan([fate, fate])
  expect(await store.compareAndSet('a/1', record!.version, utf8('two'))).not.toBeNull()
  tables.plan([fate, fate])
  expect(await store.list('a/')).toEqual(['a/1'])
  tables.plan([fate, fate])
  await store.delete('a/1')
  expect(await store.get('a/1')).toBeNull()
})

test.each(troubles)('store: trouble that stays (%s) is an outage for every operation', async (_, fate) => {
  const store = flakyStore()
  await store.putIfAbsent('a/1', utf8('one'))
  const { version } = (await store.get('a/1'))!
  tables.plan([], fate)
  await Promise.all([
    expect(store.get('a/1')).rejects.toThrow(Unavailable),
    expect(store.putIfAbsent('a/2', utf8('two'))).rejects.toThrow(Unavailable),
    expect(store.compareAndSet('a/1', version, utf8('two'))).rejects.toThrow(Unavailable),
    expect(store.list('a/')).rejects.toThrow(Unavailable),
    expect(store.delete('a/1')).rejects.toThrow(Unavailable),
  ])
  tables.plan([])
  expect(await store.get('a/1')).toEqual({ value: utf8('one'), version })
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
  tables.plan(['lose'])
  await store.delete('a/1')
  expect(await store.get('a/1')).toBeNull()
})

test('store: of many racers whose answers are lost exactly one wins', async () => {
  const store = flakyStore()
  tables.plan(Array.from({ length: 20 }, (_, i): Fate => (i % 2 === 0 ? 'lose' : 'pass')))
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => store.putIfAbsent('a/race', utf8(String(i)))),
  )
  expect(answers.filter(answer => answer === null)).toHaveLength(1)
  expect((await store.get('a/race'))!.value).toEqual(utf8(String(answers.indexOf(null))))
})

test('a server that takes the request and never answers is an outage', async () => {
  const silent = createServer(() => {})
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as AddressInfo
  const config = {
    TRIAS_STORAGE: cloud.connectionString.replace(originOf('Table'), `http://127.0.0.1:${port}`),
    TRIAS_STORAGE__accountName: undefined,
  }
  await expect(tableStore(tableClient(config, 'silent')).get('a/1')).rejects.toThrow(Unavailable)
  silent.closeAllConnections()
  silent.close()
})

test('throttling by status 429 is an outage at last, though the SDK of queues gives up at once', async () => {
  const fate: Fate = { status: 429, body: '' }
  tables.plan([], fate)
  queues.plan([], fate)
  const { signal } = new AbortController()
  await expect(flakyStore().get('a/1')).rejects.toThrow(Unavailable)
  await expect(flakyLanes().receive(0, 1000, 1000, signal)).rejects.toThrow(Unavailable)
  tables.plan([])
  queues.plan([])
})

test.each(troubles)('mailbox: short trouble (%s) loses and repeats nothing', async (_, fate) => {
  const mailbox = laneMailbox({ queue: flakyLanes(), lanes: 1, volatile: flakyStore() })
  queues.plan([fate, fate])
  await mailbox.deliver('run', { id: 'a', round: 0, body: utf8('A') })
  queues.plan(['lose'])
  await mailbox.deliver('run', { id: 'b', round: 0, body: utf8('B') })
  queues.plan([fate])
  tables.plan(['pass', fate])
  const large = new Uint8Array(200_000).fill(7)
  await mailbox.deliver('run', { id: 'large', round: 0, body: large })
  queues.plan([fate, fate])
  tables.plan([fate, fate])
  const inbox = mailbox.open('run')
  const mails = []
  while (mails.length < 3) mails.push(...(await inbox.receive(1000)))
  expect(mails.map(({ id }) => id).sort()).toEqual(['a', 'b', 'large'])
  expect(mails.find(({ id }) => id === 'large')!.body).toEqual(large)
  queues.plan([fate])
  tables.plan([fate])
  await mailbox.settle('run', 1)
  expect(await inbox.receive(50)).toEqual([])
  await inbox.close()
})

test.each(troubles)('mailbox: trouble that stays (%s) is an outage', async (_, fate) => {
  const [mailbox, another] = [flakyLanes(), flakyLanes()].map(queue =>
    laneMailbox({ queue, lanes: 1, volatile: flakyStore() }),
  )
  queues.plan([], fate)
  const inbox = another!.open('run')
  await Promise.all([
    expect(mailbox!.deliver('run', { id: 'a', round: 0, body: utf8('A') })).rejects.toThrow(Unavailable),
    expect(inbox.receive(60_000)).rejects.toThrow(Unavailable),
  ])
  queues.plan([])
  await inbox.close()
})

test('a vault that cannot be reached is an outage, a bug is none', async () => {
  // Outside the cloud there is no endpoint that gives the identity of an app.
  await expect(secretsFromVault(secretClient({}, 'https://127.0.0.1:9'), 'party')).rejects.toThrow(
    Unavailable,
  )
  const bug = () => Promise.reject(new TypeError('a bug'))
  await expect(orUnavailable('Table Storage', bug)).rejects.toThrow(TypeError)
})
