/** What a front takes in a minute: strangers share a little, each known signer has its own. */
import { afterEach, expect, test } from 'vitest'
import { startThreeParties, type ThreeParties } from '../../functions/local/three-parties.ts'
import { DEFAULT_LIMITS, type Limits } from '../../functions/party/rate-limit.ts'
import { fromBase64url, toBase64url } from '../../shared/base/bytes.ts'
import { signToken } from '../../shared/crypto/jws.ts'
import { signDocument, signedText } from '../../shared/governance/sign.ts'
import type { Clock } from '../../shared/port/clock.ts'
import { type Cast, castOf, found, person } from '../support/federation.ts'

/** Stands still unless it is told to go on: buckets fill by it, and nothing here waits. */
const handClock = (): Clock & { aheadMs: number } => {
  const startMs = Date.now()
  const clock = {
    aheadMs: 0,
    nowMs: () => startMs + clock.aheadMs,
    sleep: () => new Promise<void>(() => {}),
  }
  return clock
}

let three: ThreeParties
let cast: Cast
const clock = handClock()
afterEach(() => three.close())
const startWith = async (limits: Partial<Limits>, lines: string[] = []): Promise<void> => {
  clock.aheadMs = 0
  three = await startThreeParties({
    limits,
    clock,
    log: () => ({ write: (_, event) => void lines.push(event) }),
  })
  cast = await castOf(three)
  await found(cast)
  // Founding was done by strangers: the bucket is full again.
  clock.aheadMs = 120_000
}
const url = (path: string): string => `${three.parties[0].endpoint}${path}`
const times = async (count: number, ask: () => Promise<Response>): Promise<number[]> => {
  const statuses: number[] = []
  for (let i = 0; i < count; i++) statuses.push((await ask()).status)
  return statuses
}
const read = (by = cast.recipient): Promise<Response> => {
  const iat = Math.floor(clock.nowMs() / 1000)
  const claims = { sub: by.kid, aud: 'party-0', iat, exp: iat + 30, federation: cast.digest }
  const token = signToken(claims, by.secretKey)
  return three.fetch(url('/v1/log'), { headers: { authorization: `Bearer ${token}` } })
}
const frame = (body: Uint8Array): Promise<Response> =>
  three.fetch(url('/v1/frames'), {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: body as Uint8Array<ArrayBuffer>,
  })

test('strangers share one small bucket for whatever they do, and are told nothing but when to come again', async () => {
  const lines: string[] = []
  await startWith({ strangers: 5 }, lines)
  const stranger = await person('stranger')
  const refusal = { kind: 'refusal', request: 'A'.repeat(43), by: 'dpo', reason: 'no' } as const
  const unknown = signedText(signDocument(refusal, stranger))
  expect(await times(1, () => three.fetch(url('/v1/log')))).toEqual([401])
  expect(await times(1, () => read(stranger))).toEqual([401])
  expect(await times(1, () => frame(new Uint8Array(300).fill(1)))).toEqual([400])
  expect(await times(1, () => cast.post(0, unknown))).toEqual([401])
  expect(await times(1, () => cast.post(0, '{"signatures":[{"protected":7}]}'))).toEqual([400])
  const later = await three.fetch(url('/v1/log'))
  expect([later.status, later.headers.get('retry-after'), await later.text()]).toEqual([429, '1', ''])
  for (const ask of [() => read(stranger), () => frame(new Uint8Array(300)), () => cast.post(0, unknown)])
    expect(await times(3, ask)).toEqual([429, 429, 429])
  expect((await three.fetch(url('/v1/health'))).status).toBe(204)
  // A flood is one line in the log.
  expect(lines.filter(event => event === 'rate-limited')).toHaveLength(1)
  // Members notice nothing of it.
  expect((await read()).status).toBe(200)
  clock.aheadMs += 12_000
  expect(await times(2, () => three.fetch(url('/v1/log')))).toEqual([401, 429])
})

test('a forged claim spends the bucket of the one it names, and over the limit its signature is not looked at', async () => {
  await startWith({ reads: 1, writes: 1, frames: 1 })
  const forger = { ...(await person('forger')), kid: cast.dpo.kid }
  const refusal = { kind: 'refusal', request: 'A'.repeat(43), by: 'dpo', reason: 'no' } as const
  const claimed = new Uint8Array(400)
  claimed[0] = 1
  claimed.set(fromBase64url(cast.digest), 1)
  claimed[77] = 1
  new DataView(claimed.buffer).setUint32(111, claimed.length - 211)
  for (const ask of [
    () => read(forger),
    () => cast.post(0, signedText(signDocument(refusal, forger))),
    () => frame(claimed),
  ])
    expect(await times(2, ask)).toEqual([401, 429])
})

test('each signer has buckets of its own for reads and writes', async () => {
  await startWith({ reads: 3, writes: 2 })
  expect(await times(4, () => read())).toEqual([200, 200, 200, 429])
  expect((await read(cast.dpo)).status).toBe(200)
  const refusal = { kind: 'refusal', request: 'A'.repeat(43), by: 'dpo', reason: 'no' } as const
  const text = signedText(signDocument(refusal, cast.dpo))
  expect(await times(3, () => cast.post(0, text))).toEqual([404, 404, 429])
  const other = signedText(signDocument({ ...refusal, by: 'analyst' }, cast.recipient))
  expect((await cast.post(0, other)).status).toBe(404)
})

test('the upload of a million rows of eight columns is far below what a signer may write in a minute', () => {
  const pieces = (1_000_000 * 8 * 2 * (8 + 8)) / (256 * 1024)
  expect(pieces).toBeLessThan(DEFAULT_LIMITS.writes / 4)
})

test('a peer that makes up requests is kept short, and one whose request arrives has its place back', async () => {
  await startWith({})
  const { secrets, party } = three.parties[1]
  const signer = { kid: party.world.keyring.signer.kid, secretKey: secrets.signingSeed }
  const madeUp = (i: number): string =>
    toBase64url(
      new Uint8Array(32)
        .fill(1)
        .fill(i, 0, 1)
        .fill(i >> 8, 1, 2),
    )
  const abortOf = (i: number): string => {
    const [request, run] = [madeUp(i), madeUp(i)]
    return signedText(signDocument({ kind: 'abort', request, run, party: 1, check: 'x' }, signer))
  }
  const logged = async () => (await three.parties[0].party.log(0, 100_000)).entries.length
  for (let i = 0; i < 256; i++) expect((await cast.post(0, abortOf(i))).status).toBe(202)
  const before = await logged()
  const refused = await cast.post(0, abortOf(256))
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5'])
  expect(await refused.json()).toMatchObject({ rule: 'document-too-early' })
  // Said about one of them again, it is no new request; refused ones leave no trace.
  expect((await cast.post(0, abortOf(3))).status).toBe(202)
  for (let i = 257; i < 300; i++) await cast.post(0, abortOf(i))
  expect(await logged()).toBe(before)
  // No request can be older than the federation lets it live.
  clock.aheadMs += cast.federation.policy.approvalHoursMax * 3_600_000
  expect((await cast.post(0, abortOf(256))).status).toBe(202)
})
