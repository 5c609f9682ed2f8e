/**
 * Store over one DynamoDB table, by conditional writes of single items.
 *
 *   p  partition key: the key up to its first `/`
 *   s  sort key: the rest
 *   v  version, random with every write, so that a write knows its own result again: the SDK repeats a write whose
 *      answer was lost, and the repeat must not take what the first try has written for somebody else's
 *   d  value
 *   t  when DynamoDB may forget the record, in seconds since 1970; only where a lifetime is given
 */
import { randomUUID } from 'node:crypto'
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
import {
  checkPrefix,
  checkRecord,
  type RecordVersion,
  type Store,
  type StoredRecord,
} from '../../shared/port/store.ts'
import { orUnavailable } from './outage.ts'

interface DynamoDbStoreOptions {
  readonly client: DynamoDBClient
  readonly table: string
  /** Records are forgotten so long after their last write; left out, never. */
  readonly lifetimeS?: number
}

type Item = Record<string, AttributeValue>

const split = (key: string): { readonly partition: string; readonly rest: string } => {
  const at = key.indexOf('/')
  return { partition: key.slice(0, at), rest: key.slice(at + 1) }
}

const itemKey = (key: string): Item => {
  const { partition, rest } = split(key)
  return { p: { S: partition }, s: { S: rest } }
}

const recordOf = (item: Item | undefined): StoredRecord | null =>
  item === undefined ? null : { value: item.d?.B ?? new Uint8Array(), version: item.v?.S as RecordVersion }

export const dynamoDbStore = ({ client, table, lifetimeS }: DynamoDbStoreOptions): Store => {
  const ask = <T>(call: () => Promise<T>): Promise<T> => orUnavailable('DynamoDB', call)

  const get = async (key: string): Promise<StoredRecord | null> => {
    const { Item } = await ask(() =>
      client.send(new GetItemCommand({ TableName: table, Key: itemKey(key), ConsistentRead: true })),
    )
    return recordOf(Item)
  }

  /** The new version, or the record that did not meet the condition; null when there was none. */
  const putIf = async (
    key: string,
    value: Uint8Array,
    condition: Pick<PutItemCommandInput, 'ConditionExpression' | 'ExpressionAttributeValues'>,
  ): Promise<RecordVersion | StoredRecord | null> => {
    const version = randomUUID()
    const expiry =
      lifetimeS === undefined ? {} : { t: { N: String(Math.ceil(Date.now() / 1000) + lifetimeS) } }
    try {
      await ask(() =>
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...itemKey(key), v: { S: version }, d: { B: value }, ...expiry },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            ...condition,
          }),
        ),
      )
      return version
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
      const there = recordOf(error.Item)
      return there?.version === version ? version : there
    }
  }

  return Object.freeze({
    get: async (key: string) => {
      checkRecord(key)
      return get(key)
    },
    putIfAbsent: async (key: string, value: Uint8Array) => {
      checkRecord(key, value)
      for (;;) {
        const result = await putIf(key, value, { ConditionExpression: 'attribute_not_exists(p)' })
        if (typeof result === 'string') return null
        const there = result ?? (await get(key))
        // Gone between the write and the look at what was in its way: the place is free.
        if (there !== null) return there
      }
    },
    compareAndSet: async (key: string, version: RecordVersion, value: Uint8Array) => {
      checkRecord(key, value)
      const result = await putIf(key, value, {
        ConditionExpression: 'v = :v',
        ExpressionAttributeValues: { ':v': { S: version } },
      })
      return typeof result === 'string' ? result : null
    },
    list: async (prefix: string) => {
      checkPrefix(prefix)
      const { partition, rest } = split(prefix)
      const keys: string[] = []
      let ExclusiveStartKey: Item | undefined
      do {
        const page = await ask(() =>
          client.send(
            new QueryCommand({
              TableName: table,
              ConsistentRead: true,
              ProjectionExpression: 's',
              KeyConditionExpression: rest === '' ? 'p = :p' : 'p = :p AND begins_with(s, :s)',
              ExpressionAttributeValues: {
                ':p': { S: partition },
                ...(rest === '' ? {} : { ':s': { S: rest } }),
              },
              ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey }),
            }),
          ),
        )
        for (const item of page.Items ?? []) keys.push(`${partition}/${item.s?.S}`)
        ExclusiveStartKey = page.LastEvaluatedKey
      } while (ExclusiveStartKey !== undefined)
      return keys
    },
    delete: async (key: string) => {
      checkRecord(key)
      await ask(() => client.send(new DeleteItemCommand({ TableName: table, Key: itemKey(key) })))
    },
  })
}
