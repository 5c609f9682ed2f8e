/** The configuration file: where records are kept, and what an operator is told when it does not say so well. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { passwordFor, readConfig, trustFor } from '../../../functions/onprem/config.ts'

const directory = mkdtempSync(join(tmpdir(), 'trias-config-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const basis = { party: 0, region: 'lyon', listen: { host: '127.0.0.1', port: 0 }, keyFile: 'key.json' }
const read = (content: object) => {
  const path = join(directory, 'party.json')
  writeFileSync(path, JSON.stringify({ ...basis, ...content }))
  return readConfig(path)
}
const postgres = (content: object = {}) => ({
  database: { kind: 'postgres', url: 'postgresql://trias@db.example/trias', ...content },
})
const databaseOf = (content: object) => {
  const { database } = read(postgres(content))
  if (database.kind !== 'postgres') throw new Error('another kind')
  return database
}

test('a data directory is short for SQLite, and paths are relative to the file', () => {
  const sqlite = { kind: 'sqlite', dataDir: join(directory, 'data') }
  expect(read({ dataDir: 'data' }).database).toEqual(sqlite)
  expect(read({ database: { kind: 'sqlite', dataDir: 'data' } }).database).toEqual(sqlite)
  expect(read({ dataDir: 'data' }).keyFile).toBe(join(directory, 'key.json'))
  expect(read({ dataDir: 'data' }).admin).toBeUndefined()
  expect(read({ dataDir: 'data', admin: { port: 9000 } }).admin).toEqual({ host: '127.0.0.1', port: 9000 })
  expect(() => read({})).toThrow(/exactly one of `database` and `dataDir`/)
  expect(() => read({ dataDir: 'data', ...postgres() })).toThrow(/exactly one/)
})

test('the URL of a database has no password and no parameters, and the message does not repeat it', () => {
  for (const url of ['postgresql://trias:canary@db/trias', 'postgresql://trias@db/trias?password=canary']) {
    const failed = () => read(postgres({ url }))
    expect(failed).toThrow(/has a password in it/)
    expect(failed).not.toThrow(/canary/)
  }
  expect(() => read(postgres({ url: 'postgresql://trias@db/trias?sslmode=disable' }))).toThrow(/parameters/)
  expect(() => read(postgres({ url: 'mysql://trias@db/trias' }))).toThrow(/postgresql:/)
  expect(() => read(postgres({ schema: 'x"; DROP' }))).toThrow(/lower-case/)
})

test('a password comes from a file that only its owner reads, else from the environment', () => {
  const passwordFile = join(directory, 'password')
  writeFileSync(passwordFile, 'secret\n', { mode: 0o600 })
  const config = databaseOf({ passwordFile: 'password' })
  expect(config.passwordFile).toBe(passwordFile)
  expect(passwordFor(config, { TRIAS_DATABASE_PASSWORD: 'other' })).toBe('secret')
  chmodSync(passwordFile, 0o644)
  expect(() => passwordFor(config, {})).toThrow(/may be read by others/)
  rmSync(passwordFile)
  expect(() => passwordFor(config, {})).toThrow(/cannot read/)
  expect(passwordFor(databaseOf({}), { TRIAS_DATABASE_PASSWORD: 'other' })).toBe('other')
  expect(passwordFor(databaseOf({}), {})).toBeUndefined()
})

test('a server on another machine has to prove who it is, unless the configuration says otherwise', () => {
  const at = (host: string, content: object = {}) =>
    trustFor(databaseOf({ url: `postgresql://trias@${host}/trias`, ...content }))
  expect(at('db.example')).toEqual({})
  expect(at('localhost.example')).toEqual({})
  for (const host of ['127.0.0.1:5433', 'localhost', '[::1]', '%2Frun%2Fpostgresql'])
    expect(at(host), host).toBe(false)
  expect(at('db.example', { ssl: 'off' })).toBe(false)
  expect(at('127.0.0.1', { ssl: 'verify' })).toEqual({})
  writeFileSync(join(directory, 'ca.pem'), 'authority')
  expect(at('db.example', { caFile: 'ca.pem' })).toEqual({ ca: 'authority' })
})
