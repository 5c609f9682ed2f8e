/** The front to people it does not know: a status code, and not a byte more. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startThreeParties, type ThreeParties } from '../../functions/local/three-parties.ts'
import { signToken } from '../../shared/crypto/jws.ts'
import { signDocument, signedText } from '../../shared/governance/sign.ts'
import { FRAME_BYTES_MAX } from '../../shared/wire/frame.ts'
import { type Cast, castOf, found, type Person, person } from '../support/federation.ts'

let three: ThreeParties
let cast: Cast
let stranger: Person
const url = (path: string) => `${three.parties[0].endpoint}${path}`
const digest = 'A'.repeat(43)

beforeAll(async () => {
  three = await startThreeParties()
  cast = await castOf(three)
  stranger = await person('stranger')
})
afterAll(() => three.close())

const READS = [
  '/v1/documents?kind=request',
  `/v1/requests/${digest}`,
  `/v1/requests/${digest}/result`,
  '/v1/log',
]

const expectNothingBut = async (status: number, response: Response): Promise<void> => {
  expect([response.status, await response.text()]).toEqual([status, ''])
}

test('before the manifest has arrived a party asks to come again later', async () => {
  const refusal = { kind: 'refusal', request: digest, by: 'dpo', reason: 'no' } as const
  await expectNothingBut(503, await cast.post(0, signedText(signDocument(refusal, cast.dpo))))
  await found(cast)
  await found(cast)
})

test('reads without a good token', async () => {
  const nowS = Math.floor(Date.now() / 1000)
  const claims = {
    sub: cast.recipient.kid,
    aud: 'party-0',
    iat: nowS,
    exp: nowS + 30,
    federation: cast.digest,
  }
  const token = (changes: Partial<typeof claims>, by = cast.recipient) =>
    signToken({ ...claims, ...changes }, by.secretKey)
  const bad = [
    undefined,
    'nonsense',
    token({ aud: 'party-1' }),
    token({ federation: digest }),
    token({ iat: nowS - 150, exp: nowS - 100 }),
    token({ exp: nowS + 600 }),
    token({ sub: stranger.kid }, stranger),
    token({}, stranger),
  ]
  for (const path of READS)
    for (const one of bad) {
      const headers: Record<string, string> = one === undefined ? {} : { authorization: `Bearer ${one}` }
      const response = await three.fetch(url(path), { headers })
      expect(await response.text(), `${path} ${one}`).toBe('')
      expect([400, 401], `${path} ${one}`).toContain(response.status)
    }
  const good = await three.fetch(url(READS[0]!), { headers: { authorization: `Bearer ${token({})}` } })
  expect(good.status).toBe(200)
})

test('a member is told what is wrong with a read', async () => {
  const unknown = await cast.get(0, `/v1/requests/${digest}`, cast.recipient)
  expect([unknown.status, unknown.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
  expect(await unknown.json()).toMatchObject({ rule: 'request-unknown', status: 404 })
  expect((await cast.get(0, '/v1/documents?kind=secrets', cast.recipient)).status).toBe(422)
})

test('health and paths that do not exist', async () => {
  await expectNothingBut(204, await three.fetch(url('/v1/health')))
  await expectNothingBut(404, await three.fetch(url('/v2/documents')))
  await expectNothingBut(404, await three.fetch(url('/v1/shares')))
})

const post = (path: string, body: BodyInit, headers: Record<string, string>, method = 'POST') =>
  three.fetch(url(path), { method, headers, body, duplex: 'half' } as RequestInit)
const octets = { 'content-type': 'application/octet-stream' }

test('bodies of another type than the one expected', async () => {
  await expectNothingBut(400, await post('/v1/documents', '{}', { 'content-type': 'text/plain' }))
  await expectNothingBut(400, await post('/v1/frames', 'x', { 'content-type': 'application/json' }))
})

test('a body that says that it is too large is not read at all', async () => {
  let pulled = 0
  const endless = new ReadableStream({
    pull: controller => {
      pulled++
      controller.enqueue(new Uint8Array(1 << 16))
    },
  })
  const headers = { ...octets, 'content-length': String(FRAME_BYTES_MAX + 1) }
  await expectNothingBut(413, await post('/v1/frames', endless, headers))
  expect(pulled).toBeLessThan(3)
})

test('a body that does not say how large it is, is read up to the limit', async () => {
  for (const [method, path, limit] of [
    ['POST', '/v1/frames', FRAME_BYTES_MAX],
    ['POST', '/v1/documents', 2 << 20],
    ['PUT', `/v1/chunks/${digest}/0`, 256 * 1024 + 16],
  ] as const) {
    let pulled = 0
    const endless = new ReadableStream({
      pull: controller => {
        pulled++
        controller.enqueue(new Uint8Array(1 << 16))
      },
    })
    const headers = path === '/v1/documents' ? { 'content-type': 'application/json' } : octets
    await expectNothingBut(413, await post(path, endless, headers, method))
    expect(pulled * (1 << 16)).toBeLessThan(limit + 4 * (1 << 16))
  }
})

test('frames and pieces of nobody', async () => {
  await expectNothingBut(400, await post('/v1/frames', new Uint8Array(10), octets))
  await expectNothingBut(404, await post(`/v1/chunks/${digest}/0`, new Uint8Array(10), octets, 'PUT'))
})
