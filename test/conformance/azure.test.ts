/** The adapters of Azure over the emulator: the suite of each port, and what only these adapters can get wrong. */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tableClient } from '../../functions/azure/client.ts'
import { secretsFromFile } from '../../functions/azure/keyring.ts'
import { storageLanes } from '../../functions/azure/mailbox.ts'
import { tableStore } from '../../functions/azure/store.ts'
import { queueWaker } from '../../functions/azure/waker.ts'
import { jsonLog } from '../../functions/party/json-log.ts'
import { createKeyring } from '../../functions/party/keyring.ts'
import { laneMailbox } from '../../functions/party/lane-mailbox.ts'
import { equalBytes, toBase64url, utf8 } from '../../shared/base/bytes.ts'
import { InputError, Unavailable } from '../../shared/base/errors.ts'
import { RECORD_BYTES_MAX, type Store } from '../../shared/port/store.ts'
import { type AzureCloud, startAzureCloud } from '../support/azure-cloud.ts'
import { keyringConformance } from './keyring.ts'
import { logConformance } from './log.ts'
import { mailboxConformance } from './mailbox.ts'
import { storeConformance } from './store.ts'
import { wakerConformance } from './waker.ts'

let cloud: AzureCloud
const directory = mkdtempSync(join(tmpdir(), 'trias-azure-'))
beforeAll(async () => {
  cloud = await startAzureCloud({ tables: 60, queues: 60 })
}, 60_000)
afterAll(async () => {
  await cloud.close()
  rmSync(directory, { recursive: true, force: true })
})

const store = (): Store => tableStore(cloud.table())
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

storeConformance('table store', store)

mailboxConformance('storage queue mailbox', () => {
  const volatile = store()
  return laneMailbox({ queue: storageLanes({ queues: cloud.queues(2), volatile }), lanes: 2, volatile })
})

wakerConformance('storage queue waker', () => {
  const [queue] = cloud.queues(1)
  return {
    waker: queueWaker(queue!),
    subjects: async () => {
      for (;;) {
        const { receivedMessageItems: items } = await queue!.receiveMessages({ numberOfMessages: 32 })
        for (const { messageId, popReceipt } of items) await queue!.deleteMessage(messageId, popReceipt)
        if (items.length > 0)
          return items.map(({ messageText }) => Buffer.from(messageText, 'base64').toString())
      }
    },
  }
})

const writeSecrets = (content: string): string => {
  const path = join(directory, `${toBase64url(random(6))}.json`)
  writeFileSync(path, content, { mode: 0o600 })
  return path
}

keyringConformance('azure keyring', () => {
  const volatile = store()
  const path = writeSecrets(
    JSON.stringify({ signingSeed: toBase64url(random(32)), sealingSeed: toBase64url(random(32)) }),
  )
  return () => createKeyring(secretsFromFile(path), volatile, random)
})

logConformance('json log of azure', write => jsonLog(1, write))

test('a secrets file that others may read, or that holds something else, is refused without showing it', () => {
  const open = writeSecrets('{}')
  chmodSync(open, 0o644)
  expect(() => secretsFromFile(open)).toThrow(InputError)
  expect(() => secretsFromFile(join(directory, 'absent'))).toThrow(InputError)
  for (const content of ['canary', '{"signingSeed":"canary","sealingSeed":"canary"}'])
    expect(() => secretsFromFile(writeSecrets(content))).toThrow(
      expect.objectContaining({ name: 'InputError', message: expect.not.stringContaining('canary') }),
    )
})

test('table store: every length around a property and up to the largest record comes back', async () => {
  const records = store()
  for (const length of [0, 1, 65_535, 65_536, 65_537, 131_072, RECORD_BYTES_MAX]) {
    const value = random(length)
    await records.putIfAbsent(`a/${length}`, value)
    expect(equalBytes((await records.get(`a/${length}`))!.value, value)).toBe(true)
  }
})

test('table store: of many compare-and-sets of one version exactly one wins', async () => {
  const records = store()
  await records.putIfAbsent('a/1', utf8('one'))
  const { version } = (await records.get('a/1'))!
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => records.compareAndSet('a/1', version, utf8(String(i)))),
  )
  expect(answers.filter(answer => answer !== null)).toHaveLength(1)
})

test('table store: keys of all characters keep apart and in order, page by page', async () => {
  const records = store()
  const keys = ['-', '.', '/', '0', 'A', '_', 'a', '-/-', '-.', './', '/.', '_z', 'z/z', 'z'].flatMap(one => [
    `p.-_/x${one}`,
    `p.-_/x${one}y`,
  ])
  await Promise.all(keys.map(key => records.putIfAbsent(key, utf8(key))))
  for (const key of keys) expect((await records.get(key))!.value).toEqual(utf8(key))
  expect(await records.list('p.-_/')).toEqual([...keys].sort())
  expect(await records.list('p.-_/x-')).toEqual(keys.filter(key => key.startsWith('p.-_/x-')).sort())
  const many = Array.from({ length: 1100 }, (_, i) => `many/${String(i).padStart(4, '0')}`)
  for (let at = 0; at < many.length; at += 50)
    await Promise.all(many.slice(at, at + 50).map(key => records.putIfAbsent(key, utf8(key))))
  expect(await records.list('many/')).toEqual(many)
})

test('table store: a table that is not there is neither an outage nor an empty one', async () => {
  const config = { TRIAS_STORAGE: cloud.connectionString, TRIAS_STORAGE__accountName: undefined }
  const absent = tableStore(tableClient(config, 'absent'))
  const operations = [
    () => absent.get('a/1'),
    () => absent.putIfAbsent('a/1', utf8('one')),
    () => absent.compareAndSet('a/1', `v.W/"datetime'2026-01-01T00%3A00%3A00.0000000Z'"`, utf8('one')),
    () => absent.list('a/'),
  ]
  for (const operate of operations) {
    await expect(operate()).rejects.toThrow()
    await expect(operate()).rejects.not.toThrow(Unavailable)
  }
})

test('table store: an old or made-up version changes nothing, also after the record came again', async () => {
  const records = store()
  const versions = new Set<string>()
  for (let i = 0; i < 20; i++) {
    await records.putIfAbsent('a/1', utf8('same'))
    const { version } = (await records.get('a/1'))!
    for (const old of versions) expect(await records.compareAndSet('a/1', old, utf8('x'))).toBeNull()
    versions.add(version)
    await records.delete('a/1')
    expect(await records.compareAndSet('a/1', version, utf8('x'))).toBeNull()
  }
  expect(versions.size).toBe(20)
  await records.putIfAbsent('a/1', utf8('same'))
  for (const made of ['*', '', 'v', 'v.*', 'v."x"'])
    expect(await records.compareAndSet('a/1', made, utf8('x'))).toBeNull()
  expect((await records.get('a/1'))!.value).toEqual(utf8('same'))
})

test('storage lanes: bodies around what a message holds come back, and no message is refused', async () => {
  const [queues, volatile] = [cloud.queues(1), store()]
  const lanes = storageLanes({ queues, volatile })
  for (const length of [0, 1, 48 * 1024 - 2, 48 * 1024 - 1, 48 * 1024, 48 * 1024 + 1, RECORD_BYTES_MAX + 1]) {
    const body = random(length)
    await lanes.send(0, body)
    const [waiting] = (await queues[0]!.peekMessages()).peekedMessageItems
    expect(waiting!.expiresOn.getUTCFullYear()).toBe(9999)
    const [message, ...others] = await lanes.receive(0, 1000, 60_000, new AbortController().signal)
    expect(others).toEqual([])
    expect(equalBytes(message!.body, body)).toBe(true)
    await lanes.delete(0, [message!.receipt])
  }
  expect((await queues[0]!.getProperties()).approximateMessagesCount).toBe(0)
})

test('storage lanes: a released message is visible at once, and its old receipt deletes nothing', async () => {
  const lanes = storageLanes({ queues: cloud.queues(1), volatile: store() })
  const { signal } = new AbortController()
  await lanes.send(0, utf8('A'))
  const [first] = await lanes.receive(0, 1000, 60_000, signal)
  expect(await lanes.receive(0, 50, 60_000, signal)).toEqual([])
  await lanes.release(0, [first!.receipt])
  const [second] = await lanes.receive(0, 1000, 60_000, signal)
  expect(second!.body).toEqual(utf8('A'))
  await lanes.delete(0, [first!.receipt])
  await lanes.release(0, [second!.receipt])
  const [third] = await lanes.receive(0, 1000, 60_000, signal)
  await lanes.delete(0, [third!.receipt])
  await lanes.release(0, [third!.receipt])
  expect(await lanes.receive(0, 100, 60_000, signal)).toEqual([])
})

test('storage lanes: a large frame leaves no rows behind when it is settled, also when it was sent twice', async () => {
  const [table, queues] = [cloud.table(), cloud.queues(1)]
  const volatile = tableStore(table)
  const open = () => laneMailbox({ queue: storageLanes({ queues, volatile }), lanes: 1, volatile })
  const body = random(3 << 20)
  const rows = async (): Promise<number> => {
    let count = 0
    for await (const { partitionKey } of table.listEntities())
      if (String(partitionKey).startsWith('claim-')) count++
    return count
  }
  for (let i = 0; i < 2; i++) await open().deliver('run', { id: 'large', round: 3, body })
  expect(await rows()).toBeGreaterThan(10)
  const mailbox = open()
  const inbox = mailbox.open('run')
  const seen = []
  for (const untilMs = Date.now() + 2000; Date.now() < untilMs; ) seen.push(...(await inbox.receive(200)))
  expect(seen.map(({ id }) => id)).toEqual(['large'])
  expect(equalBytes(seen[0]!.body, body)).toBe(true)
  await mailbox.settle('run', 4)
  await inbox.close()
  expect(await rows()).toBe(0)
})

test('storage lanes: what a reader held comes back at once when it closes, and by itself when it dies', async () => {
  const [queues, volatile] = [cloud.queues(1), store()]
  const open = () =>
    laneMailbox({ queue: storageLanes({ queues, volatile }), lanes: 1, volatile, visibilityMs: 2000 })
  await open().deliver('run', { id: 'a', round: 0, body: utf8('A') })
  const dies = open().open('run')
  expect((await dies.receive(2000)).map(({ id }) => id)).toEqual(['a'])
  const next = open().open('run')
  expect(await next.receive(300)).toEqual([])
  let back: string[] = []
  for (const untilMs = Date.now() + 10_000; back.length === 0 && Date.now() < untilMs; )
    back = (await next.receive(500)).map(({ id }) => id)
  expect(back).toEqual(['a'])
  await next.close()
  const last = open().open('run')
  expect((await last.receive(1500)).map(({ id }) => id)).toEqual(['a'])
  await last.close()
  // Its receipts are too old by now, and that is no error.
  await dies.close()
})
