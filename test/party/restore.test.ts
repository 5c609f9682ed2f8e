/** What docs/operating/backups.md says about an old backup: nothing opens, what it thinks is open ends, the others notice. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectOperator, waitUntilDrained } from '../../client/sdk/party-control.ts'
import { memoryStore } from '../../functions/local/store.ts'
import { startThreeParties, type ThreeParties } from '../../functions/local/three-parties.ts'
import { fromBase64url } from '../../shared/base/bytes.ts'
import { keyId } from '../../shared/crypto/key-id.ts'
import type { Store } from '../../shared/port/store.ts'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { type Cast, castOf, found, type Row, waitFor } from '../support/federation.ts'

/** A durable store that can be copied as it is at this moment. */
const backedUp = (real: Store) => {
  const keys = new Set<string>()
  const store: Store = {
    ...real,
    putIfAbsent: (key, value) => {
      keys.add(key)
      return real.putIfAbsent(key, value)
    },
  }
  const copy = async (): Promise<Store> => {
    const backup = memoryStore()
    for (const key of keys) {
      const record = await real.get(key)
      if (record !== null) await backup.putIfAbsent(key, record.value)
    }
    return backup
  }
  return { store, copy }
}

let three: ThreeParties
let cast: Cast
let durable: ReturnType<typeof backedUp>
let restored: Store | undefined

beforeAll(async () => {
  three = await startThreeParties({
    deadlines: { leaseMs: 200, readyMs: 1000 },
    databases: (party, real) => {
      if (party !== 0) return real
      if (restored !== undefined) return { ...real, durable: restored, volatile: memoryStore() }
      durable = backedUp(real.durable)
      return { ...real, durable: durable.store }
    },
  })
  cast = await castOf(three)
  await found(cast)
})
afterAll(() => three.close())

test('a party that is restored from an old backup finishes what that thinks is open, works on, and is found out', async () => {
  const rows: Row[] = [
    ['junior', 1000],
    ['senior', 3000],
  ]
  const versions = [await cast.push(cast.owners[0], rows), await cast.push(cast.owners[1], rows)]
  const run = async (request: string): Promise<void> => {
    for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
    for (const party of PARTIES) expect((await cast.ended(party, request)).state).toBe('done')
  }
  await run(await cast.ask(versions))
  const open = await cast.ask(versions)
  await cast.offers(open)
  const backup = await durable.copy()
  await run(open)
  const witnessed = async (): Promise<number[]> =>
    Promise.all(
      [1, 2].map(async party => {
        const { entries } = await three.parties[party as 1 | 2].party.log(0, 500)
        return entries.filter(({ event, detail }) => event === 'head-witnessed' && detail.party === 0).length
      }),
    )
  await waitFor('both heads to be witnessed', async () =>
    (await witnessed()).every(n => n === 2) ? true : undefined,
  )

  restored = backup
  await three.parties[0].party.close()
  await three.restart(0)
  expect((await cast.status(0, open)).state).toBe('offered')
  const { endpoint, signingKey, secrets } = three.parties[0]
  const signer = { kid: keyId(fromBase64url(signingKey)), secretKey: secrets.signingSeed }
  const operator = connectOperator({ party: 0, endpoint, signer, fetch: three.fetch })
  await operator.act('drain')
  await waitUntilDrained(operator, { timeoutMs: 20_000, everyMs: 20 })
  expect((await cast.status(0, open)).state).toBe('refused')
  for (const party of [1, 2] as const) expect((await cast.status(party, open)).state).toBe('done')
  await operator.act('resume')

  await run(await cast.ask(versions))
  for (const party of [1, 2] as const)
    await waitFor(`party ${party} to dispute the log`, async () => {
      const { entries } = await three.parties[party].party.log(0, 500)
      const disputed = entries.find(({ event }) => event === 'head-disputed')
      return disputed?.detail.party === 0 ? true : undefined
    })
})
