/** What a deployment makes before the first function of a party runs on Azure, on the emulator: tables and queues. */
import { TableClient } from '@azure/data-tables'
import { QueueServiceClient } from '@azure/storage-queue'
import type { AzuriteEmulator } from './azurite.ts'

interface ProvisionOptions {
  readonly azurite: AzuriteEmulator
  readonly party: 0 | 1 | 2
  readonly lanes: number
}

/** The app settings that name what was made. What is there already is left as it is. */
export const provisionAzure = async ({
  azurite: { connectionString },
  party,
  lanes,
}: ProvisionOptions): Promise<Readonly<Record<string, string>>> => {
  const queues = QueueServiceClient.fromConnectionString(connectionString)
  // Names of tables have letters and digits only.
  const tables = [`trias${party}durable`, `trias${party}volatile`] as const
  const wake = `trias-${party}-wake`
  const laneQueues = Array.from({ length: lanes }, (_, lane) => `trias-${party}-lane-${lane}`)
  for (const table of tables)
    await TableClient.fromConnectionString(connectionString, table, {
      allowInsecureConnection: true,
    }).createTable()
  for (const queue of [wake, `${wake}-poison`, ...laneQueues])
    await queues.getQueueClient(queue).createIfNotExists()
  return {
    TRIAS_PARTY: String(party),
    TRIAS_STORAGE: connectionString,
    TRIAS_DURABLE_TABLE: tables[0],
    TRIAS_VOLATILE_TABLE: tables[1],
    TRIAS_LANE_QUEUES: laneQueues.join(),
    TRIAS_WAKE_QUEUE: wake,
  }
}
