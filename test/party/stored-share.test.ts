/** A share chunk that changed in one party's table, after its owner uploaded it properly: the run ends at that party. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startThreeParties, type ThreeParties } from '../../functions/local/three-parties.ts'
import type { Store } from '../../shared/port/store.ts'
import { PARTIES, type PartyIndex } from '../../shared/sharing/shared.ts'
import { type Cast, castOf, found } from '../support/federation.ts'

let three: ThreeParties
let cast: Cast
/** The party whose table gives back other bytes than it took. */
let altering: PartyIndex | undefined

const altered = (party: PartyIndex, store: Store): Store => ({
  ...store,
  get: async key => {
    const record = await store.get(key)
    if (record === null || altering !== party || !key.startsWith('chunk-')) return record
    const value = record.value.slice()
    const middle = value.length >> 1
    value[middle] = (value[middle] as number) ^ 1
    return { ...record, value }
  },
})

beforeAll(async () => {
  three = await startThreeParties({
    databases: (party, real) => ({ ...real, durable: altered(party, real.durable) }),
    tickMs: 100,
  })
  cast = await castOf(three)
  await found(cast)
})
afterAll(() => three.close())

test.each(
  PARTIES,
)('one share altered in the table of party %i ends the run before a result exists', async party => {
  altering = undefined
  const [n, s] = cast.owners
  const versions = [await cast.push(n, [['junior', 30_000]]), await cast.push(s, [['senior', 70_000]])]
  const request = await cast.ask(versions)
  await cast.offers(request)
  altering = party
  for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
  for (const other of PARTIES) {
    expect(await cast.ended(other, request)).toMatchObject({
      state: 'aborted',
      reason: { check: 'chunk-authentication-failed', by: `party ${party}` },
    })
    expect((await cast.get(other, `/v1/requests/${request}/result`, cast.recipient)).status).toBe(404)
  }
})
