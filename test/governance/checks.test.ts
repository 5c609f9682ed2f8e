import { expect, test } from 'vitest'
import { checkApproval, checkApprovals, ownersOf } from '../../shared/governance/check/approval.ts'
import { checkDatasetVersion } from '../../shared/governance/check/dataset-version.ts'
import { verifyFederation } from '../../shared/governance/check/federation.ts'
import { checkOffer, checkOffersAgree } from '../../shared/governance/check/offer.ts'
import { checkRefusal } from '../../shared/governance/check/refusal.ts'
import { checkRequest } from '../../shared/governance/check/request.ts'
import { checkAbort, checkDone, checkReady } from '../../shared/governance/check/run.ts'
import type { Approval } from '../../shared/governance/document/approval.ts'
import type { Federation } from '../../shared/governance/document/federation.ts'
import type { Offer } from '../../shared/governance/document/offer.ts'
import type { Request } from '../../shared/governance/document/request.ts'
import { openFederation } from '../../shared/governance/sign.ts'
import {
  approvalOf,
  approvals,
  context,
  datasetOf,
  datasets,
  digest,
  doneOf,
  federation,
  founders,
  memberEntry,
  nowS,
  offerOf,
  offersWith,
  opened,
  openedFederation,
  openedRequest,
  type Person,
  partyEntry,
  partyPeople,
  people,
  readyOf,
  request,
  ruleOf,
  run,
  signedBy,
  versions,
} from './cast.ts'

const [de, fr, hq] = [people['acme-de'], people['acme-fr'], people['acme-hq']]

test('what everybody signed properly passes every check', () => {
  verifyFederation(openedFederation)
  for (const dataset of datasets) checkDatasetVersion(dataset, openedFederation)
  checkRequest(openedRequest, context)
  for (const offer of offersWith()) checkOffer(offer, context)
  for (const approval of approvals) checkApproval(approval, context)
  expect([...checkApprovals(approvals, context).keys()]).toEqual(['acme-de', 'acme-fr'])
  const runContext = { ...context, run, approvals: approvals.map(approval => approval.digest) }
  for (const party of [0, 1, 2] as const) checkReady(readyOf(party), runContext)
  for (const party of [0, 1, 2] as const) checkDone(doneOf(party), runContext)
  expect(ownersOf(context)).toEqual(['acme-de', 'acme-fr'])
})

const [p0, p1, p2] = federation.parties

test.each<[string, Partial<Federation>]>([
  ['federation-party-order', { parties: [p1, p0, p2] }],
  ['federation-operator-shared', { parties: [p0, { ...p1, operator: 'operator-0' }, p2] }],
  ['federation-name-taken', { parties: [{ ...p0, operator: 'acme-de' }, p1, p2] }],
  ['federation-endpoint-shared', { parties: [p0, { ...p1, endpoint: p0.endpoint }, p2] }],
  ['federation-key-shared', { parties: [p0, { ...p1, sealingKey: p0.sealingKey }, p2] }],
  ['jurisdiction-broken', { jurisdiction: { requiredPartyCountries: ['ES'] } }],
  ['jurisdiction-broken', { parties: [p0, partyEntry(1, 'US'), p2] }],
  ['jurisdiction-broken', { parties: [p0, { ...p1, parentCountry: 'US' }, p2] }],
])('manifest: %s', (rule, changes) => {
  const changed = openFederation(signedBy({ ...federation, ...changes }, founders))
  expect(ruleOf(() => verifyFederation(changed))).toBe(rule)
})

test('manifest: federation-key-shared when a member uses the signing key of a party', () => {
  const members = [...federation.members.slice(0, 3), { ...p2, name: 'sly', country: 'NL', roles: [] }].map(
    ({ name, country, signingKey, sealingKey, roles }) => ({ name, country, signingKey, sealingKey, roles }),
  ) as Federation['members']
  const changed = openFederation(signedBy({ ...federation, members }, founders))
  expect(ruleOf(() => verifyFederation(changed))).toBe('federation-key-shared')
})

test('manifest: federation-unsigned names who is missing', () => {
  for (const missing of founders) {
    const signed = openFederation(
      signedBy(
        federation,
        founders.filter(founder => founder !== missing),
      ),
    )
    expect(ruleOf(() => verifyFederation(signed))).toBe('federation-unsigned')
  }
  expect(() => verifyFederation(openFederation(signedBy(federation, [...partyPeople, de])))).toThrow(
    /owner acme-fr/,
  )
})

test('dataset version: signed by its owner, for this federation, about its own table', () => {
  const check = (changes: object, ...signers: readonly Person[]) =>
    ruleOf(() =>
      checkDatasetVersion(opened({ ...datasetOf('acme-de'), ...changes }, ...signers), openedFederation),
    )
  expect(check({}, de)).toBe('nothing refused')
  expect(check({}, fr)).toBe('dataset-foreign')
  expect(check({}, de, fr)).toBe('dataset-foreign')
  expect(check({ owner: 'acme-hq' }, hq)).toBe('dataset-foreign')
  expect(check({ owner: 'nobody' }, de)).toBe('dataset-foreign')
  expect(check({ federation: digest('other') }, de)).toBe('dataset-other-federation')
  expect(check({ table: 'people' }, de)).toBe('dataset-table-other')
  const [a] = datasetOf('acme-de').pieces[0]
  expect(check({ pieces: [[], [], []] }, de)).toBe('dataset-pieces-few')
  expect(check({ pieces: [[], [a], [a]] }, de)).toBe('dataset-pieces-few')
  expect(check({ rows: 100_000_000 }, de)).toBe('dataset-pieces-few')
  expect(check({ rows: 100_000_001 }, de)).toBe('document-malformed')
})

test.each<[string, Partial<Request>]>([
  ['nothing refused', {}],
  ['request-other-federation', { federation: digest('other') }],
  ['request-foreign', { analyst: 'acme-de' }],
  ['request-foreign', { analyst: 'nobody' }],
  ['request-purpose-unknown', { purpose: 'marketing' }],
  ['request-recipient-unknown', { recipient: 'acme-de', recipientSealingKey: de.sealingKey }],
  ['request-recipient-unknown', { recipient: 'nobody' }],
  ['request-recipient-key', { recipientSealingKey: people.stranger.sealingKey }],
  ['request-group-size', { minimumGroupSize: 4 }],
  ['request-version-repeated', { versions: [datasets[0].digest, datasets[0].digest] }],
  ['request-version-unknown', { versions: [digest('unknown')] }],
  ['request-not-yet', { createdAt: '2026-11-24T09:00:00Z' }],
  ['request-lifetime', { expiresAt: '2026-11-28T08:00:00Z' }],
  ['request-expired', { createdAt: '2026-11-24T07:00:00Z', expiresAt: '2026-11-24T08:00:00Z' }],
])('request: %s', (rule, changes) => {
  expect(ruleOf(() => checkRequest(opened({ ...request, ...changes }, hq), context))).toBe(rule)
})

test('request: one version of each table of each owner, and no more rows than a run can hold', () => {
  const later = opened({ ...datasetOf('acme-de'), version: 'version-of-acme-de-2', sequence: 2 }, de)
  const known = new Map([...versions, [later.digest, later.document]])
  const check = (listed: readonly string[], among: typeof versions) =>
    ruleOf(() =>
      checkRequest(opened({ ...request, versions: [...listed] }, hq), { ...context, versions: among }),
    )
  expect(check([datasets[0].digest, datasets[1].digest], known)).toBe('nothing refused')
  expect(check([datasets[0].digest, later.digest], known)).toBe('request-version-twice')
  const large = new Map(
    [...versions].map(([digest, version]) => [digest, { ...version, rows: 60_000_000 }] as const),
  )
  expect(check([datasets[0].digest], large)).toBe('nothing refused')
  expect(check([datasets[0].digest, datasets[1].digest], large)).toBe('request-rows')
})

test('request: a stranger cannot even be opened', () => {
  expect(ruleOf(() => opened(request, people.stranger))).toBe('signer-unknown')
})

test('offer: its party, its request, its time', () => {
  const check = (changes: Partial<Offer>, signer = partyPeople[0], at = nowS) =>
    ruleOf(() => checkOffer(opened(offerOf(0, changes), signer), { ...context, nowS: at }))
  expect(check({})).toBe('nothing refused')
  expect(check({}, partyPeople[1])).toBe('offer-foreign')
  expect(check({}, hq)).toBe('offer-foreign')
  expect(check({ request: digest('other') })).toBe('offer-other-request')
  expect(check({ expiresAt: '2026-11-26T08:00:00Z' })).toBe('offer-lifetime')
  expect(check({}, partyPeople[0], nowS + 86_400)).toBe('offer-expired')
})

test.each<[string, Partial<Offer>]>([
  ['planDigest', { planDigest: digest('another plan') }],
  ['disclosureDigest', { disclosureDigest: digest('another disclosure') }],
  ['attempt', { attempt: 2 }],
  ['cost', { cost: { rounds: 13, bytesPerParty: [100, 100, 100] } }],
])('offers that differ in %s disagree', (what, changes) => {
  const [first, second] = offersWith()
  const other = opened(offerOf(2, changes), partyPeople[2])
  const agree = () => checkOffersAgree([first, second, other] as never)
  expect(ruleOf(agree)).toBe('offers-disagree')
  expect(agree).toThrow(what)
})

test.each<[string, readonly number[][], boolean]>([
  ['the same versions', [[1], [1], [1]], true],
  ['one that all speak', [[1, 2], [2], [2, 3]], true],
  [
    'nothing that all speak',
    [
      [1, 2],
      [2, 3],
      [1, 3],
    ],
    false,
  ],
  ['an older party', [[2], [1], [2]], false],
])('offers of parties that speak %s', (_, spoken, agrees) => {
  for (const name of ['protocol', 'frames']) {
    const all = spoken.map((versions, party) => {
      const speaks = { protocol: [1], frames: [1], [name]: versions }
      return opened(offerOf(party as 0 | 1 | 2, { speaks }), partyPeople[party as 0 | 1 | 2])
    })
    expect(ruleOf(() => checkOffersAgree(all))).toBe(agrees ? 'nothing refused' : 'offers-version')
  }
})

test('offers: missing, repeated, or with one key for two parties', () => {
  const all = offersWith()
  expect(ruleOf(() => checkOffersAgree(all.slice(0, 2)))).toBe('offers-missing')
  const second = opened(offerOf(1, { planDigest: digest('another plan') }), partyPeople[1])
  expect(ruleOf(() => checkOffersAgree([...all, second]))).toBe('offers-repeated')
  const copied = opened(offerOf(2, { runSealingKey: offerOf(1).runSealingKey }), partyPeople[2])
  expect(ruleOf(() => checkOffersAgree([...all.slice(0, 2), copied]))).toBe('offers-key-shared')
  expect(checkOffersAgree([...all].reverse()).map(({ document }) => document.party)).toEqual([0, 1, 2])
})

const grantOfFr = approvalOf('acme-fr').grants

test.each<[string, Partial<Approval>]>([
  ['nothing refused', {}],
  ['approval-other-request', { request: digest('other') }],
  ['approval-foreign', { owner: 'acme-fr' }],
  ['approval-foreign', { owner: 'nobody' }],
  ['approval-expired', { expiresAt: '2026-11-24T08:00:00Z' }],
  ['approval-lifetime', { expiresAt: '2026-11-25T08:00:01Z' }],
  ['approval-other-plan', { planDigest: digest('another plan') }],
  ['approval-other-disclosure', { disclosureDigest: digest('another disclosure') }],
  ['approval-other-version', { versions: [datasets[0].digest] }],
  ['approval-other-version', { versions: [datasets[0].digest, digest('newer')] }],
  ['approval-other-purpose', { purpose: 'headcount planning' }],
  ['approval-other-recipient', { recipient: 'acme-fr' }],
  ['approval-other-recipient', { recipientSealingKey: people.stranger.sealingKey }],
  ['approval-other-offer', { offers: [digest('a'), digest('b'), digest('c')] }],
  ['approval-grant-missing', { grants: {} }],
  ['approval-grant-missing', { grants: grantOfFr }],
  ['approval-grant-foreign', { grants: { ...approvalOf('acme-de').grants, ...grantOfFr } }],
])('approval: %s', (rule, changes) => {
  const approval = opened(approvalOf('acme-de', changes), de)
  expect(ruleOf(() => checkApproval(approval, context))).toBe(rule)
  // What is wrong with the only approval of an owner is what the party says; with none, that it is missing.
  const expected = changes.owner === undefined ? rule : 'approval-missing'
  expect(ruleOf(() => checkApprovals([approval, approvals[1]], context))).toBe(expected)
})

test('approval: signed by another owner, by a party, by several, or for data that is not read', () => {
  const check = (...signers: readonly Person[]) =>
    ruleOf(() => checkApproval(opened(approvalOf('acme-de'), ...signers), context))
  expect(check(fr)).toBe('approval-foreign')
  expect(check(people['party-0'])).toBe('approval-foreign')
  expect(check(de, fr)).toBe('approval-foreign')
  const onlyFr = opened({ ...request, versions: [datasets[1].digest] }, hq)
  const approval = opened(
    approvalOf('acme-de', { request: onlyFr.digest, versions: onlyFr.document.versions }),
    de,
  )
  expect(ruleOf(() => checkApproval(approval, { ...context, request: onlyFr }))).toBe('approval-foreign')
})

test('approval: a party compares with the plan and disclosure that it compiled itself', () => {
  const own = { planDigest: digest('plan'), disclosureDigest: digest('disclosure') }
  const check = (changes: Partial<typeof own>) =>
    ruleOf(() => checkApproval(approvals[0], { ...context, own: { ...own, ...changes } }))
  expect(check({})).toBe('nothing refused')
  expect(check({ planDigest: digest('mine') })).toBe('approval-other-plan')
  expect(check({ disclosureDigest: digest('mine') })).toBe('approval-other-disclosure')
})

test('approvals: every owner is needed, and its name is said', () => {
  expect(ruleOf(() => checkApprovals([], context))).toBe('approval-missing')
  expect(() => checkApprovals([approvals[0]], context)).toThrow(/acme-fr has not approved/)
  const expired = opened(approvalOf('acme-de', { expiresAt: '2026-11-24T07:00:00Z' }), de)
  expect(checkApprovals([expired, ...approvals], context).get('acme-de')).toBe(approvals[0])
  expect(checkApprovals([...approvals, expired], context).get('acme-de')).toBe(approvals[0])
})

test('approvals: of several that hold, every reader chooses the same', () => {
  const earlier = opened(approvalOf('acme-de', { expiresAt: '2026-11-24T20:00:00Z' }), de)
  const least = earlier.digest < approvals[0].digest ? earlier : approvals[0]
  for (const order of [
    [earlier, ...approvals],
    [...approvals, earlier],
  ])
    expect(checkApprovals(order, context).get('acme-de')).toBe(least)
})

test('approvals expire while they wait', () => {
  const later = { ...context, nowS: nowS + 86_400 }
  expect(ruleOf(() => checkApprovals(approvals, later))).toBe('approval-expired')
})

test('refusal: an owner of data that is read, a data protection officer, a party; nobody else', () => {
  const check = (by: string, signer: Person, about = openedRequest.digest) =>
    ruleOf(() =>
      checkRefusal(opened({ kind: 'refusal', request: about, by, reason: 'too detailed' }, signer), context),
    )
  expect(check('acme-de', de)).toBe('nothing refused')
  expect(check('acme-dpo', people['acme-dpo'])).toBe('nothing refused')
  expect(check('operator-1', people['party-1'])).toBe('nothing refused')
  expect(check('acme-hq', hq)).toBe('refusal-foreign')
  expect(check('acme-de', fr)).toBe('refusal-foreign')
  expect(check('acme-de', de, digest('other'))).toBe('refusal-other-request')
})

test('ready, abort and done: of the party they name, for this run, with the same approvals', () => {
  const digests = approvals.map(approval => approval.digest)
  const runContext = { ...context, run, approvals: digests }
  expect(ruleOf(() => checkReady(readyOf(0, { run: digest('other') }), runContext))).toBe('ready-other-run')
  expect(ruleOf(() => checkReady(readyOf(0, { approvals: [digest('x')] }), runContext))).toBe(
    'ready-other-approvals',
  )
  const [first, second] = digests as [string, string]
  expect(ruleOf(() => checkReady(readyOf(0, { approvals: [second, first] }), runContext))).toBe(
    'nothing refused',
  )
  for (const others of [[first], [first, first], [first, digest('x')], [first, second, digest('x')]])
    expect(ruleOf(() => checkReady(readyOf(0, { approvals: others }), runContext))).toBe(
      'ready-other-approvals',
    )
  const { region } = openedFederation.document.parties[0]
  const elsewhere = { what: 'durable table', region: 'eu-west-2' }
  const here = { what: 'functions', region }
  for (const [locations, rule] of [
    [[here], 'nothing refused'],
    [[{ ...here, region: region.toUpperCase() }], 'nothing refused'],
    [[elsewhere], 'ready-other-region'],
    [[here, elsewhere], 'ready-other-region'],
  ] as const)
    expect(ruleOf(() => checkReady(readyOf(0, { locations: [...locations] }), runContext))).toBe(rule)
  const impostor = opened({ ...readyOf(0).document, party: 1 }, partyPeople[0])
  expect(ruleOf(() => checkReady(impostor, runContext))).toBe('ready-foreign')
  const abort = { kind: 'abort', request: openedRequest.digest, run, party: 0, check: 'x' } as const
  expect(ruleOf(() => checkAbort(opened(abort, partyPeople[0]), runContext))).toBe('nothing refused')
  expect(ruleOf(() => checkAbort(opened(abort, hq), runContext))).toBe('abort-foreign')
  expect(ruleOf(() => checkAbort(opened({ ...abort, run: digest('o') }, partyPeople[0]), runContext))).toBe(
    'abort-other-run',
  )
  expect(ruleOf(() => checkDone(doneOf(1, { request: digest('other') }), runContext))).toBe('done-other-run')
  expect(ruleOf(() => checkDone(opened(doneOf(1).document, partyPeople[2]), runContext))).toBe('done-foreign')
})

test('a member may hold several roles', () => {
  const both = memberEntry('acme-hq', 'NL', ['owner', 'recipient'])
  const members = federation.members.map(member => (member.name === 'acme-hq' ? both : member))
  const changed = { ...federation, members }
  expect(ruleOf(() => verifyFederation(openFederation(signedBy(changed, founders))))).toBe(
    'federation-unsigned',
  )
  verifyFederation(openFederation(signedBy(changed, [...founders, hq])))
  expect(versions.size).toBe(2)
})
