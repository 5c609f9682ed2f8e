/** The log of a party that has many processes: each finds its end, and they never fork it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryStore } from '../../functions/local/store.ts'
import { systemClock } from '../../functions/party/system-clock.ts'
import { verifyLog } from '../../shared/audit/log.ts'
import { createJournal } from '../../shared/party/journal.ts'
import type { Store } from '../../shared/port/store.ts'

const silent = { write: () => {} }
const journalOver = (store: Store) => createJournal(store, systemClock, silent)

test('a new process finds the end of a long log with few reads', async () => {
  const store = memoryStore()
  const writer = journalOver(store)
  for (let length = 0; length < 200; length++) {
    let reads = 0
    const counting: Store = {
      ...store,
      get: key => {
        reads++
        return store.get(key)
      },
    }
    const seen = await journalOver(counting).state()
    expect(seen).toEqual(await writer.state())
    expect(seen.entries).toBe(length)
    expect(reads).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(length + 2)) + 2)
    await writer.append('something', `${length}`)
  }
})

test('processes that write at once make one chain, whoever comes first', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 60 }), async writers => {
      const store = memoryStore()
      const journals = [0, 1, 2, 3].map(() => journalOver(store))
      await Promise.all(writers.map((writer, i) => journals[writer]!.append('something', `${i}`)))
      const entries = await journalOver(store).read(0, 1000)
      expect(verifyLog(entries, await journals[0]!.state()).entries).toBe(writers.length)
      expect(new Set(entries.map(({ subject }) => subject)).size).toBe(writers.length)
    }),
    { numRuns: 30 },
  )
})
