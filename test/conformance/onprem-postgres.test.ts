import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openPostgres, type PostgresDatabase } from '../../functions/onprem/postgres/database.ts'
import { postgresMailbox } from '../../functions/onprem/postgres/mailbox.ts'
import { postgresStore } from '../../functions/onprem/postgres/store.ts'
import { postgresWaker } from '../../functions/onprem/postgres/waker.ts'
import { createKeyring } from '../../functions/party/keyring.ts'
import { utf8 } from '../../shared/base/bytes.ts'
import { InputError } from '../../shared/base/errors.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { keyringConformance } from './keyring.ts'
import { mailboxConformance } from './mailbox.ts'
import { storeConformance } from './store.ts'
import { wakerConformance } from './waker.ts'

const log = { write: () => {} }
let server: TestPostgres
let database: PostgresDatabase
const serving: { stop(): void; stopped(): Promise<void> }[] = []

const open = (schema: string, party = 0): Promise<PostgresDatabase> =>
  openPostgres({ party, url: server.url, password: server.password, schema, ssl: false, log })

beforeAll(async () => {
  server = await startPostgres()
  database = await open('trias')
})
beforeEach(async () => {
  await server.query('TRUNCATE trias.durable, trias.volatile, trias.frame, trias.wake')
})
afterEach(async () => {
  for (const one of serving) one.stop()
  for (const one of serving.splice(0)) await one.stopped()
})
afterAll(async () => {
  await database?.close()
  await server?.stop()
})

storeConformance('postgres durable store', () => postgresStore(database, 'durable'))
storeConformance('postgres volatile store', () => postgresStore(database, 'volatile'))
mailboxConformance('postgres mailbox', () => postgresMailbox(database))
keyringConformance('keyring over postgres', () => {
  const random = (length: number) => new Uint8Array(randomBytes(length))
  const secrets = { signingSeed: random(32), sealingSeed: random(32) }
  return () => createKeyring(secrets, postgresStore(database, 'volatile'), random)
})
wakerConformance('postgres waker', () => {
  const waker = postgresWaker(database, { log })
  const seen: string[] = []
  let hear = (): void => {}
  serving.push(
    waker.serve(async subject => {
      seen.push(subject)
      hear()
    }),
  )
  const subjects = async (): Promise<string[]> => {
    if (seen.length === 0)
      await new Promise<void>(resolve => {
        hear = resolve
      })
    return seen.splice(0)
  }
  return { waker, subjects }
})

test('postgres: replicas that start at once make the tables once, and find them again', async () => {
  const replicas = await Promise.all([1, 2, 3, 4].map(() => open('together')))
  await postgresStore(replicas[0]!, 'durable').putIfAbsent('a/1', new Uint8Array([7]))
  expect((await postgresStore(replicas[3]!, 'durable').get('a/1'))?.value).toEqual(new Uint8Array([7]))
  for (const replica of replicas) await replica.close()
})

test('postgres: a schema belongs to one party and to no newer program', async () => {
  await (await open('owned')).close()
  await expect(open('owned', 2)).rejects.toThrow(/of party 0, not 2/)
  await server.query('UPDATE owned.party SET migrations = 99')
  await expect(open('owned')).rejects.toThrow(/newer version/)
})

test('postgres: a server that acknowledges before it has written is refused', async () => {
  await server.query('ALTER ROLE trias SET synchronous_commit = off')
  try {
    await expect(open('hasty')).rejects.toThrow(InputError)
  } finally {
    await server.query('ALTER ROLE trias RESET synchronous_commit')
  }
})

test('postgres: a wrong password and a missing database are named, and the password is not', async () => {
  const options = { party: 0, schema: 'trias', ssl: false, log } as const
  const wrong = await openPostgres({ ...options, url: server.url, password: 'canary-wrong' }).catch(
    error => error,
  )
  expect(wrong).toBeInstanceOf(InputError)
  expect(`${wrong} ${wrong.where} ${wrong.hint}`).toMatch(/refuses the user or its password/)
  expect(`${wrong} ${wrong.where} ${wrong.hint}`).not.toMatch(/canary/)
  const none = openPostgres({ ...options, url: server.url, password: undefined })
  await expect(none).rejects.toThrow(/cannot use the database: SASL/)
  const url = server.url.replace(/postgres$/, 'absent')
  await expect(openPostgres({ ...options, url, password: server.password })).rejects.toThrow(
    /no such database/,
  )
})

test('postgres: a server that takes few connections slows a party down, and fails nothing', async () => {
  await server.query(`
    CREATE ROLE few LOGIN CONNECTION LIMIT 3 PASSWORD '${server.password}';
    CREATE SCHEMA few AUTHORIZATION few`)
  const url = server.url.replace('trias@', 'few@')
  const few = await openPostgres({ party: 0, url, password: server.password, schema: 'few', ssl: false, log })
  const store = postgresStore(few, 'durable')
  const keys = Array.from({ length: 200 }, (_, i) => `a/${i}`)
  expect(await Promise.all(keys.map(key => store.putIfAbsent(key, utf8(key))))).toEqual(keys.map(() => null))
  expect(await store.list('a/')).toEqual(keys.toSorted())
  await few.close()
})

test('postgres: where the server has to prove who it is, nothing is sent to one that cannot', async () => {
  const { url, password } = server
  await expect(openPostgres({ party: 0, url, password, schema: 'trias', ssl: {}, log })).rejects.toThrow(
    /cannot use the database: The server does not support SSL/,
  )
})
