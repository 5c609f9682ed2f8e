/** What three parties write during a run, and what is left of it, is what docs/internals/data-model.md says. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type LocalDatabases, startThreeParties } from '../../functions/local/three-parties.ts'
import type { Store } from '../../shared/port/store.ts'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { castOf, found, type Row, waitFor } from '../support/federation.ts'

const page = readFileSync(new URL('../../docs/internals/data-model.md', import.meta.url), 'utf8')
/** Key patterns of one section: `<…>` stands for anything but a slash, and a value may be cut into pieces. */
const patternsOf = (section: string): readonly { key: string; pattern: RegExp; deleted: string }[] => {
  const [, text = ''] = page.split(`## ${section}\n`)
  const rows = (text.split('\n## ')[0] as string).split('\n').filter(line => line.startsWith('| `'))
  return rows.map(row => {
    const cells = row.split(' | ').map(cell => cell.replace(/^\| |`| \|$/g, ''))
    const key = cells[0] as string
    const pattern = new RegExp(`^${key.replace(/<[^>]*>/g, '[^/]+').replaceAll('.', '\\.')}(/\\d+)?$`)
    return { key, pattern, deleted: cells.at(-1) as string }
  })
}
const patterns = { durable: patternsOf('Durable store'), volatile: patternsOf('Volatile store') }

test('every record has a row, every row of one store a record, and what a run leaves is what the page says', async () => {
  const written = { durable: new Set<string>(), volatile: new Set<string>() }
  const watched = (store: Store, keys: Set<string>): Store => ({
    ...store,
    putIfAbsent: (key, value) => {
      keys.add(key)
      return store.putIfAbsent(key, value)
    },
  })
  const three = await startThreeParties({
    databases: (_, real): LocalDatabases => ({
      ...real,
      durable: watched(real.durable, written.durable),
      volatile: watched(real.volatile, written.volatile),
    }),
  })
  const cast = await castOf(three, { stageRowsMax: 64 })
  await found(cast)
  for (const action of ['drain', 'resume'] as const) await three.parties[0].party.control(action)
  const rows: Row[] = Array.from({ length: 70 }, (_, i) => [i % 2 === 0 ? 'junior' : 'senior', 1_000 + i])
  const versions = [await cast.push(cast.owners[0], rows), await cast.push(cast.owners[1], rows)]
  const request = await cast.ask(versions)
  for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
  for (const party of PARTIES) expect((await cast.ended(party, request)).state).toBe('done')
  await waitFor('the heads to be witnessed', async () => {
    await three.idle()
    const left = await Promise.all(three.parties.map(({ stores }) => stores.volatile.list('to-witness/')))
    return left.flat().length === 0 ? true : undefined
  })

  for (const store of ['durable', 'volatile'] as const) {
    const rowOf = (key: string) => patterns[store].find(({ pattern }) => pattern.test(key))
    expect([...written[store]].filter(key => rowOf(key) === undefined)).toEqual([])
    const unused = patterns[store].filter(
      // A peer's document may or may not be here before its request.
      ({ key, pattern }) => !key.startsWith('early/') && ![...written[store]].some(one => pattern.test(one)),
    )
    expect(unused.map(({ key }) => key)).toEqual(
      store === 'durable'
        ? ['federation/manifest-<digest>', 'federation/after-<digest>', 'budget/<dataset>']
        : ['lane/<number>', 'lane-of/<run>'],
    )
    for (const { stores } of three.parties)
      for (const key of written[store]) {
        const { deleted } = rowOf(key)!
        const isThere = (await stores[store].get(key)) !== null
        if (deleted.startsWith('worker') && key !== 'lease/chores')
          expect({ key, isThere }).toEqual({ key, isThere: false })
      }
  }
  await three.close()
})
