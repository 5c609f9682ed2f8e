/** What bad input gets: a clear refusal or abort, a log entry, and no result. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Passing, startThreeParties, type ThreeParties } from '../../functions/local/three-parties.ts'
import { toBase64url } from '../../shared/base/bytes.ts'
import type { Approval } from '../../shared/governance/document/approval.ts'
import { signDocument, signedText } from '../../shared/governance/sign.ts'
import { createParty } from '../../shared/party/party.ts'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { readFrame } from '../../shared/wire/frame.ts'
import { type Cast, castOf, found, person, type Row, waitFor } from '../support/federation.ts'

/** What the network does with a request between parties; tests replace it. */
let meddle: (passing: Passing, deliver: (body: Uint8Array) => Promise<Response>) => Promise<Response>
const honest: typeof meddle = (passing, deliver) => deliver(passing.body)

let three: ThreeParties
let cast: Cast
const north: Row[] = [
  ['junior', 30_000],
  ['senior', 70_000],
  ['junior', 31_000],
]
const south: Row[] = [
  ['senior', 80_000],
  ['junior', 29_500],
]

beforeAll(async () => {
  meddle = honest
  three = await startThreeParties({
    network: (passing, deliver) => meddle(passing, deliver),
    deadlines: { roundMs: 1500, readyMs: 1500, postMs: 3000 },
    tickMs: 100,
  })
  cast = await castOf(three)
  await found(cast)
})
afterAll(() => three.close())

const asked = async () => {
  meddle = honest
  const [n, s] = cast.owners
  const versions = [await cast.push(n, north), await cast.push(s, south)] as const
  const request = await cast.ask(versions)
  await cast.offers(request)
  return { request, versions, n, s }
}
const approveAll = async ({ request, versions }: Awaited<ReturnType<typeof asked>>): Promise<void> => {
  for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
}
const problemOf = async (response: Response): Promise<string> => {
  const problem = (await response.json()) as { rule?: string; where?: string }
  return problem.rule ?? problem.where ?? 'input'
}
const logged = async (event: string): Promise<Record<string, unknown>[]> => {
  const { entries } = await three.parties[0].party.log(0, 10_000)
  return entries.filter(entry => entry.event === event).map(entry => entry.detail)
}

test('an approval of another plan, version, recipient or purpose, an expired or a foreign one is refused by rule', async () => {
  const { request, versions, n, s } = await asked()
  const approval = await cast.approval(request, n, versions)
  const other = toBase64url(new Uint8Array(32).fill(9))
  const refusedWith = async (changes: Partial<Approval>, signer = n): Promise<string> => {
    const response = await cast.post(0, signedText(signDocument({ ...approval, ...changes }, signer)))
    expect(response.status).toBeGreaterThanOrEqual(400)
    return problemOf(response)
  }
  expect(await refusedWith({ planDigest: other })).toBe('approval-other-plan')
  expect(await refusedWith({ disclosureDigest: other })).toBe('approval-other-disclosure')
  expect(await refusedWith({ versions: [versions[0].digest] })).toBe('approval-other-version')
  expect(await refusedWith({ recipient: 'south' })).toBe('approval-other-recipient')
  expect(await refusedWith({ recipientSealingKey: s.sealingKey })).toBe('approval-other-recipient')
  expect(await refusedWith({ purpose: 'another' })).toBe('approval-other-purpose')
  expect(await refusedWith({ offers: [other, other, other] })).toBe('approval-other-offer')
  expect(await refusedWith({ expiresAt: '2020-01-01T00:00:00Z' })).toBe('approval-expired')
  expect(await refusedWith({ grants: {} })).toBe('approval-grant-missing')
  expect(await refusedWith({}, s)).toBe('approval-foreign')
  expect(await refusedWith({ request: other })).toBe('approval-request-unknown')
  expect((await cast.status(0, request)).state).toBe('offered')
  expect((await logged('document-refused')).map(detail => detail.rule)).toContain('approval-other-plan')
})

test('an altered signature and an unknown signer get a status code and nothing else', async () => {
  const { request, versions, n } = await asked()
  const signed = signDocument(await cast.approval(request, n, versions), n)
  const altered = { ...signed, payload: signed.payload.replace(/.$/, last => (last === 'A' ? 'B' : 'A')) }
  const stranger = signDocument(await cast.approval(request, n, versions), await person('stranger'))
  for (const document of [altered, stranger, { no: 'document' }, 'not json']) {
    const response = await cast.post(0, document)
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(await response.text()).toBe('')
  }
})

test('a request that cannot be computed is refused with the position, by all three parties', async () => {
  const { versions } = await asked()
  await expect(
    cast.ask(versions, { sql: 'SELECT grade, KURTOSIS(salary) FROM pay GROUP BY grade' }),
  ).rejects.toThrow(/line 1/)
  await expect(cast.ask(versions, { sql: 'SELECT COUNT(*) FROM nowhere' })).rejects.toThrow(/422/)
  await expect(cast.ask(versions, { purpose: 'curiosity' })).rejects.toThrow(/request-purpose-unknown/)
  await expect(cast.ask(versions, { minimumGroupSize: 1 })).rejects.toThrow(/request-group-size/)
})

test('a veto of the DPO ends the request at every party', async () => {
  const { request } = await asked()
  await cast.say({ kind: 'refusal', request, by: 'dpo', reason: 'not this quarter' }, cast.dpo)
  for (const party of PARTIES)
    expect(await cast.ended(party, request)).toMatchObject({
      state: 'refused',
      reason: { by: 'dpo', detail: 'not this quarter' },
    })
})

test('a document posted twice changes nothing', async () => {
  const { request, versions, n } = await asked()
  const text = signedText(signDocument(await cast.approval(request, n, versions), n))
  const before = (await cast.post(0, text)).status
  const entries = (await three.parties[0].party.log(0, 10_000)).state.entries
  expect([before, (await cast.post(0, text)).status]).toEqual([202, 202])
  expect((await three.parties[0].party.log(0, 10_000)).state.entries).toBe(entries)
})

test('a piece that the owner did not sign is refused; one that does not open ends the run', async () => {
  const [n, s] = cast.owners
  const versions = [
    await cast.push(n, north),
    await cast.push(s, south, (pieces, party) => {
      if (party === 1) pieces[0]![40] = pieces[0]![40]! ^ 1
    }),
  ]
  const wrong = await three.fetch(`${three.parties[0].endpoint}/v1/chunks/${versions[0]!.digest}/0`, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(100),
  })
  expect([wrong.status, await wrong.text()]).toEqual([422, ''])
  const request = await cast.ask(versions)
  for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
  for (const party of PARTIES)
    expect(await cast.ended(party, request)).toMatchObject({
      state: 'aborted',
      reason: { check: 'chunk-authentication-failed', by: 'party 1' },
    })
})

test('a party that never answers: every party ends the run by deadline, and names it', async () => {
  const ask = await asked()
  meddle = async (passing, deliver) =>
    passing.path === '/v1/frames' && passing.from === 2 && readFrame(passing.body).header.round >= 2
      ? new Response(null, { status: 202 })
      : deliver(passing.body)
  await approveAll(ask)
  for (const party of [0, 1] as const) {
    const status = await cast.ended(party, ask.request)
    expect(status).toMatchObject({ state: 'aborted', reason: { check: 'deadline' } })
    expect(status.reason?.where).toMatch(/^round \d+$/)
    expect((await cast.get(party, `/v1/requests/${ask.request}/result`, cast.recipient)).status).toBe(404)
  }
})

test('a party that does not get ready is waited for only so long', async () => {
  const ask = await asked()
  meddle = async (passing, deliver) =>
    passing.from === 2 && passing.path === '/v1/documents'
      ? new Response(null, { status: 202 })
      : deliver(passing.body)
  await approveAll(ask)
  expect(await cast.ended(0, ask.request)).toMatchObject({
    state: 'aborted',
    reason: {
      check: 'deadline',
      // Whoever's time is up first says so, and the other one hears it.
      detail: expect.stringMatching(/^(party 2 did not get ready|party 1 aborted the run)$/),
      where: 'ready',
    },
  })
})

test('one altered result share is noticed by the recipient, and nothing is shown', async () => {
  const ask = await asked()
  await approveAll(ask)
  for (const party of PARTIES) await cast.ended(party, ask.request)
  for (const party of PARTIES)
    await expect(
      cast.report(ask.request, shares => {
        const { words } = shares[party]!.own
        words[0] = words[0]! ^ 1n
      }),
    ).rejects.toMatchObject({ check: 'share-copies-differ' })
  expect((await cast.report(ask.request)).rows).toHaveLength(2)
})

test('offers that disagree end the request: nobody approves what the parties do not all mean', async () => {
  const [n] = cast.owners
  const versions = [await cast.push(n, north)]
  meddle = async (passing, deliver) =>
    passing.from === 2 ? new Response(null, { status: 202 }) : deliver(passing.body)
  const request = await cast.ask(versions)
  const own = await waitFor('the offer of party 2', async () =>
    (await cast.documents(2, 'offer', request)).find(({ document }) => document.party === 2),
  )
  const lie = { ...own.document, planDigest: toBase64url(new Uint8Array(32).fill(3)) }
  const { signingSeed } = three.parties[2].secrets
  const signer = { kid: own.signers[0]!, secretKey: signingSeed }
  for (const party of [0, 1] as const)
    expect((await cast.post(party, signDocument(lie, signer))).status).toBe(202)
  for (const party of [0, 1] as const)
    expect(await cast.ended(party, request)).toMatchObject({
      state: 'refused',
      reason: { rule: 'offers-disagree' },
    })
  meddle = honest
})

test('a request that nobody approves expires', async () => {
  const [n] = cast.owners
  meddle = honest
  const versions = [await cast.push(n, north)]
  const request = await cast.ask(versions, { expiresAt: new Date(Date.now() + 2500).toISOString() })
  for (const party of PARTIES) expect((await cast.ended(party, request)).state).toBe('expired')
  expect(await three.parties[0].stores.volatile.list('run-key/')).not.toContain(`run-key/${request}-1`)
})

test('a second worker of a run leaves at once, and the run is not disturbed', async () => {
  const ask = await asked()
  let held = true
  meddle = async (passing, deliver) => {
    if (held && passing.path === '/v1/frames') throw new TypeError('lost')
    return deliver(passing.body)
  }
  await approveAll(ask)
  await waitFor('the run', async () =>
    (await cast.status(0, ask.request)).state === 'running' ? true : undefined,
  )
  const second = await createParty(three.parties[0].party.world)
  await second.tick()
  await second.idle()
  expect((await logged('resumed')).length).toBe(0)
  held = false
  for (const party of PARTIES) expect(await cast.ended(party, ask.request)).toMatchObject({ state: 'done' })
})

test('a frame that is repeated after the run is taken and changes nothing; a forged one gets a status code', async () => {
  const ask = await asked()
  let kept: Uint8Array | undefined
  meddle = (passing, deliver) => {
    if (passing.path === '/v1/frames' && passing.to === 0) kept ??= passing.body
    return deliver(passing.body)
  }
  await approveAll(ask)
  await cast.ended(0, ask.request)
  const post = (body: Uint8Array) =>
    three.fetch(`${three.parties[0].endpoint}/v1/frames`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: body as Uint8Array<ArrayBuffer>,
    })
  const refused = await logged('frame-refused')
  expect((await post(kept!)).status).toBe(202)
  expect(
    await three.parties[0].stores.mailbox.open(toBase64url(readFrame(kept!).header.run)).receive(10),
  ).toEqual([])
  expect(await logged('frame-refused')).toEqual(refused)
  const forged = kept!.slice()
  forged[40] = forged[40]! ^ 1
  const answer = await post(forged)
  expect([answer.status, await answer.text()]).toEqual([401, ''])
})

test('the log of each party holds together, and ends with what happened', async () => {
  const { verifyLog } = await import('../../shared/audit/log.ts')
  await three.idle()
  for (const { party } of three.parties) {
    const { entries, state } = await party.log(0, 100_000)
    expect(verifyLog(entries, state)).toEqual(state)
    expect(entries.map(entry => entry.event)).toContain('aborted')
    expect(entries.map(entry => entry.event)).not.toContain('head-disputed')
  }
})

test('heads are signed by the two other parties, and a log that was rewritten gets no more signatures', async () => {
  const { verifyHead } = await import('../../shared/audit/head.ts')
  const heads = async (reader: 0 | 1 | 2) => {
    const response = await cast.get(reader, '/v1/documents?kind=log-head', cast.recipient)
    const { documents } = (await response.json()) as { documents: unknown[] }
    return documents.map(signed => verifyHead(signed, cast.federation)).filter(({ head }) => head.party === 2)
  }
  expect((await heads(0)).map(({ witnesses }) => witnesses)).toContainEqual([0])
  expect((await heads(1)).map(({ witnesses }) => witnesses)).toContainEqual([1])

  // Party 2 signs another past than the one it shows.
  const seed = three.parties[2].secrets.signingSeed
  const kid = three.parties[2].party.world.keyring.signer.kid
  const { state } = await three.parties[2].party.log(0, 1)
  const rewritten = {
    kind: 'log-head',
    federation: cast.digest,
    party: 2,
    entries: state.entries,
    head: toBase64url(new Uint8Array(32)),
  } as const
  expect((await cast.post(0, signDocument(rewritten, { kid, secretKey: seed }))).status).toBe(202)
  await waitFor('the dispute', async () => ((await logged('head-disputed')).length > 0 ? true : undefined))
  const all = await heads(0)
  expect(all.find(({ head }) => head.head === rewritten.head)?.witnesses).toEqual([])
})

test('a party that is shut down during a run leaves it as it is, and goes on when it is started again', async () => {
  const ask = await asked()
  let held = true
  meddle = async (passing, deliver) => {
    if (held && passing.path === '/v1/frames') throw new TypeError('lost')
    return deliver(passing.body)
  }
  await approveAll(ask)
  await waitFor('the run', async () =>
    (await cast.status(2, ask.request)).state === 'running' ? true : undefined,
  )
  await three.parties[2].party.close()
  expect((await cast.status(2, ask.request)).state).toBe('running')
  held = false
  await three.restart(2)
  for (const party of PARTIES) expect(await cast.ended(party, ask.request)).toMatchObject({ state: 'done' })
})
