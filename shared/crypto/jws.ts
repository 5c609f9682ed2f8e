/**
 * Signed JSON: JWS in general JSON serialization (RFC 7515, several signers over one payload) and, for reads, a
 * compact JWT (RFC 7519), both with EdDSA (RFC 8037) only. Any JOSE tool verifies them.
 *
 * A payload is looked at only after **every** signature over it was verified with a key that the reader knows. The
 * algorithm is not negotiable: a header that names another one, or says anything beyond alg, kid and typ, is refused.
 */
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '../base/bytes.ts'
import { canonicalJson, type Json } from '../base/canonical.ts'
import { Refusal } from '../base/errors.ts'
import { sign, verify } from './signature.ts'

export interface JwsSignature {
  readonly protected: string
  readonly signature: string
}

export interface GeneralJws {
  readonly payload: string
  readonly signatures: readonly JwsSignature[]
}

export interface Signer {
  /** Key id of the public key, see `keyId`. */
  readonly kid: string
  readonly secretKey: Uint8Array
}

/** The public key behind a key id; undefined when the reader does not know it. */
export type KeyOf = (kid: string) => Uint8Array | undefined

export interface VerifiedJws {
  readonly payload: Json
  /** All signers, in the order of their signatures; each one once. */
  readonly kids: readonly string[]
}

/** More signatures than a federation has members are not worth verifying. */
const SIGNATURES_MAX = 512

/** What is signed: header and payload as they travel, so that nothing has to be serialised again to verify. */
export const signingInput = (protectedHeader: string, payload: string): Uint8Array =>
  utf8(`${protectedHeader}.${payload}`)

const signatureOver = (payload: string, signer: Signer, typ: string): JwsSignature => {
  const header = toBase64url(utf8(canonicalJson({ alg: 'EdDSA', kid: signer.kid, typ })))
  return {
    protected: header,
    signature: toBase64url(sign(signingInput(header, payload), signer.secretKey)),
  }
}

/** Signs canonical JSON. `typ` says what kind of statement it is, so that one cannot pass for another. */
export const signJws = (payload: Json, signer: Signer, typ: string): GeneralJws => {
  const text = toBase64url(utf8(canonicalJson(payload)))
  return { payload: text, signatures: [signatureOver(text, signer, typ)] }
}

/** The same payload with one more signer. The caller has read and agrees with the payload. */
export const addSignature = (jws: GeneralJws, signer: Signer, typ: string): GeneralJws => ({
  payload: jws.payload,
  signatures: [...jws.signatures, signatureOver(jws.payload, signer, typ)],
})

const malformed = (what: string): Refusal =>
  new Refusal('document-malformed', `not a signed document: ${what}`, {
    hint: 'send a JWS in general JSON serialization: {payload, signatures: [{protected, signature}]}',
  })

const invalid = (kid: string, why: string): Refusal =>
  new Refusal('signature-invalid', `signature of key ${kid}: ${why}`, {
    hint: 'sign the document again with EdDSA and the key that the federation manifest lists',
  })

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const hasOnly = (value: Record<string, unknown>, names: readonly string[]): boolean =>
  Object.keys(value).length === names.length && names.every(name => typeof value[name] === 'string')

/** Shape only; nothing in it is believed yet. */
export const parseJws = (jws: unknown): GeneralJws => {
  if (!isRecord(jws) || typeof jws.payload !== 'string' || !Array.isArray(jws.signatures))
    throw malformed('payload or signatures are missing')
  if (Object.keys(jws).length !== 2) throw malformed('it has members beside payload and signatures')
  if (jws.signatures.length === 0) throw malformed('it carries no signature')
  if (jws.signatures.length > SIGNATURES_MAX) throw malformed(`it carries over ${SIGNATURES_MAX} signatures`)
  for (const one of jws.signatures)
    if (!isRecord(one) || !hasOnly(one, ['protected', 'signature']))
      throw malformed('a signature must have exactly protected and signature')
  return jws as unknown as GeneralJws
}

const decodeJson = (text: string, what: string): unknown => {
  try {
    return JSON.parse(fromUtf8(fromBase64url(text)))
  } catch {
    throw malformed(`${what} is not base64url of JSON`)
  }
}

const decodeBytes = (text: string, what: string): Uint8Array => {
  try {
    return fromBase64url(text)
  } catch {
    throw malformed(`${what} is not base64url`)
  }
}

/** Key ids come from outside until verified; only ones that look like ours may appear in a message. */
const KEY_ID = /^[A-Za-z0-9_-]{16}$/

const readHeader = (text: string, typ: string): string => {
  const header = decodeJson(text, 'a protected header')
  if (!isRecord(header) || typeof header.kid !== 'string' || !KEY_ID.test(header.kid))
    throw malformed('a protected header names no key id')
  const kid = header.kid
  if (header.alg !== 'EdDSA') throw invalid(kid, 'the algorithm must be EdDSA')
  if (header.typ !== typ) throw invalid(kid, `it was not given for ${typ}`)
  if (!hasOnly(header, ['alg', 'kid', 'typ']))
    throw invalid(kid, 'the header says more than alg, kid and typ')
  return kid
}

const requireSignature = (one: JwsSignature, payload: string, keyOf: KeyOf, typ: string): string => {
  const kid = readHeader(one.protected, typ)
  const key = keyOf(kid)
  if (key === undefined)
    throw new Refusal('signer-unknown', `key ${kid} belongs to nobody in the federation manifest`, {
      hint: 'sign with a key that the manifest lists, or ask for a manifest that lists this one',
    })
  const signature = decodeBytes(one.signature, `the signature of key ${kid}`)
  if (!verify(signature, signingInput(one.protected, payload), key)) throw invalid(kid, 'it does not verify')
  return kid
}

/**
 * Verifies every signature, then reads the payload. Throws `Refusal`: `document-malformed`, `signer-unknown`,
 * `signature-invalid`, or `document-not-canonical` when the payload has another canonical text than the one signed.
 */
export const verifyJws = (jws: unknown, keyOf: KeyOf, typ: string): VerifiedJws => {
  const { payload, signatures } = parseJws(jws)
  const kids = signatures.map(one => requireSignature(one, payload, keyOf, typ))
  if (new Set(kids).size !== kids.length) throw malformed('one key signed twice')
  const value = decodeJson(payload, 'the payload') as Json
  if (toBase64url(utf8(canonicalJson(value))) !== payload)
    throw new Refusal('document-not-canonical', 'the payload is not canonical JSON', {
      hint: 'serialise the document by RFC 8785 before it is signed',
    })
  return { payload: value, kids }
}

/** What the bearer of a read token claims; `sub` is the key id that signed it. */
export interface TokenClaims {
  readonly sub: string
  /** The one party that may accept it. */
  readonly aud: string
  /** Seconds since 1970. */
  readonly iat: number
  readonly exp: number
  /** Digest of the federation manifest. */
  readonly federation: string
}

const TOKEN_TYP = 'JWT'

/** A short-lived proof of identity for one read at one party, as a compact EdDSA JWT. */
export const signToken = (claims: TokenClaims, secretKey: Uint8Array): string => {
  const payload = toBase64url(utf8(canonicalJson({ ...claims })))
  const { protected: header, signature } = signatureOver(payload, { kid: claims.sub, secretKey }, TOKEN_TYP)
  return `${header}.${payload}.${signature}`
}

export interface TokenRules {
  readonly audience: string
  readonly nowS: number
  readonly federation?: string
  /** Longest accepted life of a token, default 60 s. */
  readonly maxAgeS?: number
  /** Tolerated difference of clocks, default 5 s. */
  readonly skewS?: number
}

const refuseToken = (rule: string, message: string): Refusal =>
  new Refusal(rule, message, { hint: 'sign a fresh token for this party, valid for at most a minute' })

const isClaims = (value: unknown): value is TokenClaims =>
  isRecord(value) &&
  typeof value.sub === 'string' &&
  typeof value.aud === 'string' &&
  typeof value.federation === 'string' &&
  Number.isSafeInteger(value.iat) &&
  Number.isSafeInteger(value.exp)

/**
 * The claims of a token that is good here and now. Throws `Refusal`: `document-malformed`, `signer-unknown`,
 * `signature-invalid`, `token-invalid`, `token-other-audience`, `token-other-federation` or `token-expired`.
 */
export const verifyToken = (token: string, keyOf: KeyOf, rules: TokenRules): TokenClaims => {
  const { audience, nowS, federation, maxAgeS = 60, skewS = 5 } = rules
  const parts = token.split('.')
  const [header, payload, signature] = parts
  if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined)
    throw malformed('a token has three parts')
  const kid = requireSignature({ protected: header, signature }, payload, keyOf, TOKEN_TYP)
  const claims = decodeJson(payload, 'the claims')
  if (!isClaims(claims) || claims.sub !== kid)
    throw refuseToken('token-invalid', 'the claims are incomplete or name another key than the signer')
  if (claims.aud !== audience) throw refuseToken('token-other-audience', 'the token is for another party')
  if (federation !== undefined && claims.federation !== federation)
    throw refuseToken('token-other-federation', 'the token is for another federation manifest')
  if (claims.exp - claims.iat > maxAgeS || claims.exp < claims.iat)
    throw refuseToken('token-invalid', `a token may live for at most ${maxAgeS} s`)
  const [aheadS, lateS] = [claims.iat - nowS, nowS - claims.exp]
  if (aheadS > skewS || lateS > skewS)
    throw refuseToken(
      'token-expired',
      aheadS > 0
        ? `the token was made ${aheadS} s in the future by the clock here, and ${skewS} s are tolerated`
        : `the token ended ${lateS} s ago by the clock here, and ${skewS} s are tolerated`,
    )
  return claims
}
