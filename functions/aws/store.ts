/**
 * Store over one DynamoDB table: single-item conditional writes, nothing else. Every partition of our keys is one of the
 * table, so that chunks spread over as many partitions as there are; all reads are strongly consistent.
 *
 *   p (partition key)   the key up to its first slash      v   the value
 *   s (sort key)        the rest                           n   the version: another random handle with every write
 *   t                   when the record may go, in seconds since 1970; only in a table with time to live
 */
import { randomUUID } from 'node:crypto'
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb'
import {
  checkPrefix,
  checkRecord,
  type RecordVersion,
  type Store,
  type StoredRecord,
} from '../../shared/port/store.ts'
import { asked } from './unavailable.ts'

export interface DynamoStoreOptions {
  readonly table: string
  /** How long after its last write a record is kept at least. Left out: for ever. */
  readonly keepS?: number
}

const split = (key: string): readonly [string, string] => {
  const at = key.indexOf('/')
  return [key.slice(0, at), key.slice(at + 1)]
}

const recordOf = (item: Record<string, AttributeValue> | undefined): StoredRecord | null => {
  if (item?.n?.S === undefined) return null
  return { value: item.v?.B ?? new Uint8Array(), version: item.n.S }
}

export const dynamoStore = (client: DynamoDBClient, { table, keepS }: DynamoStoreOptions): Store => {
  const keyOf = (key: string): Record<string, AttributeValue> => {
    const [p, s] = split(key)
    return { p: { S: p }, s: { S: s } }
  }
  const itemOf = (
    key: string,
    value: Uint8Array,
    version: RecordVersion,
  ): Record<string, AttributeValue> => ({
    ...keyOf(key),
    v: { B: value },
    n: { S: version },
    ...(keepS === undefined ? {} : { t: { N: String(Math.ceil(Date.now() / 1000) + keepS) } }),
  })
  const get = async (key: string): Promise<StoredRecord | null> => {
    checkRecord(key)
    const read = new GetItemCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true })
    return recordOf((await asked(() => client.send(read))).Item)
  }
  /** null: written. Otherwise the item that was in the way, as far as the answer names it. */
  const putIf = async (
    write: ConstructorParameters<typeof PutItemCommand>[0],
  ): Promise<Record<string, AttributeValue> | null> => {
    try {
      await asked(() =>
        client.send(new PutItemCommand({ ...write, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })),
      )
      return null
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return error.Item ?? {}
      throw error
    }
  }
  const putIfAbsent = async (key: string, value: Uint8Array): Promise<StoredRecord | null> => {
    checkRecord(key, value)
    for (;;) {
      const version = randomUUID()
      const before = await putIf({
        TableName: table,
        Item: itemOf(key, value, version),
        ConditionExpression: 'attribute_not_exists(p)',
      })
      if (before === null) return null
      const there = recordOf(before) ?? (await get(key))
      // The client sends again after an answer that got lost: what is in the way may be our own write.
      if (there?.version === version) return null
      // Deleted meanwhile: try again.
      if (there !== null) return there
    }
  }
  return Object.freeze({
    get,
    putIfAbsent,
    compareAndSet: async (key: string, version: RecordVersion, value: Uint8Array) => {
      checkRecord(key, value)
      const next = randomUUID()
      const before = await putIf({
        TableName: table,
        Item: itemOf(key, value, next),
        ConditionExpression: 'n = :n',
        ExpressionAttributeValues: { ':n': { S: version } },
      })
      return before === null || before.n?.S === next ? next : null
    },
    list: async (prefix: string) => {
      checkPrefix(prefix)
      const [p, s] = split(prefix)
      const keys: string[] = []
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: s === '' ? 'p = :p' : 'p = :p AND begins_with(s, :s)',
          ExpressionAttributeValues: { ':p': { S: p }, ...(s === '' ? {} : { ':s': { S: s } }) },
          ProjectionExpression: 's',
        },
      )
      await asked(async () => {
        for await (const { Items = [] } of pages) keys.push(...Items.map(item => `${p}/${item.s?.S}`))
      })
      return keys
    },
    delete: async (key: string) => {
      checkRecord(key)
      await asked(() => client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(key) })))
    },
  })
}
