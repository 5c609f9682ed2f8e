/** A report through the SDK against three parties, and everything that the client itself has to notice. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { review } from '../../client/sdk/approve.ts'
import {
  digestOfBytes,
  findDocuments,
  newestVersions,
  pick,
  requests,
} from '../../client/sdk/federation-client.ts'
import { fetchEntries, headsOf, verifyEntries } from '../../client/sdk/log.ts'
import { refuse } from '../../client/sdk/refuse.ts'
import { createRequest, prepareRequest } from '../../client/sdk/request.ts'
import { fetchResult } from '../../client/sdk/result.ts'
import { progressOf, requireDone, watch } from '../../client/sdk/watch.ts'
import { Abort, InputError, Refusal } from '../../shared/base/errors.ts'
import { unseal } from '../../shared/crypto/sealed-box.ts'
import type { Done } from '../../shared/governance/document/done.ts'
import type { Offer } from '../../shared/governance/document/offer.ts'
import {
  type OpenedDocument,
  openDocumentOf,
  type SignedDocument,
  signDocument,
} from '../../shared/governance/sign.ts'
import { openResult, sealResult } from '../../shared/party/result.ts'
import type { Revealed } from '../../shared/protocol/reveal.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { revealedBy } from '../../shared/sql/plan.ts'
import { intercept, PURPOSE, partySigner, pushRows, runToEnd, type Stage, say, setStage } from './members.ts'

const SQL =
  'SELECT country, COUNT(*) AS people, SUM(amount) AS total, AVG(amount) AS mean FROM pay GROUP BY country ORDER BY country'

let stage: Stage
let request: OpenedDocument<'request'>

beforeAll(async () => {
  stage = await setStage()
  await pushRows(stage.ann, [
    ['DE', '10.00'],
    ['DE', '20.01'],
    ['FR', '5.00'],
  ])
  await pushRows(stage.bob, [
    ['DE', null],
    ['FR', '7.25'],
    ['FR', '0.01'],
  ])
  request = await runToEnd(stage, { sql: SQL })
})
afterAll(() => stage.three.close())

test('the recipient gets the exact report', async () => {
  const { report, dones } = await fetchResult(stage.rita.connection, request)
  expect(report.columns.map(({ name }) => name)).toEqual(['country', 'people', 'total', 'mean'])
  expect(report.rows).toEqual([
    ['DE', 3, '30.01', '15.005000'],
    ['FR', 3, '12.26', '4.086667'],
  ])
  expect(dones.map(({ rounds }) => rounds)).toEqual([dones[0].rounds, dones[0].rounds, dones[0].rounds])
  expect(dones[0].rounds).toBeGreaterThan(0)
})

test('the logs of all three parties hold, up to the heads they signed', async () => {
  for (const party of [0, 1, 2] as const) {
    const heads = await headsOf(stage.ann.connection, party)
    const entries = await fetchEntries(stage.ann.connection, party)
    expect(verifyEntries(entries, heads).state.entries).toBe(entries.length)
    expect(() => verifyEntries([...entries.slice(0, 2), ...entries.slice(3)])).toThrow(
      expect.objectContaining({ name: 'VerificationFailed', check: 'log-broken' }),
    )
  }
})

/** What a party that lies in its result would do: another share in the box, and its own signature under it. */
const lyingParty = (liar: PartyIndex): typeof fetch => {
  const party = stage.three.parties[liar]
  let forging: Promise<Uint8Array> | undefined
  const forge = async (done: Done): Promise<Uint8Array> => {
    const { sealing } = stage.rita.keys
    const purpose = { request: request.digest, run: done.run, party: liar }
    const box = (await stage.three.parties[liar].party.result(request.digest))?.sealed as Uint8Array
    const { query } = (await fetchResult(stage.rita.connection, request)).compilation
    const vectors = revealedBy(query.plan)
    const shares = await openResult(sealing.secretKey, purpose, box, vectors.length * query.plan.cells)
    shares.own.words[0] = ((shares.own.words[0] as bigint) + 1n) % ((1n << 61n) - 1n)
    return sealResult(sealing.publicKey, purpose, shares as Revealed)
  }
  return intercept(stage.three.fetch, async (url, response, index) => {
    if (url.pathname.endsWith('/result') && index === liar)
      return new Response((await forging) as Uint8Array<ArrayBuffer>)
    if (url.searchParams.get('kind') !== 'done') return undefined
    const { documents } = (await response.json()) as { documents: SignedDocument[] }
    const changed = await Promise.all(
      documents.map(async signed => {
        const { document } = openDocumentOf('done', signed, stage.rita.connection.keyOf)
        if (document.party !== liar) return signed
        forging ??= forge(document)
        return signDocument({ ...document, result: digestOfBytes(await forging) }, partySigner(party))
      }),
    )
    return Response.json({ documents: changed })
  })
}

test.each([
  0, 1, 2,
] as const)('one altered result share of party %i is noticed, and nothing is shown', async liar => {
  const rita = stage.over(stage.rita, lyingParty(liar))
  await expect(fetchResult(rita.connection, request)).rejects.toMatchObject({
    name: 'VerificationFailed',
    check: 'share-copies-differ',
  })
})

test('a box that is not the one its party signed is noticed', async () => {
  const rita = stage.over(
    stage.rita,
    intercept(stage.three.fetch, async (url, response, party) => {
      if (!url.pathname.endsWith('/result') || party !== 1) return undefined
      const bytes = new Uint8Array(await response.arrayBuffer())
      bytes[40] = (bytes[40] as number) ^ 1
      return new Response(bytes)
    }),
  )
  await expect(fetchResult(rita.connection, request)).rejects.toMatchObject({ check: 'result-digest' })
})

test('nobody but the recipient gets or opens the result', async () => {
  await expect(fetchResult(stage.ann.connection, request)).rejects.toThrow(InputError)
  const [front] = stage.ann.connection.fronts
  const ask = front.bytes({ method: 'GET', path: `v1/requests/${request.digest}/result` })
  await expect(ask).rejects.toMatchObject({ name: 'Refusal', rule: 'recipient-only' })
  const box = (await stage.three.parties[0].party.result(request.digest))?.sealed as Uint8Array
  const info = JSON.stringify(['trias-result-1', request.digest])
  await expect(unseal(stage.ann.keys.sealing.secretKey, info, box)).rejects.toThrow(Abort)
})

/** A network on which offers are others than the parties made, signed by the parties themselves. */
const otherOffers = (change: (offer: Offer) => Offer): typeof fetch =>
  intercept(stage.three.fetch, async (url, response) => {
    if (url.searchParams.get('kind') !== 'offer') return undefined
    const { documents } = (await response.json()) as { documents: SignedDocument[] }
    return Response.json({
      documents: documents.map(signed => {
        const { document } = openDocumentOf('offer', signed, stage.ann.connection.keyOf)
        return signDocument(change(document), partySigner(stage.three.parties[document.party]))
      }),
    })
  })

const otherDigest = digestOfBytes(Uint8Array.of(1))

test('offers that disagree are not approved', async () => {
  const { digest } = await createRequest(stage.rita.connection, { sql: SQL, purpose: PURPOSE })
  await review(stage.ann.connection, digest)
  const ann = stage.over(
    stage.ann,
    otherOffers(offer => (offer.party === 1 ? { ...offer, planDigest: otherDigest } : offer)),
  )
  await expect(say(ann, digest)).rejects.toMatchObject({
    name: 'VerificationFailed',
    check: 'offers-disagree',
  })
})

test.each([
  ['plan', { planDigest: otherDigest }],
  ['disclosure', { disclosureDigest: otherDigest }],
])('three offers of another %s than the request means are not approved', async (what, changes) => {
  const { digest } = await createRequest(stage.rita.connection, { sql: SQL, purpose: PURPOSE })
  await review(stage.ann.connection, digest)
  const ann = stage.over(
    stage.ann,
    otherOffers(offer => ({ ...offer, ...changes })),
  )
  await expect(say(ann, digest)).rejects.toMatchObject({ check: `offer-other-${what}` })
  expect(await findDocuments(stage.ann.connection, 'approval', digest)).toEqual([])
})

test('three offers of another cost than the plan has are not approved', async () => {
  const { digest } = await createRequest(stage.rita.connection, { sql: SQL, purpose: PURPOSE })
  const { offers } = await review(stage.ann.connection, digest)
  const { rounds, bytesPerParty } = offers[0].document.cost
  const costs = [
    { rounds: rounds + 1, bytesPerParty },
    {
      rounds,
      bytesPerParty: [bytesPerParty[0], bytesPerParty[1], bytesPerParty[2] + 1] as [number, number, number],
    },
  ]
  for (const cost of costs) {
    const ann = stage.over(
      stage.ann,
      otherOffers(offer => ({ ...offer, cost })),
    )
    await expect(say(ann, digest)).rejects.toMatchObject({ check: 'offer-other-cost' })
  }
})

test('a refusal ends the request, with its reason', async () => {
  const { digest } = await createRequest(stage.rita.connection, { sql: SQL, purpose: PURPOSE })
  await review(stage.ann.connection, digest)
  await refuse(stage.bob.connection, digest, 'not now')
  const asked = pick('request', await requests(stage.rita.connection), digest)
  const progress = await watch(stage.rita.connection, asked, { pollMs: 20, timeoutMs: 5_000 })
  expect(progress.state).toBe('refused')
  expect(() => requireDone(progress)).toThrow(/by bob: not now/)
  await expect(fetchResult(stage.rita.connection, asked)).rejects.toThrow(Refusal)
})

test('a party that is gone is an outage, unless the others say that the request has ended', async () => {
  const { digest } = await createRequest(stage.rita.connection, { sql: SQL, purpose: PURPOSE })
  await review(stage.ann.connection, digest)
  const asked = pick('request', await requests(stage.rita.connection), digest)
  const rita = stage.over(stage.rita, (input, init) =>
    String(input).includes('party-2')
      ? Promise.reject(new TypeError('gone'))
      : stage.three.fetch(input, init),
  )
  await expect(progressOf(rita.connection, asked)).rejects.toMatchObject({ name: 'Unavailable' })
  await refuse(stage.bob.connection, digest, 'no')
  const seen = () => progressOf(rita.connection, asked).then(({ state }) => state, String)
  await expect.poll(seen).toBe('refused')
})

test('a request waits for exactly the owners that have not said yes', async () => {
  const { digest } = await createRequest(stage.rita.connection, { sql: SQL, purpose: PURPOSE })
  await say(stage.bob, digest)
  const asked = pick('request', await requests(stage.rita.connection), digest)
  await expect.poll(async () => (await progressOf(stage.rita.connection, asked)).waitingFor).toEqual(['ann'])
})

test('what cannot be computed or is not allowed is never sent', async () => {
  const { connection } = stage.rita
  const before = (await requests(connection)).length
  const ask = (input: object) => prepareRequest(connection, { sql: SQL, purpose: PURPOSE, ...input })
  await expect(ask({ sql: 'SELECT KURTOSIS(amount) FROM pay' })).rejects.toThrow(InputError)
  await expect(ask({ sql: 'SELECT COUNT(*) FROM other' })).rejects.toThrow(
    /no owner has shared a table other/,
  )
  await expect(ask({ purpose: 'curiosity' })).rejects.toMatchObject({ rule: 'request-purpose-unknown' })
  await expect(ask({ minimumGroupSize: 1 })).rejects.toMatchObject({ rule: 'request-group-size' })
  await expect(ask({ recipient: 'ann' })).rejects.toMatchObject({ rule: 'request-recipient-unknown' })
  await expect(ask({ hours: 1000 })).rejects.toMatchObject({ rule: 'request-lifetime' })
  expect((await requests(connection)).length).toBe(before)
})

test('a new version of a table is the newest one', async () => {
  const { document } = await pushRows(stage.ann, [['DE', '1.00']])
  expect(document.sequence).toBe(2)
  const newest = await newestVersions(stage.rita.connection, 'pay')
  expect(newest.map(version => [version.document.owner, version.document.sequence])).toEqual([
    ['ann', 2],
    ['bob', 1],
  ])
})
