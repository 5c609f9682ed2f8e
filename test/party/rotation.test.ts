/** A party gets new keys while its federation lives: before, during and after, and everybody who tries it otherwise. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Connection, connect, newestVersions, postSigned } from '../../client/sdk/federation-client.ts'
import { fetchEntries, headsOf, verifyEntries } from '../../client/sdk/log.ts'
import { connectOperator, waitUntilDrained } from '../../client/sdk/party-control.ts'
import { createRequest } from '../../client/sdk/request.ts'
import { fetchResult } from '../../client/sdk/result.ts'
import { progressOf } from '../../client/sdk/watch.ts'
import { toBase64url } from '../../shared/base/bytes.ts'
import { Unavailable } from '../../shared/base/errors.ts'
import type { Signer } from '../../shared/crypto/jws.ts'
import { keyId } from '../../shared/crypto/key-id.ts'
import { generateBoxKeyPair } from '../../shared/crypto/sealed-box.ts'
import { signingKeyPair } from '../../shared/crypto/signature.ts'
import type { Federation } from '../../shared/governance/document/federation.ts'
import {
  coSignDocument,
  type OpenedDocument,
  openFederation,
  type SignedDocument,
  signDocument,
} from '../../shared/governance/sign.ts'
import { PARTIES, type PartyIndex } from '../../shared/sharing/shared.ts'
import { type Player, partySigner, pushRows, runToEnd, type Stage, setStage } from '../client/members.ts'

const SQL =
  'SELECT country, COUNT(*) AS people, SUM(amount) AS total FROM pay GROUP BY country ORDER BY country'
const ROWS = [
  ['DE', 3, '35.00'],
  ['FR', 2, '9.00'],
]
/** The party whose keys change. */
const ROTATED = 1

const fresh = () => ({
  signingSeed: new Uint8Array(randomBytes(32)),
  sealingSeed: new Uint8Array(randomBytes(32)),
})
const newSecrets = fresh()
const signerOf = ({ signingSeed }: { signingSeed: Uint8Array }): Signer => ({
  kid: keyId(signingKeyPair(signingSeed).publicKey),
  secretKey: signingSeed,
})

let stage: Stage
let first: OpenedDocument<'federation'>
let oldSigners: readonly Signer[]
let earlierRequest: OpenedDocument<'request'>
let next: Federation
let successor: SignedDocument

const signedBy = (federation: Federation, signers: readonly Signer[]): SignedDocument => {
  const [one, ...others] = signers
  return others.reduce((signed, by) => coSignDocument(signed, by), signDocument(federation, one as Signer))
}
const memberSigners = (): Signer[] =>
  [stage.ann, stage.bob].map(({ keys }) => ({ kid: keys.kid, secretKey: keys.signing.secretKey }))
/** The parties in order, the rotated one with its new key. */
const newSigners = (): Signer[] => oldSigners.map((old, i) => (i === ROTATED ? signerOf(newSecrets) : old))
const everybody = (): Signer[] => [...newSigners(), ...memberSigners(), oldSigners[ROTATED] as Signer]

const operatorOf = (party: PartyIndex, signer = oldSigners[party] as Signer) =>
  connectOperator({ party, endpoint: stage.three.parties[party].endpoint, signer, fetch: stage.three.fetch })
const connected = ({ keys }: Player, federation: SignedDocument, earlier: SignedDocument[]): Connection =>
  connect({ federation, earlier, keys, fetch: stage.three.fetch, tries: 1 })
const send = (to: PartyIndex, signed: SignedDocument) =>
  stage.rita.connection.fronts[to].json({
    method: 'POST',
    path: 'v1/documents',
    json: { ...signed } as never,
  })

beforeAll(async () => {
  stage = await setStage()
  first = openFederation(stage.manifest)
  oldSigners = stage.three.parties.map(partySigner)
  const newKeys = {
    signingKey: toBase64url(signingKeyPair(newSecrets.signingSeed).publicKey),
    sealingKey: toBase64url((await generateBoxKeyPair(newSecrets.sealingSeed)).publicKey),
  }
  next = {
    ...first.document,
    version: 2,
    previous: first.digest,
    parties: first.document.parties.map(party =>
      party.index === ROTATED ? { ...party, ...newKeys } : party,
    ) as unknown as Federation['parties'],
  }
  successor = signedBy(next, everybody())
  await pushRows(stage.ann, [
    ['DE', '10.00'],
    ['DE', '20.00'],
    ['FR', '4.00'],
  ])
  await pushRows(stage.bob, [
    ['DE', '5.00'],
    ['FR', '5.00'],
  ])
  earlierRequest = await runToEnd(stage, { sql: SQL })
})
afterAll(() => stage.three.close())

test('before: no party changes over while it works, and new keys do not start with the old manifest', async () => {
  for (const party of PARTIES)
    await expect(send(party, successor)).rejects.toMatchObject({ rule: 'federation-not-drained' })
  await expect(stage.three.restart(ROTATED, newSecrets)).rejects.toMatchObject({
    rule: 'federation-other-keys',
    hint: expect.stringContaining('key file'),
  })
  for (const party of PARTIES)
    expect((await operatorOf(party).status()).manifest).toMatchObject({ version: 1, digest: first.digest })
})

test('during: drained parties take the one manifest that follows, and nothing that only looks like it', async () => {
  const { digest: waiting } = await createRequest(stage.rita.connection, { purpose: 'pay equity', sql: SQL })
  // A second process of party 2 over the same stores, such as another function.
  const other = stage.three.parties[2].party
  await stage.three.restart(2)
  for (const party of PARTIES) await operatorOf(party).act('drain')
  for (const party of PARTIES) await waitUntilDrained(operatorOf(party), { timeoutMs: 20_000, everyMs: 20 })
  const request = { ...earlierRequest, digest: waiting }
  expect(await progressOf(stage.rita.connection, request)).toMatchObject({ state: 'refused' })

  const refused: readonly (readonly [Federation, readonly Signer[], string])[] = [
    [next, everybody().slice(0, -1), 'federation-not-handed-over'],
    [next, everybody().filter((_, i) => i !== 3), 'federation-unsigned'],
    [next, everybody().filter((_, i) => i !== ROTATED), 'federation-unsigned'],
    [{ ...next, version: 3 }, everybody(), 'federation-not-next'],
    [{ ...next, previous: toBase64url(new Uint8Array(32)) }, everybody(), 'federation-pinned'],
    [
      {
        ...next,
        parties: next.parties.map(party =>
          party.index === 0 ? { ...party, operator: 'somebody else' } : party,
        ) as unknown as Federation['parties'],
      },
      everybody(),
      'federation-party-changed',
    ],
  ]
  for (const [federation, signers, rule] of refused)
    for (const party of PARTIES)
      await expect(send(party, signedBy(federation, signers)), rule).rejects.toMatchObject({ rule })

  for (const party of PARTIES) await send(party, successor)
  for (const party of PARTIES) await send(party, successor)
  for (const party of PARTIES) {
    expect((await operatorOf(party).status()).manifest).toMatchObject({ version: 2 })
    const fork = signedBy({ ...next, purposes: ['another purpose'] }, everybody())
    await expect(send(party, fork)).rejects.toThrow()
  }
  expect((await other.manifest())?.opened.document.version).toBe(2)
  // The process that has the old key takes nothing any more, and cannot be started again.
  const late = signDocument(earlierRequest.document, stage.rita.connection.signer)
  await expect(send(ROTATED, late)).rejects.toThrow(Unavailable)
  await expect(stage.three.restart(ROTATED)).rejects.toMatchObject({ rule: 'federation-other-keys' })
  await stage.three.restart(ROTATED, newSecrets)
})

test('after: a run on data that was shared before, results and logs of before, and no way back', async () => {
  for (const party of PARTIES) await operatorOf(party, newSigners()[party]).act('resume')
  await expect(operatorOf(ROTATED).status()).rejects.toMatchObject({ rule: 'not-the-operator' })

  const old = stage.rita.connection
  await expect(newestVersions(old, 'pay')).rejects.toMatchObject({
    rule: 'federation-superseded',
    hint: expect.stringContaining('federation show'),
  })
  await expect(postSigned(old, signDocument(earlierRequest.document, old.signer))).resolves.toBeUndefined()
  const again = { ...earlierRequest.document, createdAt: new Date().toISOString() }
  await expect(postSigned(old, signDocument(again, old.signer))).rejects.toMatchObject({
    rule: 'request-other-federation',
    hint: expect.stringContaining('manifest'),
  })
  const refusal = { kind: 'refusal', request: earlierRequest.digest, by: 'operator 1', reason: 'no' } as const
  await expect(send(0, signDocument(refusal, oldSigners[ROTATED] as Signer))).rejects.toMatchObject({
    rule: 'signer-former',
  })

  const under = (player: Player): Player => ({
    ...player,
    connection: connected(player, successor, [stage.manifest]),
  })
  const now: Stage = { ...stage, ann: under(stage.ann), bob: under(stage.bob), rita: under(stage.rita) }
  const request = await runToEnd(now, { sql: SQL })
  expect(request.document.federation).not.toBe(earlierRequest.document.federation)
  expect(request.document.versions).toEqual(earlierRequest.document.versions)
  expect((await fetchResult(now.rita.connection, request)).report.rows).toEqual(ROWS)
  expect((await fetchResult(now.rita.connection, earlierRequest)).report.rows).toEqual(ROWS)
  // A member that joined with this version knows no other one.
  const joined = connected(stage.rita, successor, [])
  expect(await newestVersions(joined, 'pay')).toHaveLength(2)

  for (const party of PARTIES) {
    const entries = await fetchEntries(now.ann.connection, party)
    const heads = await headsOf(now.ann.connection, party)
    expect(new Set(heads.map(({ head }) => head.federation)).size).toBe(2)
    expect(verifyEntries(entries, heads).state.entries).toBe(entries.length)
    const events = (entries as { event: string; detail: object }[]).filter(
      ({ event }) => event === 'federation-succeeded',
    )
    expect(events[0]?.detail).toMatchObject({ version: 2, previous: first.digest })
  }
})
