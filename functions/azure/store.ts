/**
 * Store over one table of Table Storage, by conditional writes of single entities.
 *
 *   PartitionKey  the key up to its first `/`
 *   RowKey        the rest, see `rowKeyOf`
 *   v             random with every write, so that a write knows its own result again: the SDK repeats a write whose
 *                 answer was lost, and the repeat must not take what the first try has written for somebody else's
 *   d0 … d5       value, in pieces of what one property may hold
 *
 * A version is v and the ETag. The ETag is what the service compares; it is a moment, so v makes sure that no two
 * versions are equal.
 */
import { randomUUID } from 'node:crypto'
import type { TableClient, TableEntityResult } from '@azure/data-tables'
import { concatBytes } from '../../shared/base/bytes.ts'
import {
  checkPrefix,
  checkRecord,
  type RecordVersion,
  type Store,
  type StoredRecord,
} from '../../shared/port/store.ts'
import { codeOf, orUnavailable, statusOf } from './outage.ts'

type Entity = Record<string, unknown>

const PIECE_BYTES = 64 * 1024
/** Behind every character that a RowKey of ours may have. */
const AFTER_ALL = '~'

const isAbsent = (error: unknown): boolean => statusOf(error) === 404 && codeOf(error) !== 'TableNotFound'

/** A RowKey may have no `/`. These three move one place down, which keeps every key apart and in its order. */
const rowKeyOf = (rest: string): string =>
  rest.replace(/[-./]/g, one => String.fromCharCode(one.charCodeAt(0) - 1))
const restOf = (rowKey: string): string =>
  rowKey.replace(/[,.-]/g, one => String.fromCharCode(one.charCodeAt(0) + 1))

const placeOf = (key: string): { readonly partitionKey: string; readonly rowKey: string } => {
  const at = key.indexOf('/')
  return { partitionKey: key.slice(0, at), rowKey: rowKeyOf(key.slice(at + 1)) }
}

const pieceNames = (bytes: number): string[] =>
  Array.from({ length: Math.ceil(bytes / PIECE_BYTES) }, (_, piece) => `d${piece}`)

/** Copies, because the SDK sends the whole buffer that a view looks at. */
const propertiesOf = (value: Uint8Array): Entity =>
  Object.fromEntries(
    pieceNames(value.length).map((name, piece) => [
      name,
      value.slice(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES),
    ]),
  )

const versionOf = (v: unknown, etag: string | undefined): RecordVersion => `${v}.${etag}`

const recordOf = (entity: TableEntityResult<Entity>): StoredRecord => {
  const pieces: Uint8Array[] = []
  for (let piece = entity.d0; piece instanceof Uint8Array; piece = entity[`d${pieces.length}`])
    pieces.push(piece)
  return { value: concatBytes(pieces), version: versionOf(entity.v, entity.etag) }
}

export const tableStore = (table: TableClient): Store => {
  const ask = <T>(call: () => Promise<T>): Promise<T> => orUnavailable('Table Storage', call)

  const read = async (key: string, properties?: string[]): Promise<TableEntityResult<Entity> | null> => {
    const { partitionKey, rowKey } = placeOf(key)
    const options = properties === undefined ? {} : { queryOptions: { select: properties } }
    try {
      return await ask(() => table.getEntity<Entity>(partitionKey, rowKey, options))
    } catch (error) {
      if (isAbsent(error)) return null
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
      const v = randomUUID()
      const entity = { ...placeOf(key), v, ...propertiesOf(value) }
      for (;;) {
        try {
          await ask(() => table.createEntity(entity))
          return null
        } catch (error) {
          if (codeOf(error) !== 'EntityAlreadyExists') throw error
        }
        const there = await read(key)
        // Gone between the write and the look at what was in its way: the place is free.
        if (there !== null) return there.v === v ? null : recordOf(there)
      }
    },
    compareAndSet: async (key: string, version: RecordVersion, value: Uint8Array) => {
      checkRecord(key, value)
      const etag = version.slice(version.indexOf('.') + 1)
      // Without the condition that an ETag is, the write would be one without a condition.
      if (!etag.startsWith('W/"')) return null
      const v = randomUUID()
      const entity = { ...placeOf(key), v, ...propertiesOf(value) }
      try {
        const written = await ask(() => table.updateEntity(entity, 'Replace', { etag }))
        return versionOf(v, written.etag)
      } catch (error) {
        if (isAbsent(error)) return null
        if (statusOf(error) !== 412) throw error
      }
      const there = await read(key, ['v'])
      return there?.v === v ? versionOf(v, there.etag) : null
    },
    list: async (prefix: string) => {
      checkPrefix(prefix)
      const { partitionKey, rowKey } = placeOf(prefix)
      const range = rowKey === '' ? '' : ` and RowKey ge '${rowKey}' and RowKey lt '${rowKey}${AFTER_ALL}'`
      const queryOptions = { filter: `PartitionKey eq '${partitionKey}'${range}`, select: ['RowKey'] }
      return ask(async () => {
        const keys: string[] = []
        for await (const { rowKey } of table.listEntities({ queryOptions }))
          keys.push(`${partitionKey}/${restOf(rowKey as string)}`)
        return keys.sort()
      })
    },
    delete: async (key: string) => {
      checkRecord(key)
      const { partitionKey, rowKey } = placeOf(key)
      try {
        await ask(() => table.deleteEntity(partitionKey, rowKey))
      } catch (error) {
        if (!isAbsent(error)) throw error
      }
    },
  })
}
