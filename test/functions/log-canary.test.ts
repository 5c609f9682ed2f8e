/**
 * Canaries: three parties go through a report, and through every kind of trouble that leaves a trace; no row value, share,
 * key, token or passphrase is found in what operators, strangers or databases' owners can read.
 */
import { randomBytes, scryptSync } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { type Passing, startThreeParties } from '../../functions/local/three-parties.ts'
import { jsonLog } from '../../functions/party/json-log.ts'
import { createTally } from '../../functions/party/telemetry/tally.ts'
import { toBase64url, utf8 } from '../../shared/base/bytes.ts'
import { signToken } from '../../shared/crypto/jws.ts'
import { grantFor, unlockBatch } from '../../shared/data/owner-lock.ts'
import { signDocument, signedText } from '../../shared/governance/sign.ts'
import { newPartyKeyFile, openPartyKeyFile } from '../../shared/party/key-file.ts'
import type { Store } from '../../shared/port/store.ts'
import { PARTIES, type PartyIndex } from '../../shared/sharing/shared.ts'
import { nativeFrameCrypto } from '../../shared/wire/native-frame-crypto.ts'
import { bytesCanary, type Canary, escaped, textCanary } from '../support/canary.ts'
import { castOf, found, type Row } from '../support/federation.ts'

const canaries: Canary[] = []
/** What anybody but the party itself may see, by where it was seen. */
const seen = { log: [] as string[], problems: [] as string[], urls: [] as string[], keys: [] as string[] }
const tallies = PARTIES.map(() => createTally())
let meddle = (_: Passing): Uint8Array | undefined => undefined

const watched = (store: Store): Store => ({
  ...store,
  putIfAbsent: (key, value) => {
    seen.keys.push(key)
    return store.putIfAbsent(key, value)
  },
})
const three = await startThreeParties({
  log: party => jsonLog(party, line => seen.log.push(line)),
  telemetry: party => tallies[party]!,
  databases: (_, real) => ({ ...real, durable: watched(real.durable), volatile: watched(real.volatile) }),
  network: async (passing, deliver) => {
    const response = await deliver(meddle(passing) ?? passing.body)
    if (!response.ok) seen.problems.push(await response.clone().text())
    return response
  },
  deadlines: { roundMs: 1500, readyMs: 1500, postMs: 3000 },
  tickMs: 100,
})
const send: typeof fetch = async (input, init) => {
  seen.urls.push(input instanceof Request ? input.url : String(input))
  const response = await three.fetch(input, init)
  if (!response.ok) seen.problems.push(JSON.stringify([...response.headers]), await response.clone().text())
  return response
}
const cast = await castOf({ ...three, fetch: send })
await found(cast)
afterAll(() => three.close())

const salaries = [73_911, 88_427, 64_339, 91_753]
const TIMES = 64
const rows: Row[] = Array.from({ length: TIMES }, () => salaries)
  .flat()
  .map((salary, i) => [i % 2 === 0 ? 'junior' : 'senior', salary])
for (const salary of salaries) canaries.push(textCanary('a row value', String(salary)))
const sums = [salaries[0]! + salaries[2]!, salaries[1]! + salaries[3]!].map(sum => 2 * TIMES * sum)
for (const sum of sums) canaries.push(textCanary('a value of the result', String(sum)))
for (const { secrets } of three.parties) {
  canaries.push(bytesCanary('a signing key of a party', secrets.signingSeed))
  canaries.push(bytesCanary('a sealing key of a party', secrets.sealingSeed))
}
for (const person of [...cast.owners, cast.recipient, cast.dpo]) {
  canaries.push(bytesCanary(`the signing key of ${person.name}`, person.secretKey))
  canaries.push(bytesCanary(`the sealing key of ${person.name}`, person.box.secretKey))
}

const pushAll = async () => {
  const pushed = []
  for (const owner of cast.owners) {
    const pieces = new Map<PartyIndex, Uint8Array[]>()
    const version = await cast.push(owner, rows, (own, party) => {
      pieces.set(party, own.slice())
    })
    canaries.push(bytesCanary('the secret of a data version', version.secret))
    for (const party of PARTIES) {
      const { version: name, shareDigests } = version.document
      const grant = grantFor(version.secret, name, party)
      canaries.push(bytesCanary('a grant', grant))
      const holding = unlockBatch(nativeFrameCrypto, grant, name, party, pieces.get(party)!, shareDigests)
      for (const part of [holding.own, holding.next]) canaries.push(bytesCanary('a share', part))
    }
    pushed.push(version)
  }
  return pushed
}

/** Asks, notes the keys of the run while they exist, and approves. */
const askAndApprove = async (versions: Awaited<ReturnType<typeof pushAll>>): Promise<string> => {
  const request = await cast.ask(versions)
  await cast.offers(request)
  for (const { party } of three.parties) {
    const pair = await party.world.keyring.runKey(`${request}-1`)
    canaries.push(bytesCanary('the key of a run', pair!.secretKey))
  }
  for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
  return request
}

test('a whole run, and every kind of trouble', async () => {
  const versions = await pushAll()
  const done = await askAndApprove(versions)
  for (const party of PARTIES) expect(await cast.ended(party, done)).toMatchObject({ state: 'done' })
  const report = await cast.report(done, shares => {
    for (const { own, next } of shares)
      for (const { words } of [own, next])
        canaries.push(bytesCanary('a share of the result', new Uint8Array(words.buffer, words.byteOffset)))
  })
  expect(report.rows.map(row => String(row[2])).sort()).toEqual(sums.map(String).sort())

  // A frame that is altered on its way, and the run that ends by it.
  meddle = ({ path, from, body }) => {
    if (path !== '/v1/frames' || from !== 1) return undefined
    const altered = body.slice()
    altered[altered.length - 1] = altered[altered.length - 1]! ^ 1
    return altered
  }
  const aborted = await askAndApprove(versions)
  for (const party of PARTIES) expect(await cast.ended(party, aborted)).toMatchObject({ state: 'aborted' })
  meddle = () => undefined

  // A piece that is altered, a value where none belongs, text that is no JSON, a token in the wrong place, a lost database.
  const secret = `${salaries[0]}`
  const hidden = randomBytes(32)
  canaries.push(bytesCanary('bytes in a broken body', hidden))
  const { endpoint } = three.parties[0]
  const iat = Math.floor(Date.now() / 1000)
  const claims = { sub: cast.recipient.kid, aud: 'party-1', iat, exp: iat + 30, federation: cast.digest }
  const token = signToken(claims, cast.recipient.secretKey)
  canaries.push(textCanary('a token', token), textCanary('the signature of a token', token.split('.')[2]!))
  const known = { authorization: `Bearer ${token}` }
  const json = { 'content-type': 'application/json' }
  const octets = { 'content-type': 'application/octet-stream' }
  const wrong: RequestInit[] = [
    { method: 'POST', headers: json, body: `{"salary": ${secret}, "key": "${toBase64url(hidden)}` },
    { method: 'POST', headers: json, body: `${toBase64url(hidden)}` },
    {
      method: 'POST',
      headers: json,
      body: signedText(
        signDocument(
          {
            kind: 'refusal',
            request: secret,
            by: 'dpo',
            reason: 'no',
            [toBase64url(hidden)]: secret,
          } as never,
          cast.dpo,
        ),
      ),
    },
    {
      method: 'POST',
      headers: { ...json, ...known },
      body: JSON.stringify({ payload: secret, signatures: [] }),
    },
  ]
  for (const init of wrong) expect((await send(`${endpoint}/v1/documents`, init)).ok).toBe(false)
  const piece = { method: 'PUT', headers: { ...octets, ...known }, body: utf8(secret.repeat(20)) as never }
  expect((await send(`${endpoint}/v1/chunks/${versions[0]!.digest}/0`, piece)).ok).toBe(false)
  const [owner] = cast.owners
  const stale = await cast.approval(done, owner, versions)
  expect((await cast.post(0, signedText(signDocument({ ...stale, purpose: 'another' }, owner)))).ok).toBe(
    false,
  )
  // Only who asks puts a secret into an address; the party must not hand it on.
  const before = seen.urls.length
  for (const path of [`/v1/requests/${toBase64url(hidden)}`, `/v1/log?after=${secret}x`, `/v1/${secret}`])
    for (const headers of [known, { authorization: `Bearer ${toBase64url(hidden)}` }])
      expect((await send(`${endpoint}${path}`, { headers })).ok).toBe(false)
  seen.urls.splice(before)
  await three.idle()

  const events = new Set(seen.log.map(line => (JSON.parse(line) as { event: string }).event))
  for (const event of ['done', 'aborted', 'refused', 'document-refused', 'offered'])
    expect(events, event).toContain(event)
  expect(seen.problems.some(text => text.includes('"rule"'))).toBe(true)
})

test('every line is one object that says when, how bad, which party and what', () => {
  for (const line of seen.log) {
    const entry = JSON.parse(line) as Record<string, unknown>
    expect(new Date(entry.time as string).toISOString()).toBe(entry.time)
    expect(['info', 'warn', 'error']).toContain(entry.level)
    expect(PARTIES).toContain(entry.party)
    expect(entry.event).toMatch(/^[a-z][a-z-]+$/)
  }
  // The log of a party names the party that writes it, also when an event is about another one.
  const lines: string[] = []
  jsonLog(0, line => lines.push(line)).write('info', 'head-witnessed', { party: 2, time: 'now' })
  expect(JSON.parse(lines[0]!)).toMatchObject({ party: 0, aboutParty: 2, aboutTime: 'now' })
})

test('no secret is in logs, answers, addresses, keys of records, audit logs or measurements', async () => {
  const audit = await Promise.all(three.parties.map(({ party }) => party.log(0, 100_000)))
  const places: Record<string, string> = {
    log: seen.log.join(''),
    problems: seen.problems.join('\n'),
    addresses: seen.urls.join('\n'),
    keys: seen.keys.join('\n'),
    audit: JSON.stringify(audit),
    measurements: JSON.stringify(tallies.map(tally => [tally.totals(), tally.spans])),
  }
  for (const [place, text] of Object.entries(places)) {
    expect(text.length, place).toBeGreaterThan(100)
    expect(escaped(canaries, text), place).toEqual([])
  }
  expect(canaries.length).toBeGreaterThan(40)
})

test('each canary is found in any of its forms', () => {
  for (const { what, forms } of canaries)
    for (const form of forms) expect(escaped(canaries, `{"a":"x ${form}"}`), form).toContain(what)
  const bytes = new Uint8Array(randomBytes(40))
  const canary = bytesCanary('key', bytes)
  const around = [randomBytes(5), bytes, randomBytes(4)]
  for (const skip of [0, 1, 2]) {
    const all = Buffer.concat([randomBytes(skip), ...around])
    for (const encoding of ['base64', 'base64url', 'hex'] as const)
      expect(escaped([canary], all.toString(encoding)), `${encoding} ${skip}`).toEqual(['key'])
    expect(escaped([canary], JSON.stringify([...all]))).toEqual(['key'])
  }
})

test('a key file that does not open says nothing of the passphrase', async () => {
  const passphrase = 'correct horse battery staple'
  const host = {
    random: (length: number) => new Uint8Array(randomBytes(length)),
    scrypt: (text: string, salt: Uint8Array) => new Uint8Array(scryptSync(text, salt, 32)),
  }
  const file = await newPartyKeyFile('another', host)
  const error = ((): unknown => {
    try {
      return openPartyKeyFile(file, passphrase, { ...host, where: 'party-key.json' })
    } catch (caught) {
      return caught
    }
  })() as Error & { hint?: string }
  expect(error).toBeInstanceOf(Error)
  expect(`${error.message} ${error.hint} ${error.stack} ${String(error.cause)}`).not.toContain(passphrase)
})
