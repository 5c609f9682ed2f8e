/** What one lying party, one member or a stranger can try against a party, and what must come of it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Passing, startThreeParties, type ThreeParties } from '../../functions/local/three-parties.ts'
import { toBase64url, utf8 } from '../../shared/base/bytes.ts'
import { signDocument } from '../../shared/governance/sign.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { type Cast, createCast, found } from '../support/federation.ts'

let meddle: (passing: Passing, deliver: (body: Uint8Array) => Promise<Response>) => Promise<Response>
const honest: typeof meddle = (passing, deliver) => deliver(passing.body)
let three: ThreeParties
let cast: Cast

beforeAll(async () => {
  meddle = honest
  three = await startThreeParties({ network: (passing, deliver) => meddle(passing, deliver), tickMs: 100 })
  const [a, b, c] = three.parties.map(({ secrets, ...party }) => ({
    ...party,
    signingSeed: secrets.signingSeed,
  }))
  cast = await createCast([a!, b!, c!], three.fetch)
  await found(cast)
})
afterAll(() => three.close())

const asked = async () => {
  meddle = honest
  const [n, s] = cast.owners
  const versions = [
    await cast.push(n, [
      ['junior', 30_000],
      ['junior', 31_000],
    ]),
    await cast.push(s, [['senior', 70_000]]),
  ]
  const request = await cast.ask(versions)
  await cast.offers(request)
  return { request }
}
const signerOf = (party: PartyIndex) => ({
  kid: three.parties[party].party.world.keyring.signer.kid,
  secretKey: three.parties[party].secrets.signingSeed,
})

test('an abort that names the run of another request neither ends this one nor touches the other', async () => {
  const { request } = await asked()
  const { volatile } = three.parties[0].stores
  const other = toBase64url(new Uint8Array(32).fill(7))
  await volatile.putIfAbsent(`sent/${other}/0`, utf8('digest of a round of another run'))
  const lie = { kind: 'abort', request, run: other, party: 2, check: 'deadline' } as const
  expect((await cast.post(0, signDocument(lie, signerOf(2)))).status).toBe(202)
  await three.parties[0].party.idle()
  expect((await cast.status(0, request)).state).toBe('offered')
  expect(await volatile.get(`sent/${other}/0`)).not.toBeNull()
  await volatile.delete(`sent/${other}/0`)
})
