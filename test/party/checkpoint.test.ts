/** Checkpoints: what comes back, what does not open, and what a crash in the middle of writing one leaves. */
import { expect, test } from 'vitest'
import { memoryStore } from '../../functions/local/store.ts'
import { utf8 } from '../../shared/base/bytes.ts'
import { sha256 } from '../../shared/crypto/hash.ts'
import { field } from '../../shared/field/field.ts'
import {
  type Checkpoint,
  forgetCheckpoints,
  loadCheckpoint,
  type RunSecret,
  saveCheckpoint,
} from '../../shared/party/checkpoint.ts'
import type { World } from '../../shared/party/world.ts'
import type { Store } from '../../shared/port/store.ts'
import { compile } from '../../shared/sql/compile.ts'
import { shapesAt } from '../../shared/sql/stages.ts'
import { nativeFrameCrypto } from '../../shared/wire/native-frame-crypto.ts'
import { PAY } from '../sql/table.ts'

const { plan } = await compile('SELECT country, SUM(salary) FROM pay GROUP BY country', {
  tables: [{ schema: PAY, rows: 1000 }],
  stageRowsMax: 64,
  minimumGroupSize: 4,
})
const run: RunSecret = { run: 'R'.repeat(43), secret: sha256(utf8('secret')), attempt: 1 }
const worldOver = (volatile: Store): World => ({ volatile, crypto: nativeFrameCrypto }) as unknown as World

const bodies = async (store: Store): Promise<string[]> =>
  (await Promise.all([1, 2, 7, 10].map(stage => store.list(`checkpoint-${run.run}-${stage}/`)))).flat()

const checkpoint = (stage: number): Checkpoint => ({
  between: {
    stage,
    held: shapesAt(plan, stage).map(({ length }, i) => {
      const words = (seed: number) =>
        field(BigUint64Array.from({ length }, (_, j) => BigInt(seed * 1000 + i * 100 + j)))
      return { own: words(stage), next: words(stage + 1) }
    }),
  },
  session: {
    rounds: 10 * stage,
    bytesToPrevious: 2 ** 40 + stage,
    bytesToNext: stage,
    addresses: sha256(utf8(`addresses ${stage}`)),
    transcript: sha256(utf8(`transcript ${stage}`)),
  },
  spent: [{ name: 'scan', rounds: 3, bytes: 100, seconds: 0.25 }],
})

test('the latest one comes back whole, and the ones before it are gone', async () => {
  const store = memoryStore()
  const world = worldOver(store)
  expect(await loadCheckpoint(world, run, plan)).toBeNull()
  for (const stage of [1, 2, 10]) {
    await saveCheckpoint(world, run, plan, checkpoint(stage))
    await saveCheckpoint(world, run, plan, checkpoint(stage))
    expect(await loadCheckpoint(world, run, plan)).toEqual(checkpoint(stage))
  }
  expect([await bodies(store), await store.list(`checkpoint-${run.run}/`)].map(keys => keys.length)).toEqual([
    1, 1,
  ])
  await forgetCheckpoints(store, run.run)
  expect([...(await bodies(store)), ...(await store.list(`checkpoint-${run.run}/`))]).toEqual([])
})

test('a checkpoint opens for its own run, attempt and stage only, and not when altered', async () => {
  const store = memoryStore()
  const world = worldOver(store)
  await saveCheckpoint(world, run, plan, checkpoint(1))
  const [key] = await bodies(store)
  const failed = { check: 'authentication-failed' }
  await expect(loadCheckpoint(world, { ...run, attempt: 2 }, plan)).rejects.toMatchObject(failed)
  await expect(
    loadCheckpoint(world, { ...run, secret: sha256(utf8('another')) }, plan),
  ).rejects.toMatchObject(failed)
  const { value, version } = (await store.get(key!))!
  await store.putIfAbsent(`checkpoint-${run.run}/2`, new Uint8Array())
  await store.putIfAbsent(key!.replace(/1\/body$/, '2/body'), value)
  await expect(loadCheckpoint(world, run, plan)).rejects.toMatchObject(failed)
  await store.delete(key!.replace(/1\/body$/, '2/body'))
  await store.compareAndSet(
    key!,
    version,
    value.map((byte, i) => (i === value.length - 1 ? byte ^ 1 : byte)),
  )
  await expect(loadCheckpoint(world, run, plan)).rejects.toMatchObject(failed)
})

test('nothing of the totals can be read from the store', async () => {
  const store = memoryStore()
  await saveCheckpoint(worldOver(store), run, plan, checkpoint(7))
  const word = Buffer.from(checkpoint(7).between.held[0]!.own.words.buffer).subarray(0, 8)
  for (const key of await bodies(store))
    expect(Buffer.from((await store.get(key))!.value).includes(word)).toBe(false)
})

test('one that a crash cut short is none: the stage before it counts', async () => {
  const store = memoryStore()
  await saveCheckpoint(worldOver(store), run, plan, checkpoint(1))
  // First the index, then the pieces of the body, and its head last.
  await store.putIfAbsent(`checkpoint-${run.run}/2`, new Uint8Array())
  await store.putIfAbsent(`checkpoint-${run.run}-2/body/1`, utf8('a piece'))
  expect((await loadCheckpoint(worldOver(store), run, plan))!.between.stage).toBe(1)
})
