/** The emulator of Azure Storage with fresh tables and queues in stock, because the conformance suites open things at once. */
import type { TableClient } from '@azure/data-tables'
import type { QueueClient } from '@azure/storage-queue'
import { queueService, tableClient } from '../../functions/azure/client.ts'
import { startAzurite } from '../../functions/local/emulator/azurite.ts'

export interface AzureCloud {
  readonly connectionString: string
  /** A table that nobody has used. */
  table(): TableClient
  /** Queues that nobody has used. */
  queues(count: number): QueueClient[]
  close(): Promise<void>
}

export const startAzureCloud = async (stock: { tables: number; queues: number }): Promise<AzureCloud> => {
  const azurite = await startAzurite()
  const config = { TRIAS_STORAGE: azurite.connectionString, TRIAS_STORAGE__accountName: undefined }
  const service = queueService(config)
  const tables = Array.from({ length: stock.tables }, (_, i) => tableClient(config, `table${i}`))
  const queues = Array.from({ length: stock.queues }, (_, i) => service.getQueueClient(`queue-${i}`))
  await Promise.all([...tables.map(one => one.createTable()), ...queues.map(one => one.create())])
  const take = <T>(from: T[], count: number): T[] => {
    if (from.length < count) throw new RangeError('the stock is used up')
    return from.splice(0, count)
  }
  return {
    connectionString: azurite.connectionString,
    table: () => take(tables, 1)[0]!,
    queues: count => take(queues, count),
    close: azurite.close,
  }
}
