import { expect, test } from 'vitest'
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '../../shared/base/bytes.ts'
import { canonicalJson, type Json } from '../../shared/base/canonical.ts'
import { Refusal } from '../../shared/base/errors.ts'
import {
  addSignature,
  type GeneralJws,
  type KeyOf,
  signingInput,
  signJws,
  signToken,
  verifyJws,
  verifyToken,
} from '../../shared/crypto/jws.ts'
import { keyId } from '../../shared/crypto/key-id.ts'
import { sign, signingKeyPair, verify } from '../../shared/crypto/signature.ts'

const TYP = 'test+json'

const person = (seed: number) => {
  const pair = signingKeyPair(new Uint8Array(32).fill(seed))
  return { ...pair, kid: keyId(pair.publicKey) }
}
const [alice, bob, stranger] = [person(1), person(2), person(3)]
const keyOf: KeyOf = kid => [alice, bob].find(one => one.kid === kid)?.publicKey

const ruleOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof Refusal) return error.rule
    throw error
  }
  return 'nothing refused'
}

/** A signature under a header of the attacker's choice. */
const withHeader = (header: Json, signer = alice): GeneralJws => {
  const payload = toBase64url(utf8('{"a":1}'))
  const text = toBase64url(utf8(canonicalJson(header)))
  return {
    payload,
    signatures: [
      { protected: text, signature: toBase64url(sign(signingInput(text, payload), signer.secretKey)) },
    ],
  }
}

test('RFC 8037 A.4: the signing input and signature of the published example verify', () => {
  const key = fromBase64url('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo')
  const [header, payload, signature] =
    'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg'.split(
      '.',
    ) as [string, string, string]
  expect(verify(fromBase64url(signature), signingInput(header, payload), key)).toBe(true)
  const seed = fromBase64url('nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A')
  expect(toBase64url(sign(signingInput(header, payload), seed))).toBe(signature)
})

test('the header says EdDSA, key id and kind, and the payload is canonical JSON', () => {
  const jws = signJws({ b: 2, a: 'ä' }, alice, TYP)
  expect(fromUtf8(fromBase64url(jws.payload))).toBe('{"a":"ä","b":2}')
  expect(JSON.parse(fromUtf8(fromBase64url(jws.signatures[0]?.protected as string)))).toEqual({
    alg: 'EdDSA',
    kid: alice.kid,
    typ: TYP,
  })
})

test('several signers over one payload', () => {
  const jws = addSignature(signJws({ a: 1 }, alice, TYP), bob, TYP)
  expect(verifyJws(jws, keyOf, TYP)).toEqual({ payload: { a: 1 }, kids: [alice.kid, bob.kid] })
})

test('every altered character of payload, header and signature is refused', () => {
  const jws = addSignature(signJws({ a: 'hello' }, alice, TYP), bob, TYP)
  const alter = (text: string, at: number): string =>
    `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
  for (let at = 0; at < jws.payload.length; at++)
    expect(ruleOf(() => verifyJws({ ...jws, payload: alter(jws.payload, at) }, keyOf, TYP))).toBe(
      'signature-invalid',
    )
  for (const which of [0, 1] as const)
    for (const part of ['protected', 'signature'] as const)
      for (let at = 0; at < (jws.signatures[which]?.[part].length as number); at++) {
        const signatures = jws.signatures.map((one, index) =>
          index === which ? { ...one, [part]: alter(one[part], at) } : one,
        )
        expect(['signature-invalid', 'document-malformed', 'signer-unknown']).toContain(
          ruleOf(() => verifyJws({ ...jws, signatures }, keyOf, TYP)),
        )
      }
})

test('one valid signature does not carry an invalid one', () => {
  const good = signJws({ a: 1 }, alice, TYP)
  const other = signJws({ a: 2 }, bob, TYP)
  const mixed = { payload: good.payload, signatures: [...good.signatures, ...other.signatures] }
  expect(ruleOf(() => verifyJws(mixed, keyOf, TYP))).toBe('signature-invalid')
})

test('a stranger is refused, alone and beside a known signer', () => {
  expect(ruleOf(() => verifyJws(signJws({ a: 1 }, stranger, TYP), keyOf, TYP))).toBe('signer-unknown')
  const both = addSignature(signJws({ a: 1 }, alice, TYP), stranger, TYP)
  expect(ruleOf(() => verifyJws(both, keyOf, TYP))).toBe('signer-unknown')
})

test('a stranger who claims the key id of a member is refused', () => {
  const forged = signJws({ a: 1 }, { kid: alice.kid, secretKey: stranger.secretKey }, TYP)
  expect(ruleOf(() => verifyJws(forged, keyOf, TYP))).toBe('signature-invalid')
})

test.each(['none', 'HS256', 'ES256', 'eddsa', ''])('algorithm %j in the header is refused', alg => {
  expect(ruleOf(() => verifyJws(withHeader({ alg, kid: alice.kid, typ: TYP }), keyOf, TYP))).toBe(
    'signature-invalid',
  )
})

test('headers: another typ, critical extensions, embedded keys and missing key ids are refused', () => {
  const proper = { alg: 'EdDSA', kid: alice.kid, typ: TYP }
  expect(ruleOf(() => verifyJws(withHeader(proper), keyOf, TYP))).toBe('nothing refused')
  for (const header of [
    { ...proper, typ: 'other+json' },
    { alg: 'EdDSA', kid: alice.kid },
    { ...proper, crit: ['b64'], b64: false },
    { ...proper, jwk: { kty: 'OKP' } },
  ])
    expect(ruleOf(() => verifyJws(withHeader(header), keyOf, TYP))).toBe('signature-invalid')
  for (const header of [{ alg: 'EdDSA', typ: TYP }, { ...proper, kid: 7 }, { ...proper, kid: 'x' }, null, []])
    expect(ruleOf(() => verifyJws(withHeader(header), keyOf, TYP))).toBe('document-malformed')
})

test('shapes that are no signed document are refused', () => {
  const jws = signJws({ a: 1 }, alice, TYP)
  const shapes = [
    null,
    'text',
    [],
    {},
    { payload: jws.payload },
    { ...jws, signatures: [] },
    { ...jws, signatures: [null] },
    { ...jws, header: {} },
    { ...jws, signatures: [{ ...jws.signatures[0], header: { alg: 'none' } }] },
    { ...jws, signatures: [...jws.signatures, ...jws.signatures] },
    { ...jws, signatures: Array(1000).fill(jws.signatures[0]) },
  ]
  for (const shape of shapes) expect(ruleOf(() => verifyJws(shape, keyOf, TYP))).toBe('document-malformed')
})

test('a signed payload with a second spelling is refused: one document, one digest', () => {
  const payload = toBase64url(utf8('{"b":1,"a":2}'))
  const { signatures } = withHeader({ alg: 'EdDSA', kid: alice.kid, typ: TYP })
  const header = signatures[0]?.protected as string
  const signature = toBase64url(sign(signingInput(header, payload), alice.secretKey))
  expect(
    ruleOf(() => verifyJws({ payload, signatures: [{ protected: header, signature }] }, keyOf, TYP)),
  ).toBe('document-not-canonical')
})

const claims = { sub: alice.kid, aud: 'party-1', iat: 1000, exp: 1060, federation: 'f' }
const rules = { audience: 'party-1', nowS: 1030 }

test('a token is good at its party for its minute, give or take the skew of clocks', () => {
  const token = signToken(claims, alice.secretKey)
  expect(verifyToken(token, keyOf, rules)).toEqual(claims)
  expect(ruleOf(() => verifyToken(token, keyOf, { ...rules, nowS: 995 }))).toBe('nothing refused')
  expect(ruleOf(() => verifyToken(token, keyOf, { ...rules, nowS: 1065 }))).toBe('nothing refused')
  expect(ruleOf(() => verifyToken(token, keyOf, { ...rules, nowS: 994 }))).toBe('token-expired')
  expect(ruleOf(() => verifyToken(token, keyOf, { ...rules, nowS: 1066 }))).toBe('token-expired')
  expect(ruleOf(() => verifyToken(token, keyOf, { ...rules, audience: 'party-2' }))).toBe(
    'token-other-audience',
  )
  expect(ruleOf(() => verifyToken(token, keyOf, { ...rules, federation: 'g' }))).toBe(
    'token-other-federation',
  )
})

test('a token that lives long, names another subject, is forged or altered is refused', () => {
  const long = signToken({ ...claims, exp: 1061 }, alice.secretKey)
  expect(ruleOf(() => verifyToken(long, keyOf, rules))).toBe('token-invalid')
  const forged = signToken(claims, stranger.secretKey)
  expect(ruleOf(() => verifyToken(forged, keyOf, rules))).toBe('signature-invalid')
  const unknown = signToken({ ...claims, sub: stranger.kid }, stranger.secretKey)
  expect(ruleOf(() => verifyToken(unknown, keyOf, rules))).toBe('signer-unknown')
  expect(ruleOf(() => verifyToken('a.b', keyOf, rules))).toBe('document-malformed')
  const [header, , signature] = signToken(claims, alice.secretKey).split('.')
  const payload = toBase64url(utf8(canonicalJson({ ...claims, exp: 1059 })))
  expect(ruleOf(() => verifyToken(`${header}.${payload}.${signature}`, keyOf, rules))).toBe(
    'signature-invalid',
  )
  const none = toBase64url(utf8(canonicalJson({ alg: 'none', kid: alice.kid, typ: 'JWT' })))
  expect(ruleOf(() => verifyToken(`${none}.${payload}.`, keyOf, rules))).toBe('signature-invalid')
})

test('a token names its signer, has all claims and exactly three parts', () => {
  const compact = (payload: Json, signer = alice): string => {
    const jws = signJws(payload, signer, 'JWT')
    return `${jws.signatures[0]?.protected}.${jws.payload}.${jws.signatures[0]?.signature}`
  }
  expect(verifyToken(compact(claims), keyOf, rules)).toEqual(claims)
  expect(ruleOf(() => verifyToken(compact({ ...claims, sub: bob.kid }), keyOf, rules))).toBe('token-invalid')
  for (const payload of [
    null,
    { ...claims, exp: undefined },
    { ...claims, iat: '1000' },
    { ...claims, aud: 1 },
  ])
    expect(ruleOf(() => verifyToken(compact(payload as Json), keyOf, rules))).toBe('token-invalid')
  expect(ruleOf(() => verifyToken(`${compact(claims)}.more`, keyOf, rules))).toBe('document-malformed')
})

test('a signed document cannot pass for a token, nor a token for a document', () => {
  const { payload, signatures } = signJws(claims, alice, TYP)
  const asToken = `${signatures[0]?.protected}.${payload}.${signatures[0]?.signature}`
  expect(ruleOf(() => verifyToken(asToken, keyOf, rules))).toBe('signature-invalid')
  const [header, body, signature] = signToken(claims, alice.secretKey).split('.') as [string, string, string]
  const asDocument = { payload: body, signatures: [{ protected: header, signature }] }
  expect(ruleOf(() => verifyJws(asDocument, keyOf, TYP))).toBe('signature-invalid')
})
