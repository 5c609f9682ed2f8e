/** The run-time region lock: where a party says that it is, held against the manifest by itself and by its peers. */
import { afterEach, expect, test } from 'vitest'
import { connectOperator, waitUntilDrained } from '../../client/sdk/party-control.ts'
import { type Passing, startThreeParties, type ThreeParties } from '../../functions/local/three-parties.ts'
import type { Signer } from '../../shared/crypto/jws.ts'
import { keyId } from '../../shared/crypto/key-id.ts'
import type { Federation } from '../../shared/governance/document/federation.ts'
import {
  coSignDocument,
  openDocument,
  type SignedDocument,
  signDocument,
  signedText,
} from '../../shared/governance/sign.ts'
import type { Location } from '../../shared/port/place.ts'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { type Cast, castOf, found } from '../support/federation.ts'

const HERE: readonly Location[] = [
  { what: 'functions', region: 'this machine' },
  { what: 'durable table', region: 'This Machine' },
]
const MOVED: readonly Location[] = [HERE[0]!, { what: 'durable table', region: 'eu-west-2' }]
/** The party that moves. */
const AWAY = 2

let three: ThreeParties | undefined
afterEach(() => three?.close())

/** Three parties, one of which says that it is wherever `where` says. */
const partiesWith = async (
  where: () => readonly Location[],
  network: (passing: Passing) => Uint8Array = ({ body }) => body,
): Promise<{ three: ThreeParties; cast: Cast }> => {
  three = await startThreeParties({
    tickMs: 100,
    place: party => ({ locate: async () => (party === AWAY ? where() : HERE) }),
    network: (passing, deliver) => deliver(network(passing)),
  })
  return { three, cast: await castOf(three) }
}

/** Asks and approves; how it ended at each party. */
const endsOf = async (cast: Cast) => {
  const versions = [
    await cast.push(cast.owners[0], [
      ['junior', 30_000],
      ['junior', 31_000],
    ]),
  ]
  const request = await cast.ask(versions)
  await cast.offers(request)
  await cast.say(await cast.approval(request, cast.owners[0], versions), cast.owners[0])
  return Promise.all(PARTIES.map(party => cast.ended(party, request)))
}
const eventsOf = async ({ parties }: ThreeParties, party: 0 | 1 | 2): Promise<readonly string[]> =>
  (await parties[party].party.log(0, 10_000)).entries.map(({ event }) => event)

test('a party in its region runs, whatever the spelling of it', async () => {
  const { cast } = await partiesWith(() => HERE)
  await found(cast)
  expect((await endsOf(cast)).map(({ state }) => state)).toEqual(['done', 'done', 'done'])
})

test.each([
  ['a table elsewhere', MOVED, 'durable table in eu-west-2'],
  ['nothing at all', [], 'nothing that says where it is'],
] as const)('%s: the party takes no manifest, so it takes no data', async (_, where, words) => {
  const { cast } = await partiesWith(() => where)
  const response = await cast.post(AWAY, signedText(cast.signed))
  expect([response.status, await response.json()]).toEqual([
    422,
    expect.objectContaining({
      rule: 'federation-other-region',
      detail: expect.stringContaining(`has party 2 in this machine, and it runs with ${words}`),
    }),
  ])
})

test('a party that was moved does not start again', async () => {
  let where = HERE
  const { three, cast } = await partiesWith(() => where)
  await found(cast)
  where = MOVED
  await expect(three.restart(AWAY)).rejects.toMatchObject({ rule: 'federation-other-region' })
  where = HERE
  await three.restart(AWAY)
})

test('a table that is elsewhere when the run is due: no share is opened, no seed is said, and all three end', async () => {
  let where = HERE
  const { three, cast } = await partiesWith(() => where)
  await found(cast)
  where = MOVED
  const ends = await endsOf(cast)
  expect(ends.map(({ state, reason }) => [state, reason])).toEqual(
    PARTIES.map(() => ['aborted', expect.objectContaining({ check: 'federation-other-region' })]),
  )
  expect(await eventsOf(three, AWAY)).not.toContain('ready')
  for (const party of PARTIES) expect(await eventsOf(three, party)).not.toContain('running')
})

test('a party that says it is ready elsewhere is aborted by its peers, before a frame is sent', async () => {
  const frames: Passing[] = []
  const { three, cast } = await partiesWith(
    () => HERE,
    passing => {
      const { body, path, from } = passing
      if (path === '/v1/frames') frames.push(passing)
      if (from !== AWAY || path !== '/v1/documents') return body
      // What a party without the check of itself would sign.
      const opened = openDocument(JSON.parse(new TextDecoder().decode(body)) as SignedDocument, () =>
        keyOfAway(),
      )
      if (opened.document.kind !== 'ready') return body
      const signer = { kid: opened.signers[0]!, secretKey: three.parties[AWAY].secrets.signingSeed }
      const moved = signDocument({ ...opened.document, locations: [...MOVED] }, signer)
      return new TextEncoder().encode(signedText(moved))
    },
  )
  const keyOfAway = () => three.parties[AWAY].party.world.keyring.signingKey
  await found(cast)
  const [first, second] = await endsOf(cast)
  for (const end of [first, second])
    expect(end).toMatchObject({ state: 'aborted', reason: { check: 'ready-other-region' } })
  expect(frames.filter(({ from }) => from !== AWAY)).toEqual([])
})

test('a manifest that moves a party: where it ran it does nothing any more, and it starts in the new region only', async () => {
  let where = HERE
  const { three, cast } = await partiesWith(() => where)
  await found(cast)
  const parties = three.parties.map(
    ({ party, secrets }): Signer => ({
      kid: keyId(party.world.keyring.signingKey),
      secretKey: secrets.signingSeed,
    }),
  )
  for (const party of PARTIES) {
    const operator = connectOperator({
      party,
      endpoint: three.parties[party].endpoint,
      signer: parties[party] as Signer,
      fetch: three.fetch,
    })
    await operator.act('drain')
    await waitUntilDrained(operator, { timeoutMs: 20_000, everyMs: 20 })
  }
  const next: Federation = {
    ...cast.federation,
    version: 2,
    previous: cast.digest,
    parties: cast.federation.parties.map(party =>
      party.index === AWAY ? { ...party, region: 'eu-west-3' } : party,
    ) as unknown as Federation['parties'],
  }
  const [one, ...others] = [...parties, ...cast.owners]
  const successor = others.reduce(
    (signed, by) => coSignDocument(signed, by),
    signDocument(next, one as Signer),
  )
  expect((await cast.post(AWAY, signedText(successor))).status).toBe(202)
  const no = { kind: 'refusal', request: cast.digest, by: cast.owners[0].name, reason: 'no' } as const
  const late = await cast.post(AWAY, signedText(signDocument(no, cast.owners[0])))
  expect(late.status).toBe(503)
  await expect(three.restart(AWAY)).rejects.toMatchObject({ rule: 'federation-other-region' })
  where = [{ what: 'functions', region: 'eu-west-3' }]
  await three.restart(AWAY)
})
