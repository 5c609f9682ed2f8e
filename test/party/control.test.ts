/** What the operator of a party says: only the operator is heard, and every mode keeps its word in the middle of a run. */
import { afterEach, expect, test } from 'vitest'
import { connectOperator, type Operator, waitUntilDrained } from '../../client/sdk/party-control.ts'
import {
  type Passing,
  startThreeParties,
  type ThreeParties,
  type ThreePartiesOptions,
} from '../../functions/local/three-parties.ts'
import { fromBase64url } from '../../shared/base/bytes.ts'
import { Unavailable } from '../../shared/base/errors.ts'
import { type Signer, signToken } from '../../shared/crypto/jws.ts'
import { keyId } from '../../shared/crypto/key-id.ts'
import { signDocument } from '../../shared/governance/sign.ts'
import { PARTIES, type PartyIndex } from '../../shared/sharing/shared.ts'
import { type Cast, castOf, found, waitFor } from '../support/federation.ts'

let three: ThreeParties
afterEach(() => three.close())

const signerOf = (index: PartyIndex): Signer => {
  const { signingKey, secrets } = three.parties[index]
  return { kid: keyId(fromBase64url(signingKey)), secretKey: secrets.signingSeed }
}
const operatorOf = (party: PartyIndex, signer = signerOf(party)): Operator =>
  connectOperator({ party, endpoint: three.parties[party].endpoint, signer, fetch: three.fetch })

const start = async (options: ThreePartiesOptions = {}): Promise<Cast> => {
  three = await startThreeParties({ deadlines: { leaseMs: 200 }, ...options })
  const cast = await castOf(three)
  await found(cast)
  return cast
}

/** A run of two owners, approved; the frames of party 1 wait at a gate from their third on. */
const startHeldRun = async () => {
  let open = (): void => {}
  const gate = new Promise<void>(resolve => {
    open = resolve
  })
  let frames = 0
  const isHeld = ({ from, path }: Passing): boolean => path === '/v1/frames' && from === 1 && ++frames > 2
  const cast = await start({
    network: async (passing, deliver) => {
      if (isHeld(passing)) await gate
      return deliver(passing.body)
    },
  })
  const versions = await Promise.all([
    cast.push(cast.owners[0], [
      ['junior', 1000],
      ['senior', 3000],
    ]),
    cast.push(cast.owners[1], [
      ['junior', 2000],
      ['senior', 5000],
    ]),
  ])
  const request = await cast.ask(versions)
  for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
  await waitFor('the run to be under way', async () => (frames > 2 ? true : undefined))
  return { cast, versions, request, open, frames: () => frames }
}

const ROWS = [
  ['junior', 2, 3000],
  ['senior', 2, 8000],
]
const rowsOf = async (cast: Cast, request: string) =>
  (await cast.report(request)).rows.map(row =>
    row.map(cell => (Number.isNaN(Number(cell)) ? cell : Number(cell))),
  )

test('only the key of the party itself opens its control, for one action at a time', async () => {
  const cast = await start()
  const url = `${three.parties[0].endpoint}/v1/control`
  const nowS = Math.floor(Date.now() / 1000)
  const claims = { aud: 'party-0/status', iat: nowS, exp: nowS + 30, federation: cast.digest }
  const token = (by: Signer, changes: Partial<typeof claims> = {}) =>
    signToken({ sub: by.kid, ...claims, ...changes }, by.secretKey)
  const get = (bearer: string) => three.fetch(url, { headers: { authorization: `Bearer ${bearer}` } })
  const post = (bearer: string, body: unknown) =>
    three.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: JSON.stringify(body),
    })
  const own = signerOf(0)
  expect((await get(token(own))).status).toBe(200)
  const others = [cast.recipient, cast.dpo, ...cast.owners, signerOf(1), signerOf(2)]
  for (const bearer of [
    ...others.map(by => token(by)),
    ...others.map(by => token(by, { aud: 'party-0' })),
    token(own, { aud: 'party-0' }),
    token(own, { aud: 'party-1/status' }),
    token(own, { aud: 'party-0/drain' }),
    token(own, { iat: nowS - 200, exp: nowS - 150 }),
    token({ ...own, secretKey: signerOf(1).secretKey }),
  ]) {
    expect((await get(bearer)).status).toBe(401)
    expect((await post(bearer, { action: 'pause' })).status).toBe(401)
  }
  expect((await three.fetch(url)).status).toBe(401)
  expect((await post(token(own, { aud: 'party-0/pause' }), { action: 'drain' })).status).toBe(401)
  for (const body of [null, {}, { action: 'toString' }, 'pause'])
    expect((await post(token(own, { aud: 'party-0/pause' }), body)).status).toBe(400)
  expect(await operatorOf(0).status()).toMatchObject({ mode: 'running', modeSince: null })
  // Reads are not the operator's business, and the token of one is not good for the other.
  const read = { headers: { authorization: `Bearer ${token(own)}` } }
  expect((await three.fetch(`${three.parties[0].endpoint}/v1/log`, read)).status).toBe(401)
  await expect(operatorOf(0, signerOf(1)).act('pause')).rejects.toMatchObject({ rule: 'not-the-operator' })
})

test('a paused party stores and does nothing, also after a restart, and goes on to the same result', async () => {
  const { cast, versions, request, open, frames } = await startHeldRun()
  expect(await operatorOf(1).act('pause')).toMatchObject({
    mode: 'paused',
    open: [{ request, state: 'running' }],
  })
  await waitFor('the worker to leave', async () => {
    const [one] = (await operatorOf(1).status()).open
    return one?.workerSeenAt === null ? true : undefined
  })
  // Only now may frames pass again: a quick run could be over before its worker looks at the mode.
  open()
  await new Promise(resolve => setTimeout(resolve, 300))
  const before = frames()
  const second = await cast.ask(versions)
  await cast.say({ kind: 'refusal', request: second, by: 'dpo', reason: 'not now' }, cast.dpo)
  await three.restart(1)
  await new Promise(resolve => setTimeout(resolve, 600))
  expect(frames()).toBe(before)
  expect((await cast.status(1, second)).state).toBe('requested')
  expect((await cast.status(0, request)).state).toBe('running')
  expect(await Promise.all(PARTIES.map(async party => (await cast.status(party, request)).isPaused))).toEqual(
    [undefined, true, undefined],
  )
  expect(await operatorOf(1).act('resume')).toMatchObject({ mode: 'running' })
  for (const party of PARTIES) expect((await cast.ended(party, request)).state).toBe('done')
  expect(await rowsOf(cast, request)).toEqual(ROWS)
  for (const party of PARTIES) expect((await cast.ended(party, second)).state).toBe('refused')
  const entries = (await three.parties[1].party.log(0, 500)).entries.filter(
    ({ event }) => event === 'mode-set',
  )
  expect(entries.map(({ detail }) => detail)).toEqual([
    { before: 'running', mode: 'paused' },
    { before: 'paused', mode: 'running' },
  ])
})

test('a draining party finishes its run, refuses what waits and what is new, and then nothing is open', async () => {
  const { cast, versions, request, open } = await startHeldRun()
  const waiting = await cast.ask(versions)
  await cast.offers(waiting)
  const approval = await cast.approval(waiting, cast.owners[0], versions)
  const operator = operatorOf(1)
  await operator.act('drain')
  await operator.act('drain')
  for (const party of PARTIES)
    expect(await cast.ended(party, waiting)).toMatchObject({
      state: 'refused',
      reason: { rule: 'party-draining', by: 'operator 1', hint: expect.any(String) },
    })
  const { document } = (await cast.documents(1, 'request', request))[0]!
  const refused = [
    [signDocument({ ...document, expiresAt: new Date(Date.now() + 60_000).toISOString() }, cast.recipient)],
    [signDocument(approval, cast.owners[0])],
    [signDocument({ ...versions[0].document, sequence: 2 }, cast.owners[0])],
  ]
  for (const [signed] of refused) {
    const response = await cast.post(1, signed)
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ rule: 'party-draining', hint: expect.any(String) })
  }
  const piece = `${three.parties[1].endpoint}/v1/chunks/${versions[0].digest}/0`
  const headers = { 'content-type': 'application/octet-stream' }
  expect((await three.fetch(piece, { method: 'PUT', headers, body: new Uint8Array(8) })).status).toBe(409)

  await expect(waitUntilDrained(operator, { timeoutMs: 100, everyMs: 50 })).rejects.toThrow(Unavailable)
  open()
  const seen: number[] = []
  const drained = await waitUntilDrained(operator, {
    timeoutMs: 20_000,
    everyMs: 20,
    onProgress: ({ open: left }) => void seen.push(left.length),
  })
  expect(seen.at(-1)).toBe(0)
  expect(drained).toMatchObject({ mode: 'draining', open: [] })
  for (const party of PARTIES) expect((await cast.ended(party, request)).state).toBe('done')
  expect(await rowsOf(cast, request)).toEqual(ROWS)
  await operator.act('resume')
  const again = await cast.ask(versions)
  await cast.offers(again)
})
