/** What one lying party, one member or a stranger can try against a party, and what must come of it. */

import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Passing, startThreeParties, type ThreeParties } from '../../functions/local/three-parties.ts'
import { toBase64url, utf8 } from '../../shared/base/bytes.ts'
import type { TriasDocument } from '../../shared/governance/document/document.ts'
import { signDocument } from '../../shared/governance/sign.ts'
import type { Store } from '../../shared/port/store.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { readFrame } from '../../shared/wire/frame.ts'
import { type Cast, castOf, found, person, waitFor } from '../support/federation.ts'

let meddle: (passing: Passing, deliver: (body: Uint8Array) => Promise<Response>) => Promise<Response>
const honest: typeof meddle = (passing, deliver) => deliver(passing.body)
let three: ThreeParties
/** Writes to the two stores of party 0. */
let writes = 0
const counted = (store: Store): Store => ({
  ...store,
  putIfAbsent: (key, value) => {
    writes++
    return store.putIfAbsent(key, value)
  },
  compareAndSet: (key, version, value) => {
    writes++
    return store.compareAndSet(key, version, value)
  },
  delete: key => {
    writes++
    return store.delete(key)
  },
})
let cast: Cast

beforeAll(async () => {
  meddle = honest
  three = await startThreeParties({
    deadlines: { roundMs: 1500, readyMs: 1500, postMs: 3000 },
    network: (passing, deliver) => meddle(passing, deliver),
    tickMs: 100,
    databases: (party, real) =>
      party === 0 ? { ...real, durable: counted(real.durable), volatile: counted(real.volatile) } : real,
  })
  cast = await castOf(three)
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
  return { request, versions }
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

const entriesOf = async () => (await three.parties[0].party.log(0, 1)).state.entries
const postFrame = (body: Uint8Array) =>
  three.fetch(`${three.parties[0].endpoint}/v1/frames`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: body as Uint8Array<ArrayBuffer>,
  })
/** A run that broke off, and a frame of it that party 0 was sent. */
const brokenOff = async () => {
  const { request, versions } = await asked()
  let kept: Uint8Array | undefined
  meddle = async (passing, deliver) => {
    if (passing.path !== '/v1/frames') return deliver(passing.body)
    if (passing.to === 0) kept ??= passing.body
    return new Response(null, { status: 202 })
  }
  for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
  const frame = await waitFor('a frame', async () => kept)
  const run = toBase64url(readFrame(frame).header.run)
  const abort = { kind: 'abort', request, run, party: 2, check: 'deadline' } as const
  await cast.post(0, signDocument(abort, signerOf(2)))
  await cast.ended(0, request)
  await three.idle()
  return { request, frame }
}

test('a refused document or frame that is posted again and again costs one log entry', async () => {
  const { frame } = await brokenOff()
  const { request, versions } = await asked()
  const approval = await cast.approval(request, cast.owners[0], versions)
  const refused = signDocument({ ...approval, purpose: 'another' }, cast.owners[0])
  await three.idle()
  for (const [post, status] of [
    [() => cast.post(0, refused), 422],
    [() => postFrame(frame), 409],
  ] as const) {
    const before = await entriesOf()
    const answers = await Promise.all(Array.from({ length: 25 }, post))
    for (let i = 0; i < 25; i++) answers.push(await post())
    expect(new Set(answers.map(answer => answer.status))).toEqual(new Set([status]))
    expect((await entriesOf()) - before).toBe(1)
  }
})

test('what a stranger posts changes no record of either store', async () => {
  const { frame } = await brokenOff()
  const { request, versions } = await asked()
  const approval = await cast.approval(request, cast.owners[0], versions)
  const signed = signDocument(approval, cast.owners[0])
  const forged = frame.slice()
  forged[forged.length - 1]! ^= 1
  await three.idle()
  const before = [await entriesOf(), writes]
  for (const body of [
    { ...signed, signatures: [] },
    { ...signed, payload: signDocument({ ...approval, purpose: 'another' }, cast.owners[0]).payload },
    signDocument(approval, await person('stranger')),
    { payload: signed.payload },
    'not json',
  ])
    expect((await cast.post(0, body)).status).toBeGreaterThanOrEqual(400)
  for (const body of [forged, frame.slice(0, 80), new Uint8Array(randomBytes(500)), new Uint8Array()])
    expect((await postFrame(body)).status).toBeGreaterThanOrEqual(400)
  await three.idle()
  expect([await entriesOf(), writes]).toEqual(before)
})

test('a signer fills no store: few documents a request, and no offer after its end', async () => {
  const { request } = await asked()
  const own = (await cast.documents(0, 'offer', request)).find(({ document }) => document.party === 2)!
  const digestOf = (i: number) => toBase64url(new Uint8Array(32).fill(i))
  const statuses = async (make: (i: number) => TriasDocument, signer = signerOf(2)) => {
    const all = Array.from({ length: 20 }, (_, i) => cast.post(0, signDocument(make(i), signer)))
    return (await Promise.all(all)).filter(answer => answer.status === 202).length
  }
  expect(
    await statuses(i => ({ kind: 'abort', request, run: digestOf(i), party: 2, check: 'deadline' })),
  ).toBe(1)
  expect(await statuses(i => ({ kind: 'refusal', request, by: 'nobody', reason: `no ${i}` }))).toBe(1)
  expect(await statuses(i => ({ ...own.document, planDigest: digestOf(i) }))).toBe(1)
  await cast.ended(0, request)
  expect(await statuses(i => ({ ...own.document, attempt: i + 2 }))).toBe(0)
})
