/** Store in memory, for tests and for three parties in one process. Nothing survives the process. */
import {
  checkPrefix,
  checkRecord,
  type RecordVersion,
  type Store,
  type StoredRecord,
} from '../../shared/port/store.ts'

export const memoryStore = (): Store => {
  const records = new Map<string, StoredRecord>()
  let writes = 0
  const keep = (key: string, value: Uint8Array): StoredRecord => {
    const record = { value: value.slice(), version: String(++writes) }
    records.set(key, record)
    return record
  }
  const copy = (record: StoredRecord): StoredRecord => ({ ...record, value: record.value.slice() })
  return Object.freeze({
    get: async (key: string) => {
      checkRecord(key)
      const record = records.get(key)
      return record === undefined ? null : copy(record)
    },
    putIfAbsent: async (key: string, value: Uint8Array) => {
      checkRecord(key, value)
      const there = records.get(key)
      if (there !== undefined) return copy(there)
      keep(key, value)
      return null
    },
    compareAndSet: async (key: string, version: RecordVersion, value: Uint8Array) => {
      checkRecord(key, value)
      return records.get(key)?.version === version ? keep(key, value).version : null
    },
    list: async (prefix: string) => {
      checkPrefix(prefix)
      return [...records.keys()].filter(key => key.startsWith(prefix)).sort()
    },
    delete: async (key: string) => {
      checkRecord(key)
      records.delete(key)
    },
  })
}
