/** The ledger of privacy budgets: once a run, of all budgets or of none, whoever writes at the same time. */
import { expect, test } from 'vitest'
import { memoryStore } from '../../functions/local/store.ts'
import type { DatasetVersion } from '../../shared/governance/document/dataset-version.ts'
import { getJson } from '../../shared/party/blob.ts'
import { requireBudget, spendBudget } from '../../shared/party/budget.ts'
import type { Store } from '../../shared/port/store.ts'

const versionOf = (owner: string, epsilon?: string, table = 'pay'): DatasetVersion =>
  ({
    owner,
    table,
    schema: epsilon === undefined ? {} : { policy: { privacyBudget: { epsilon } } },
  }) as unknown as DatasetVersion

const spentIn = async (store: Store): Promise<readonly number[]> => {
  const keys = await store.list('budget/')
  const records = await Promise.all(keys.map(async key => (await store.get(key))?.value as Uint8Array))
  return records.map(value =>
    Object.values(getJson<Record<string, number>>(value)).reduce((sum, milli) => sum + milli, 0),
  )
}

test('a run spends once, however often the step is taken, and another run spends again', async () => {
  const store = memoryStore()
  const versions = [versionOf('alder', '1')]
  for (let i = 0; i < 3; i++) await spendBudget(store, 'run-1', { epsilon: '0.3' }, versions)
  expect(await spentIn(store)).toEqual([300])
  await spendBudget(store, 'run-2', { epsilon: '0.7' }, versions)
  expect(await spentIn(store)).toEqual([1000])
  await expect(spendBudget(store, 'run-3', { epsilon: '0.001' }, versions)).rejects.toMatchObject({
    rule: 'budget-exhausted',
    message: expect.stringContaining('ε = 0 of 1 is left'),
  })
  // The one that has paid may go on all the same.
  await spendBudget(store, 'run-2', { epsilon: '0.7' }, versions)
  expect(await spentIn(store)).toEqual([1000])
})

test('exactly to the last thousandth: three tenths of a budget of 0.3', async () => {
  const store = memoryStore()
  const versions = [versionOf('alder', '0.3')]
  for (const run of ['a', 'b', 'c']) await spendBudget(store, run, { epsilon: '0.1' }, versions)
  await expect(spendBudget(store, 'd', { epsilon: '0.001' }, versions)).rejects.toThrow('ε = 0 of 0.3')
})

test('one budget that lacks ε leaves the others as they were', async () => {
  const store = memoryStore()
  const [rich, poor, none] = [versionOf('alder', '5'), versionOf('birch', '0.2'), versionOf('cedar')]
  await spendBudget(store, 'before', { epsilon: '0.1' }, [rich])
  await expect(spendBudget(store, 'run', { epsilon: '0.5' }, [rich, none, poor])).rejects.toMatchObject({
    rule: 'budget-exhausted',
    message: expect.stringContaining('birch'),
  })
  expect(await spentIn(store)).toEqual([100])
  await spendBudget(store, 'run', { epsilon: '0.2' }, [rich, none, poor])
  expect((await spentIn(store)).toSorted((a, b) => a - b)).toEqual([200, 300])
})

test('runs that spend at the same time never spend more than there is', async () => {
  const store = memoryStore()
  const versions = [versionOf('alder', '1')]
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, i) => spendBudget(store, `run-${i}`, { epsilon: '0.3' }, versions)),
  )
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(3)
  expect(await spentIn(store)).toEqual([900])
})

test('all versions of one owner’s table share a budget, other tables and owners have their own', async () => {
  const store = memoryStore()
  await spendBudget(store, 'a', { epsilon: '0.9' }, [versionOf('alder', '1')])
  await expect(requireBudget(store, { epsilon: '0.2' }, [versionOf('alder', '1')])).rejects.toThrow('ε = 0.1')
  await expect(requireBudget(store, { epsilon: '0.2' }, [versionOf('alder', '2')])).resolves.toBeUndefined()
  for (const other of [versionOf('alder', '1', 'other'), versionOf('birch', '1')])
    await expect(requireBudget(store, { epsilon: '1' }, [other])).resolves.toBeUndefined()
  expect(await spentIn(store)).toEqual([900])
})

test('keys say nothing about owners, and an exact report has nothing to do with the ledger', async () => {
  const store = memoryStore()
  await spendBudget(store, 'a', {}, [versionOf('alder', '1')])
  expect(await store.list('budget/')).toEqual([])
  await spendBudget(store, 'a', { epsilon: '1' }, [versionOf('alder', '1')])
  expect((await store.list('budget/')).join()).not.toContain('alder')
})
