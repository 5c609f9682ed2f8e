/**
 * Store over PostgreSQL: one table of records, one statement a change. The version is made up by the writer, not counted
 * by the server: after a lost answer the statement is repeated, and a writer that finds its own version has written it.
 */
import { randomUUID } from 'node:crypto'
import {
  checkPrefix,
  checkRecord,
  type RecordVersion,
  type Store,
  type StoredRecord,
} from '../../../shared/port/store.ts'
import type { PostgresDatabase } from './database.ts'

export const postgresStore = (database: PostgresDatabase, name: 'durable' | 'volatile'): Store => {
  const table = database.table(name)

  const read = async (key: string): Promise<StoredRecord | null> => {
    const { rows } = await database.query(`SELECT version, value FROM ${table} WHERE key = $1`, [key])
    const [row] = rows
    return row === undefined ? null : { version: row.version as string, value: row.value as Uint8Array }
  }

  const putIfAbsent = async (key: string, value: Uint8Array): Promise<StoredRecord | null> => {
    const version = randomUUID()
    for (;;) {
      const { count } = await database.query(
        `INSERT INTO ${table} (key, version, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
        [key, version, value],
      )
      if (count === 1) return null
      const there = await read(key)
      if (there?.version === version) return null
      // Deleted between the two statements: the next try finds it absent.
      if (there !== null) return there
    }
  }

  const compareAndSet = async (
    key: string,
    version: RecordVersion,
    value: Uint8Array,
  ): Promise<RecordVersion | null> => {
    const next = randomUUID()
    const { count, attempt } = await database.query(
      `UPDATE ${table} SET version = $1, value = $2 WHERE key = $3 AND version = $4`,
      [next, value, key, version],
    )
    if (count === 1) return next
    return attempt > 0 && (await read(key))?.version === next ? next : null
  }

  return Object.freeze({
    get: async (key: string) => {
      checkRecord(key)
      return read(key)
    },
    putIfAbsent: async (key: string, value: Uint8Array) => {
      checkRecord(key, value)
      return putIfAbsent(key, value)
    },
    compareAndSet: async (key: string, version: RecordVersion, value: Uint8Array) => {
      checkRecord(key, value)
      return compareAndSet(key, version, value)
    },
    list: async (prefix: string) => {
      checkPrefix(prefix)
      // Keys are ASCII, so everything that starts with the prefix sorts below prefix + U+007F.
      const { rows } = await database.query(
        `SELECT key FROM ${table} WHERE key >= $1 AND key < $2 ORDER BY key`,
        [prefix, `${prefix}\u007f`],
      )
      return rows.map(row => row.key as string)
    },
    delete: async (key: string) => {
      checkRecord(key)
      await database.query(`DELETE FROM ${table} WHERE key = $1`, [key])
    },
  })
}
