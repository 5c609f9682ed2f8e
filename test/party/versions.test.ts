/** Parties of different releases: they find out before anything is opened, and everybody is told what to do. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Passing, startThreeParties, type ThreeParties } from '../../functions/local/three-parties.ts'
import { httpPeer } from '../../functions/party/http-peer.ts'
import { systemClock } from '../../functions/party/system-clock.ts'
import { signDocument, signedText } from '../../shared/governance/sign.ts'
import { type Cast, castOf, found, waitFor } from '../support/federation.ts'

let three: ThreeParties
let cast: Cast
let lost = (_: Passing): boolean => false
const frames: Passing[] = []

beforeAll(async () => {
  three = await startThreeParties({
    network: async (passing, deliver) => {
      if (passing.path === '/v1/frames') frames.push(passing)
      return lost(passing) ? new Response(null, { status: 202 }) : deliver(passing.body)
    },
    tickMs: 100,
  })
  cast = await castOf(three)
  await found(cast)
})
afterAll(() => three.close())

test('a party of another release is refused before a share is opened, and the refusal names both versions', async () => {
  const versions = [await cast.push(cast.owners[0], [['junior', 30_000]])]
  lost = ({ from }) => from === 2
  const request = await cast.ask(versions)
  const own = await waitFor('the offer of party 2', async () =>
    (await cast.documents(2, 'offer', request)).find(({ document }) => document.party === 2),
  )
  const newer = { ...own.document, speaks: { protocol: [3, 4], frames: [1] } }
  const signer = { kid: own.signers[0]!, secretKey: three.parties[2].secrets.signingSeed }
  for (const party of [0, 1] as const)
    expect((await cast.post(party, signedText(signDocument(newer, signer)))).status).toBe(202)
  for (const party of [0, 1, 2] as const) {
    const { state, reason } = await cast.ended(party, request)
    expect(state).toBe('refused')
    expect(reason).toMatchObject({
      rule: 'offers-version',
      detail:
        'party 0 speaks protocol version 2, party 1 speaks protocol version 2, party 2 speaks protocol version 3 and 4',
      hint: 'update party 0 and 1 to a release that speaks protocol version 4, then ask again',
    })
  }
  expect(frames).toEqual([])
  for (const { party } of three.parties) {
    const { entries } = await party.log(0, 10_000)
    expect(entries.map(({ event }) => event)).not.toContain('ready')
  }
})

test('a frame of another format gets a status that the sender understands, and a stranger learns nothing else', async () => {
  const frame = new Uint8Array(300)
  frame[0] = 2
  const [to] = three.parties
  const response = await three.fetch(`${to.endpoint}/v1/frames`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: frame,
  })
  expect([response.status, await response.text()]).toEqual([426, ''])
  const endpoints = three.parties.map(({ endpoint }) => endpoint) as [string, string, string]
  const peer = httpPeer(endpoints, systemClock, three.fetch)
  await expect(peer.post(0, '/v1/frames', frame, { deadlineMs: 1000 })).rejects.toMatchObject({
    rule: 'peer-refused',
    message: 'status 426 frame-version',
  })
})
