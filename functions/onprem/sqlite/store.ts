/** Store over node:sqlite, one table of records in one file. */
import type { DatabaseSync } from 'node:sqlite'
import {
  checkPrefix,
  checkRecord,
  type RecordVersion,
  type Store,
  type StoredRecord,
} from '../../../shared/port/store.ts'
import { emptyLog } from './database.ts'

interface SqliteStoreOptions {
  /** Keys with this beginning name secrets: once deleted, they are not left in the write-ahead log either. */
  readonly secrets?: string
}

export const sqliteStore = (database: DatabaseSync, { secrets }: SqliteStoreOptions = {}): Store => {
  database.exec(
    'CREATE TABLE IF NOT EXISTS record (key TEXT PRIMARY KEY, version INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID, STRICT',
  )
  const select = database.prepare('SELECT value, version FROM record WHERE key = ?')
  // The version is unique over the life of the file, so that a record deleted and written again is another version.
  database.exec('CREATE TABLE IF NOT EXISTS write_count (count INTEGER NOT NULL) STRICT')
  database.exec('INSERT INTO write_count SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM write_count)')
  const countUp = database.prepare('UPDATE write_count SET count = count + 1 RETURNING count')
  const insert = database.prepare('INSERT INTO record (key, version, value) VALUES (?, ?, ?)')
  const update = database.prepare('UPDATE record SET version = ?, value = ? WHERE key = ? AND version = ?')
  const keys = database.prepare('SELECT key FROM record WHERE key >= ? AND key < ? ORDER BY key')
  const remove = database.prepare('DELETE FROM record WHERE key = ?')

  const read = (key: string): StoredRecord | null => {
    const row = select.get(key)
    return row === undefined ? null : { value: row.value as Uint8Array, version: String(row.version) }
  }
  const transaction = <T>(body: () => T): T => {
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = body()
      database.exec('COMMIT')
      return result
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  }
  return Object.freeze({
    get: async (key: string) => {
      checkRecord(key)
      return read(key)
    },
    putIfAbsent: async (key: string, value: Uint8Array) => {
      checkRecord(key, value)
      return transaction(() => {
        const there = read(key)
        if (there !== null) return there
        insert.run(key, Number(countUp.get()?.count), value)
        return null
      })
    },
    compareAndSet: async (key: string, version: RecordVersion, value: Uint8Array) => {
      checkRecord(key, value)
      return transaction(() => {
        const next = Number(countUp.get()?.count)
        return update.run(next, value, key, Number(version)).changes === 1 ? String(next) : null
      })
    },
    list: async (prefix: string) => {
      checkPrefix(prefix)
      // Keys are ASCII, so everything that starts with the prefix sorts below prefix + U+007F.
      return keys.all(prefix, `${prefix}\u007f`).map(row => row.key as string)
    },
    delete: async (key: string) => {
      checkRecord(key)
      const { changes } = remove.run(key)
      if (changes > 0 && secrets !== undefined && key.startsWith(secrets)) emptyLog(database)
    },
  })
}
