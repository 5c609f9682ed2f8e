/** The emulators of AWS with fresh tables and queues in stock, because the conformance suites open things at once. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { dynamoDbClient, sqsClient } from '../../functions/aws/client.ts'
import { startDynamoDb } from '../../functions/local/emulator/dynamodb.ts'
import { createTable } from '../../functions/local/emulator/provision-aws.ts'
import { startSqs } from '../../functions/local/emulator/sqs.ts'

export const REGION = 'eu-central-1'

export interface AwsCloud {
  readonly dynamoDb: DynamoDBClient
  readonly sqs: SQSClient
  readonly endpoints: { readonly dynamoDb: string; readonly sqs: string }
  /** A table that nobody has used. */
  table(): string
  /** Addresses of queues that nobody has used. */
  queues(count: number): string[]
  close(): Promise<void>
}

export const startAwsCloud = async (stock: { tables: number; queues: number }): Promise<AwsCloud> => {
  // Any will do; the SDK refuses to send without.
  process.env.AWS_ACCESS_KEY_ID = 'local'
  process.env.AWS_SECRET_ACCESS_KEY = 'local'
  const [tableEmulator, queueEmulator] = await Promise.all([startDynamoDb(), startSqs()])
  const dynamoDb = dynamoDbClient({ region: REGION, endpoint: tableEmulator.endpoint })
  const sqs = sqsClient({ region: REGION, endpoint: queueEmulator.endpoint })
  const named = (kind: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${kind}-${i}`)
  const tables = named('table', stock.tables)
  const queues = named('queue', stock.queues)
  await Promise.all([
    ...tables.map(name => createTable(dynamoDb, name)),
    ...queues.map(name => sqs.send(new CreateQueueCommand({ QueueName: name }))),
  ])
  const take = (from: string[], count: number): string[] => {
    if (from.length < count) throw new RangeError('the stock is used up')
    return from.splice(0, count)
  }
  return {
    dynamoDb,
    sqs,
    endpoints: { dynamoDb: tableEmulator.endpoint, sqs: queueEmulator.endpoint },
    table: () => take(tables, 1)[0] as string,
    queues: count => take(queues, count).map(queueEmulator.queueUrl),
    close: async () => {
      dynamoDb.destroy()
      sqs.destroy()
      await Promise.all([tableEmulator.close(), queueEmulator.close()])
    },
  }
}
