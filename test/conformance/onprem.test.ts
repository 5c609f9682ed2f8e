import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openDatabase, openDatabases } from '../../functions/onprem/sqlite/database.ts'
import { sqliteMailbox } from '../../functions/onprem/sqlite/mailbox.ts'
import { sqliteStore } from '../../functions/onprem/sqlite/store.ts'
import { jsonLog } from '../../functions/party/json-log.ts'
import { createKeyring } from '../../functions/party/keyring.ts'
import { fromUtf8, utf8 } from '../../shared/base/bytes.ts'
import { keyringConformance } from './keyring.ts'
import { logConformance } from './log.ts'
import { mailboxConformance } from './mailbox.ts'
import { storeConformance } from './store.ts'

const directory = mkdtempSync(join(tmpdir(), 'trias-conformance-'))
const opened: { close(): void }[] = []
let files = 0
const fresh = () => {
  const database = openDatabase(join(directory, `${files++}.db`))
  opened.push(database)
  return database
}
afterAll(() => {
  for (const database of opened) database.close()
  rmSync(directory, { recursive: true, force: true })
})

storeConformance('sqlite store', () => sqliteStore(fresh()))
mailboxConformance('sqlite mailbox', () => sqliteMailbox(fresh()))
logConformance('log of a party process', write => jsonLog(0, write))
keyringConformance('keyring over sqlite', () => {
  const random = (length: number) => new Uint8Array(randomBytes(length))
  const secrets = { signingSeed: random(32), sealingSeed: random(32) }
  const database = fresh()
  return () => createKeyring(secrets, sqliteStore(database, { secrets: 'run-key/' }), random)
})

test('sqlite: records and unsettled mail are there after the file is opened again', async () => {
  const path = join(directory, 'again.db')
  const before = openDatabase(path)
  await sqliteStore(before).putIfAbsent('a/1', utf8('one'))
  await sqliteMailbox(before).deliver('run', { id: 'a', round: 0, body: utf8('A') })
  before.close()
  const after = openDatabase(path)
  opened.push(after)
  expect(fromUtf8((await sqliteStore(after).get('a/1'))!.value)).toBe('one')
  const inbox = sqliteMailbox(after).open('run')
  expect((await inbox.receive(50)).map(mail => mail.id)).toEqual(['a'])
  await inbox.close()
})

test('sqlite: a deleted value is not left in the file', async () => {
  const path = join(directory, 'deleted.db')
  const database = openDatabase(path)
  const store = sqliteStore(database)
  const canary = 'canary-0123456789abcdef'
  await store.putIfAbsent('a/1', utf8(canary))
  await store.delete('a/1')
  database.close()
  expect(readFileSync(path).includes(canary)).toBe(false)
})

test('sqlite: a destroyed run key is neither in the file nor in its write-ahead log while the party runs', async () => {
  const dataDir = mkdtempSync(join(directory, 'keys-'))
  const databases = openDatabases(dataDir)
  const store = sqliteStore(databases.volatile, { secrets: 'run-key/' })
  const canary = 'canary-0123456789abcdef'
  const isSomewhere = () =>
    readdirSync(dataDir).some(file => readFileSync(join(dataDir, file)).includes(canary))
  await store.putIfAbsent('run-key/1', utf8(canary))
  expect(isSomewhere()).toBe(true)
  await store.delete('run-key/1')
  expect(isSomewhere()).toBe(false)

  // Deleted by a process that died before it emptied the log.
  const hasty = sqliteStore(databases.volatile)
  await hasty.putIfAbsent('run-key/2', utf8(canary))
  await hasty.delete('run-key/2')
  expect(isSomewhere()).toBe(true)
  const next = openDatabases(dataDir)
  expect(isSomewhere()).toBe(false)
  next.close()
  databases.close()
})
