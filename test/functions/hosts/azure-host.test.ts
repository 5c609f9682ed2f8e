/** The Azure host: the unmodified library on our core module; HTTP, queue and timer triggers; workers that die. */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { QueueServiceClient } from '@azure/storage-queue'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { azureHostSchema } from '../../../functions/local/azure-host/config.ts'
import { readHostJson } from '../../../functions/local/azure-host/host-json.ts'
import { compileRoute } from '../../../functions/local/azure-host/route.ts'
import { compileSchedule } from '../../../functions/local/azure-host/schedule.ts'
import { type AzureHost, startAzureHost } from '../../../functions/local/azure-host/start.ts'
import { type AzuriteEmulator, startAzurite } from '../../../functions/local/emulator/azurite.ts'
import { hostLog } from '../../../functions/local/host/log.ts'
import { waitFor } from '../../support/federation.ts'

const root = resolve(import.meta.dirname, '../../..')
const directory = mkdtempSync(join(tmpdir(), 'trias-azure-'))
let azurite: AzuriteEmulator
let storage: string
let queues: QueueServiceClient
const hosts: AzureHost[] = []
let lines: string[] = []

beforeAll(async () => {
  azurite = await startAzurite()
  storage = azurite.connectionString
  queues = QueueServiceClient.fromConnectionString(storage)
})
afterEach(async () => {
  await Promise.all(hosts.splice(0).map(host => host.close()))
  lines = []
})
afterAll(async () => {
  await azurite.close()
  rmSync(directory, { recursive: true, force: true })
})

let queueCount = 0
const start = async (settings: object = {}) => {
  const name = `orders-${queueCount++}`
  const queue = queues.getQueueClient(name)
  await queue.create()
  const host = await startAzureHost(
    azureHostSchema.parse({
      directory: join(import.meta.dirname, 'azure-app'),
      settings: { ORDERS: name, Storage: storage },
      ...settings,
    }),
    hostLog('azure-host', line => lines.push(line.trimEnd())),
  )
  hosts.push(host)
  const send = (order: object) => queue.sendMessage(Buffer.from(JSON.stringify(order)).toString('base64'))
  return { host, name, queue, send }
}
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

interface Consumed {
  readonly name: string
  readonly count: number
  readonly pid: number
  readonly id: string
}
const printed = (): Consumed[] =>
  lines.filter(line => line.startsWith('{"name"')).map(line => JSON.parse(line) as Consumed)
const consumed = (count: number): Promise<Consumed[]> =>
  waitFor(`${count} messages`, async () => {
    const found = printed()
    return found.length >= count ? found : undefined
  })
const isEmpty = async (queue: { getProperties(): Promise<{ approximateMessagesCount?: number }> }) =>
  waitFor('an empty queue', async () =>
    (await queue.getProperties()).approximateMessagesCount === 0 ? true : undefined,
  )

test('HTTP triggers carry binary bodies, and are found by method and route', async () => {
  const { host } = await start()
  for (const size of [1, 70_000, 8 * 1024 * 1024]) {
    const body = randomBytes(size)
    const answer = await fetch(`${host.url}/echo/frame/7?from=1&to=%C3%A4`, {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/octet-stream', 'X-Mixed-Case': 'Yes' },
    })
    expect(answer.status).toBe(201)
    expect(sha256(await answer.bytes())).toBe(sha256(body))
    expect(JSON.parse(answer.headers.get('x-seen') as string)).toEqual({
      method: 'PUT',
      url: `${host.url}/echo/frame/7?from=1&to=%C3%A4`,
      params: { kind: 'frame', piece: '7' },
      query: { from: '1', to: 'ä' },
      header: 'Yes',
      function: 'echo',
    })
  }
  const get = async (path: string, method = 'GET') => {
    const answer = await fetch(`${host.url}${path}`, { method })
    return [answer.status, await answer.text()]
  }
  expect(await get('/v1/log/3')).toEqual([200, '{"rest":"v1/log/3"}'])
  expect(await get('/echo/frame/x', 'POST')).toEqual([200, '{"rest":"echo/frame/x"}'])
  expect(await get('/v1/log', 'DELETE')).toEqual([404, ''])
  expect(await get('/nothing')).toEqual([204, ''])
  expect(await get('/fail')).toEqual([500, ''])
})

test('a worker has its app settings as environment, and nothing of ours', async () => {
  process.env.TRIAS_CANARY = 'of the host'
  const { host, name } = await start()
  delete process.env.TRIAS_CANARY
  const { environment, directory: at } = (await (await fetch(`${host.url}/process`)).json()) as {
    environment: Record<string, string>
    directory: string
  }
  expect(environment).toMatchObject({ ORDERS: name, FUNCTIONS_WORKER_RUNTIME: 'node' })
  for (const inherited of ['TRIAS_CANARY', 'PATH', 'HOME', 'VITEST'])
    expect(environment).not.toHaveProperty(inherited)
  expect(at).toBe(join(import.meta.dirname, 'azure-app'))
})

test('a queue trigger deletes what succeeded; what failed comes again, and is poison after five times', async () => {
  const { send, queue, name } = await start()
  await send({ name: 'good' })
  await send({ name: 'bad', failures: 1 })
  const poisoned = await send({ name: 'poison', failures: 100 })
  await queue.sendMessage('{"name":"not base64"}')
  const poison = queues.getQueueClient(`${name}-poison`)
  await waitFor('two poison messages', async () => {
    const { approximateMessagesCount = 0 } = await poison
      .getProperties()
      .catch(() => ({ approximateMessagesCount: 0 }))
    return approximateMessagesCount === 2 ? true : undefined
  })
  await isEmpty(queue)
  const counts = (of: string): number[] =>
    printed()
      .filter(one => one.name === of)
      .map(one => one.count)
  expect(counts('good')).toEqual([1])
  expect(counts('bad')).toEqual([1, 2])
  expect(counts('poison')).toEqual([1, 2, 3, 4, 5])
  expect(printed().find(one => one.name === 'poison')?.id).toBe(poisoned.messageId)
  const { receivedMessageItems } = await poison.receiveMessages({ numberOfMessages: 2 })
  expect(receivedMessageItems.map(({ messageText }) => messageText).sort()).toEqual([
    Buffer.from('{"name":"poison","failures":100}').toString('base64'),
    '{"name":"not base64"}',
  ])
}, 60_000)

test('a killed worker is replaced, its message comes back, and the front answers again', async () => {
  const { host, send, queue } = await start({ workers: 2 })
  const before = host.workers().map(({ pid }) => pid)
  await send({ name: 'wake', hangFirst: true })
  const [first] = await consumed(1)
  expect(before).toContain(first?.pid)
  const killed = host.kill()
  expect([...killed].sort()).toEqual(before.sort())
  const [, second] = await consumed(2)
  expect(second).toMatchObject({ name: 'wake', count: 2 })
  expect(killed).not.toContain(second?.pid)
  const { pid } = (await (await fetch(`${host.url}/process`)).json()) as { pid: number }
  expect(killed).not.toContain(pid)
  await isEmpty(queue)
})

test('the lease of a message is renewed while it is worked on, and runs out when the host dies', async () => {
  const alive = await start({ messageLeaseS: 2 })
  await alive.send({ name: 'slow', hangFirst: true })
  await consumed(1)
  // Longer than one lease, shorter than the time limit.
  await new Promise(done => setTimeout(done, 2500))
  expect((await alive.queue.receiveMessages()).receivedMessageItems).toEqual([])
  expect(printed()).toHaveLength(1)

  const orders = queues.getQueueClient('orders-of-the-dead')
  await orders.create()
  const config = join(directory, 'dying.json')
  writeFileSync(
    config,
    JSON.stringify({
      directory: join(import.meta.dirname, 'azure-app'),
      settings: { ORDERS: orders.name, Storage: storage },
      messageLeaseS: 2,
    }),
  )
  const dying = spawn(process.execPath, ['functions/local/azure-host/main.ts', config], { cwd: root })
  let seen = ''
  dying.stderr.on('data', data => {
    seen += data
  })
  await orders.sendMessage(Buffer.from('{"name":"orphan","hangFirst":true}').toString('base64'))
  await waitFor('the message at its handler', async () => (seen.includes('"orphan"') ? true : undefined))
  dying.kill('SIGKILL')
  expect((await orders.receiveMessages()).receivedMessageItems).toEqual([])
  const [again] = await waitFor('the message again', async () => {
    const { receivedMessageItems } = await orders.receiveMessages()
    return receivedMessageItems.length > 0 ? receivedMessageItems : undefined
  })
  expect(again?.dequeueCount).toBe(2)
})

test('a function beyond the time limit of host.json takes its worker down', async () => {
  const { host } = await start()
  const { pid } = (await (await fetch(`${host.url}/process`)).json()) as { pid: number }
  expect((await fetch(`${host.url}/spin`)).status).toBe(500)
  const next = (await (await fetch(`${host.url}/process`)).json()) as { pid: number }
  expect(next.pid).not.toBe(pid)
  expect(lines.some(line => line.includes('"event":"function-timed-out"'))).toBe(true)
})

test('a timer fires by its schedule, or by the seconds that the host is told', async () => {
  await start({ timersEveryS: 0.2 })
  await waitFor('two ticks', async () =>
    lines.filter(line => line.startsWith('{"tick":false')).length >= 2 ? true : undefined,
  )
  const every = compileSchedule('0 */1 * * * *')
  expect(every(new Date('2026-11-25T10:07:00Z'))).toBe(true)
  expect(every(new Date('2026-11-25T10:07:01Z'))).toBe(false)
  const night = compileSchedule('30 15,45 2-4 * * 1-5')
  expect(night(new Date('2026-11-25T03:45:30Z'))).toBe(true)
  expect(night(new Date('2026-11-28T03:45:30Z'))).toBe(false)
  for (const bad of ['* * * * *', '60 * * * * *', '0 */0 * * * *', '0 0 0 * JAN *'])
    expect(() => compileSchedule(bad), bad).toThrow()
})

test('routes', () => {
  expect(compileRoute('v1/chunks/{version}/{piece:int}').match('V1/Chunks/a%20b/12')).toEqual({
    version: 'a b',
    piece: '12',
  })
  expect(compileRoute('v1/chunks/{version}').match('v1/chunks')).toBeUndefined()
  expect(compileRoute('v1/{name?}').match('v1')).toEqual({ name: '' })
  expect(compileRoute('a.b').match('aXb')).toBeUndefined()
  expect(compileRoute('{*rest}').match('')).toEqual({ rest: '' })
  expect(() => compileRoute('{a}-{b}')).toThrow(/does not know/)
})

test('an app that does not load, and a host.json that the cloud would not take, say why', async () => {
  const host = join(directory, 'host.json')
  const log = hostLog('azure-host', () => {})
  const config = azureHostSchema.parse({ directory })
  await expect(startAzureHost(config, log)).rejects.toThrow(/no readable host.json/)
  writeFileSync(host, '{"version":"2.0","extensions":{"queues":{"maxPollingInterval":"00:00:00.010"}}}')
  await expect(startAzureHost(config, log)).rejects.toThrow(/maxPollingInterval/)
  writeFileSync(host, '{"version":"2.0"}')
  expect(readHostJson(directory)).toEqual({
    timeLimitMs: 300_000,
    routePrefix: 'api',
    queues: {
      pollMsMin: 100,
      pollMsMax: 60_000,
      retryS: 0,
      batchSize: 16,
      newBatchThreshold: 8,
      dequeueCountMax: 5,
      base64: true,
    },
  })
  writeFileSync(join(directory, 'package.json'), '{"main":"main.mjs"}')
  writeFileSync(join(directory, 'main.mjs'), 'throw new Error("no database is configured")')
  await expect(startAzureHost(config, log)).rejects.toThrow(/does not load.*no database is configured/)
})
