/** The emulator of Azure Storage as the local parties use it: on loopback, with a key of its own, in a directory. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { queueService, tableClient } from '../../../functions/azure/client.ts'
import { tableStore } from '../../../functions/azure/store.ts'
import { startAzurite } from '../../../functions/local/emulator/azurite.ts'
import { utf8 } from '../../../shared/base/bytes.ts'

const configOf = (TRIAS_STORAGE: string) => ({ TRIAS_STORAGE, TRIAS_STORAGE__accountName: undefined })

test('azurite: records and messages outlive a clean end, under another key', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'trias-azurite-'))
  const first = await startAzurite({ directory })
  const table = tableClient(configOf(first.connectionString), 'kept')
  await table.createTable()
  await tableStore(table).putIfAbsent('a/1', utf8('one'))
  const queue = queueService(configOf(first.connectionString)).getQueueClient('kept')
  await queue.create()
  await queue.sendMessage('message')
  await first.close()

  const second = await startAzurite({ directory })
  const [before, after] = [first, second].map(
    ({ connectionString }) => /AccountKey=([^;]*)/.exec(connectionString)?.[1],
  )
  expect(after).not.toBe(before)
  const store = tableStore(tableClient(configOf(second.connectionString), 'kept'))
  expect((await store.get('a/1'))!.value).toEqual(utf8('one'))
  const { receivedMessageItems } = await queueService(configOf(second.connectionString))
    .getQueueClient('kept')
    .receiveMessages()
  expect(receivedMessageItems.map(({ messageText }) => messageText)).toEqual(['message'])

  const withOldKey = second.connectionString.replace(after ?? '', before ?? '')
  await expect(tableStore(tableClient(configOf(withOldKey), 'kept')).get('a/1')).rejects.toThrow()
  await second.close()
  rmSync(directory, { recursive: true, force: true })
})
