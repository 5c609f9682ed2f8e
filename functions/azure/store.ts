/**
 * Store over one table of Table Storage, by conditional writes of single entities.
 *
 *   PartitionKey   the key up to its first `/`
 *   RowKey         the rest, with `|` for `/`, which a row key may not hold
 *   d0 … d5        the value in properties of 64 KiB, the largest that a property may be
 *   n              random with every write, so that a write knows its own result again when its answer was lost
 *
 * The version of a record is its ETag.
 */
import { randomUUID } from 'node:crypto'
import { odata, type TableClient, type TableEntityResult } from '@azure/data-tables'
import { concatBytes } from '../../shared/base/bytes.ts'
import {
  checkPrefix,
  checkRecord,
  type RecordVersion,
  type Store,
  type StoredRecord,
} from '../../shared/port/store.ts'
import { orUnavailable, statusOf } from './outage.ts'

const PROPERTY_BYTES = 64 * 1024

interface Entity extends Record<string, unknown> {
  readonly partitionKey: string
  readonly rowKey: string
  readonly n: string
}

const entityKey = (key: string): { readonly partitionKey: string; readonly rowKey: string } => {
  const at = key.indexOf('/')
  return { partitionKey: key.slice(0, at), rowKey: key.slice(at + 1).replaceAll('/', '|') }
}

const entityOf = (key: string, value: Uint8Array): Entity => {
  const count = Math.ceil(value.length / PROPERTY_BYTES)
  const properties = Array.from({ length: count }, (_, i): [string, Uint8Array] => [
    `d${i}`,
    value.slice(i * PROPERTY_BYTES, (i + 1) * PROPERTY_BYTES),
  ])
  return { ...entityKey(key), n: randomUUID(), ...Object.fromEntries(properties) }
}

const recordOf = (entity: TableEntityResult<Record<string, unknown>>): StoredRecord => {
  const parts: Uint8Array[] = []
  for (let part = entity.d0; part instanceof Uint8Array; part = entity[`d${parts.length}`])
    parts.push(new Uint8Array(part))
  return { value: concatBytes(parts), version: entity.etag }
}

export const tableStore = (client: TableClient): Store => {
  const ask = <T>(call: () => Promise<T>): Promise<T> => orUnavailable('Table Storage', call)

  const read = async (key: string): Promise<TableEntityResult<Record<string, unknown>> | null> => {
    const { partitionKey, rowKey } = entityKey(key)
    try {
      return await ask(() => client.getEntity(partitionKey, rowKey))
    } catch (error) {
      if (statusOf(error) === 404) return null
      throw error
    }
  }

  return Object.freeze({
    get: async (key: string) => {
      checkRecord(key)
      const entity = await read(key)
      return entity === null ? null : recordOf(entity)
    },
    putIfAbsent: async (key: string, value: Uint8Array) => {
      checkRecord(key, value)
      const entity = entityOf(key, value)
      for (;;)
        try {
          await ask(() => client.createEntity(entity))
          return null
        } catch (error) {
          if (statusOf(error) !== 409) throw error
          const there = await read(key)
          // Our own first try, whose answer was lost.
          if (there?.n === entity.n) return null
          // Deleted meanwhile: try again.
          if (there !== null) return recordOf(there)
        }
    },
    compareAndSet: async (key: string, version: RecordVersion, value: Uint8Array) => {
      checkRecord(key, value)
      const entity = entityOf(key, value)
      try {
        const { etag } = await ask(() => client.updateEntity(entity, 'Replace', { etag: version }))
        return etag as RecordVersion
      } catch (error) {
        const status = statusOf(error)
        if (status !== 412 && status !== 404) throw error
        const there = await read(key)
        return there?.n === entity.n ? there.etag : null
      }
    },
    list: async (prefix: string) => {
      checkPrefix(prefix)
      const { partitionKey, rowKey } = entityKey(prefix)
      // Row keys are ASCII below `~`, so everything that starts with the prefix sorts below prefix + `~`.
      const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${rowKey} and RowKey lt ${`${rowKey}~`}`
      const pages = client.listEntities<Record<string, unknown>>({
        queryOptions: { filter, select: ['RowKey'] },
      })
      return ask(async () => {
        const keys: string[] = []
        for await (const entity of pages)
          keys.push(`${partitionKey}/${(entity.rowKey as string).replaceAll('|', '/')}`)
        return keys.sort()
      })
    },
    delete: async (key: string) => {
      checkRecord(key)
      const { partitionKey, rowKey } = entityKey(key)
      try {
        await ask(() => client.deleteEntity(partitionKey, rowKey))
      } catch (error) {
        if (statusOf(error) !== 404) throw error
      }
    },
  })
}
