import { expect, test } from 'vitest'
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '../../shared/base/bytes.ts'
import { canonicalJson, type Json } from '../../shared/base/canonical.ts'
import { signJws } from '../../shared/crypto/jws.ts'
import { documentSchemas } from '../../shared/governance/document/document.ts'
import { identitiesOf, whoIs } from '../../shared/governance/roles.ts'
import {
  coSignDocument,
  digestOfDocument,
  mergeSignatures,
  openDocument,
  openDocumentOf,
  openFederation,
  signDocument,
  signedText,
} from '../../shared/governance/sign.ts'
import {
  approvalOf,
  approvals,
  datasetOf,
  doneOf,
  federation,
  founders,
  keyOf,
  offers,
  openedFederation,
  openedRequest,
  people,
  readyOf,
  request,
  ruleOf,
  signedBy,
} from './cast.ts'

const hq = people['acme-hq']
const typ = 'trias-document+json'

test('a document comes back as it was signed, with its digest and signers', () => {
  const signed = JSON.parse(signedText(signDocument(request, hq)))
  expect(openDocument(signed, keyOf)).toEqual({
    kind: 'request',
    document: request,
    digest: digestOfDocument(request),
    signers: [hq.kid],
  })
})

test('every kind of document passes through signing and opening', () => {
  const seen = new Set<string>([
    openedFederation.kind,
    openDocument(signDocument(datasetOf('acme-de'), people['acme-de']), keyOf).kind,
    openedRequest.kind,
    offers[0].kind,
    approvals[0].kind,
    readyOf(0).kind,
    doneOf(0).kind,
  ])
  const { digest } = openedRequest
  for (const document of [
    { kind: 'refusal', request: openedRequest.digest, by: 'acme-de', reason: 'too detailed' },
    { kind: 'abort', request: openedRequest.digest, run: openedRequest.digest, party: 0, check: 'x' },
    { kind: 'log-head', federation: digest, party: 0, entries: 0, head: digest },
  ] as const)
    seen.add(openDocument(signDocument(document, hq), keyOf).kind)
  expect([...seen].sort()).toEqual(Object.keys(documentSchemas).sort())
})

test('signatures are verified before the payload is read', () => {
  const signed = signDocument(request, hq)
  const payload = toBase64url(utf8('{"kind":"no such kind"}'))
  expect(ruleOf(() => openDocument({ ...signed, payload }, keyOf))).toBe('signature-invalid')
})

test('unknown kinds and wrong shapes are refused, and the message says where', () => {
  const open = (payload: Json) => openDocument(signJws(payload, hq, typ), keyOf)
  for (const kind of ['no-such-kind', 'toString', '__proto__', 7, null])
    expect(ruleOf(() => open({ kind }))).toBe('document-unknown-kind')
  for (const payload of [null, 'text', 3, []])
    expect(ruleOf(() => open(payload))).toBe('document-unknown-kind')
  expect(ruleOf(() => open({ ...request, extra: 1 }))).toBe('document-malformed')
  expect(() => open({ ...request, expiresAt: '2026-11-25 08:00' })).toThrow(/expiresAt/)
  expect(() => open({ ...request, expiresAt: '2026-11-25T08:00:00+01:00' })).toThrow(/UTC/)
  expect(() => open({ ...request, versions: ['short'] })).toThrow(/versions\.0/)
  expect(() => open({ ...request, recipientSealingKey: people['acme-hq'].signingKey })).toThrow(/X-Wing/)
})

test('over 1 MiB is refused unread', () => {
  const large = signJws({ kind: 'request', filler: 'x'.repeat(1024 * 1024) }, hq, typ)
  expect(ruleOf(() => openDocument(large, keyOf))).toBe('document-too-large')
  expect(ruleOf(() => openFederation(large))).toBe('document-too-large')
})

test('another kind than expected is refused', () => {
  const signed = signDocument(request, hq)
  expect(ruleOf(() => openDocumentOf('offer', signed, keyOf))).toBe('document-other-kind')
})

test('copies of one document merge into one with all signatures, copies of two do not', () => {
  const copies = founders.map(founder => signDocument(federation, founder))
  const merged = mergeSignatures([...copies, ...copies])
  expect(openFederation(merged).signers).toEqual(founders.map(({ kid }) => kid))
  expect(() =>
    mergeSignatures([signDocument(federation, hq), signDocument({ ...federation, version: 2 }, hq)]),
  ).toThrow(RangeError)
})

test('a manifest opens with its own keys; altered or co-signed by a stranger it does not', () => {
  const signed = signedBy(federation, founders)
  expect(openFederation(signed).document).toEqual(federation)
  const altered = JSON.parse(fromUtf8(fromBase64url(signed.payload)))
  altered.policy.minimumGroupSize = 1
  const payload = toBase64url(utf8(canonicalJson(altered)))
  expect(ruleOf(() => openFederation({ ...signed, payload }))).toBe('signature-invalid')
  expect(ruleOf(() => openFederation(coSignDocument(signed, people.stranger)))).toBe('signer-unknown')
  expect(ruleOf(() => openFederation(signDocument(request, hq)))).toBe('document-other-kind')
  expect(ruleOf(() => openFederation({ ...signed, payload: '!' }))).toBe('document-malformed')
})

test('keys lead to parties and members, and to nobody else', () => {
  expect(whoIs(federation, people['party-1'].kid)).toMatchObject({ as: 'party', party: { index: 1 } })
  expect(whoIs(federation, people['acme-fr'].kid)).toMatchObject({ as: 'member', name: 'acme-fr' })
  expect(whoIs(federation, people.stranger.kid)).toBeUndefined()
  expect(identitiesOf(federation).size).toBe(7)
})

test('an approval altered after signing is refused, whatever was altered', () => {
  const signed = signDocument(approvalOf('acme-de'), people['acme-de'])
  for (const change of [
    { purpose: 'headcount planning' },
    { recipient: 'acme-fr' },
    { owner: 'acme-fr' },
    { expiresAt: '2027-01-01T00:00:00Z' },
  ] as const) {
    const payload = toBase64url(utf8(canonicalJson({ ...approvalOf('acme-de'), ...change })))
    expect(ruleOf(() => openDocument({ ...signed, payload }, keyOf))).toBe('signature-invalid')
  }
})
