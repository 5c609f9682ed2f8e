/**
 * Signing and opening documents: the one way in for everything that another organisation says. Signatures are verified
 * before the payload is read, then its shape is checked; what `openDocument` returns can be believed to be what the
 * signers wrote. Whether they had the right to write it is for the checks in `check/`.
 */
import type { z } from 'zod'
import { fromBase64url, fromUtf8 } from '../base/bytes.ts'
import { canonicalJson, type Json } from '../base/canonical.ts'
import { Refusal } from '../base/errors.ts'
import { digestOf } from '../crypto/hash.ts'
import {
  addSignature,
  type GeneralJws,
  type KeyOf,
  parseJws,
  type Signer,
  signJws,
  verifyJws,
} from '../crypto/jws.ts'
import {
  type DocumentKind,
  type DocumentOf,
  documentSchemas,
  isDocumentKind,
  type TriasDocument,
} from './document/document.ts'
import type { Federation } from './document/federation.ts'
import { signingKeysOf } from './roles.ts'

const DOCUMENT_TYP = 'trias-document+json'

/** A larger document is refused unread. */
export const DOCUMENT_BYTES_MAX = 1024 * 1024

export type SignedDocument = GeneralJws

export interface OpenedDocument<K extends DocumentKind = DocumentKind> {
  readonly kind: K
  readonly document: DocumentOf<K>
  /** How other documents refer to it; the same whoever signed. */
  readonly digest: string
  /** Key ids whose signatures were verified. */
  readonly signers: readonly string[]
}

/** An opened document of some kind; `kind` narrows `document`. */
export type AnyOpenedDocument = { [K in DocumentKind]: OpenedDocument<K> }[DocumentKind]

export const digestOfDocument = (document: TriasDocument): string => digestOf(document as Json)

export const signDocument = (document: TriasDocument, signer: Signer): SignedDocument =>
  signJws(document as Json, signer, DOCUMENT_TYP)

/** One more signer under the same document, who has read it. */
export const coSignDocument = (signed: SignedDocument, signer: Signer): SignedDocument =>
  addSignature(signed, signer, DOCUMENT_TYP)

/** The signatures of several copies of one document under one; throws a RangeError when they differ. */
export const mergeSignatures = (copies: readonly SignedDocument[]): SignedDocument => {
  const [first] = copies
  if (first === undefined || copies.some(copy => copy.payload !== first.payload))
    throw new RangeError('expected copies of one document')
  const signatures = new Map(copies.flatMap(copy => copy.signatures).map(one => [one.protected, one]))
  return { payload: first.payload, signatures: [...signatures.values()] }
}

const requireSize = (signed: GeneralJws): void => {
  const size = signed.signatures.reduce(
    (sum, one) => sum + one.protected.length + one.signature.length,
    signed.payload.length,
  )
  if (size > DOCUMENT_BYTES_MAX)
    throw new Refusal('document-too-large', `the document is larger than ${DOCUMENT_BYTES_MAX} bytes`, {
      hint: 'share fewer rows at a time, or shorten the document',
    })
}

const describeIssue = (error: z.ZodError): string => {
  const [issue] = error.issues
  return issue === undefined
    ? 'its shape is wrong'
    : `${issue.path.join('.') || 'document'}: ${issue.message}`
}

/** Checks the shape of a payload. Throws `Refusal`: `document-unknown-kind` or `document-malformed`. */
const parseDocument = (payload: unknown): TriasDocument => {
  const kind = (payload as { kind?: unknown } | null)?.kind
  if (!isDocumentKind(kind))
    throw new Refusal('document-unknown-kind', 'the document is of no kind that this version knows', {
      hint: `use one of: ${Object.keys(documentSchemas).join(', ')}`,
    })
  const parsed = documentSchemas[kind].safeParse(payload)
  if (!parsed.success)
    throw new Refusal('document-malformed', `${kind}: ${describeIssue(parsed.error)}`, {
      hint: 'write the document with the client of this version',
    })
  return parsed.data as TriasDocument
}

/**
 * Verifies every signature with a key from `keyOf`, then reads the document. Throws `Refusal`: `document-too-large`,
 * `document-malformed`, `signer-unknown`, `signature-invalid`, `document-not-canonical` or `document-unknown-kind`.
 */
export const openDocument = (signed: unknown, keyOf: KeyOf): AnyOpenedDocument => {
  requireSize(parseJws(signed))
  const { payload, kids } = verifyJws(signed, keyOf, DOCUMENT_TYP)
  const document = parseDocument(payload)
  return { kind: document.kind, document, digest: digestOf(payload), signers: kids } as AnyOpenedDocument
}

/** As `openDocument`, for one expected kind. Throws `Refusal('document-other-kind')` for any other. */
export const openDocumentOf = <K extends DocumentKind>(
  kind: K,
  signed: unknown,
  keyOf: KeyOf,
): OpenedDocument<K> => {
  const opened = openDocument(signed, keyOf)
  if (opened.kind !== kind)
    throw new Refusal('document-other-kind', `expected a document of kind ${kind}, got ${opened.kind}`)
  return opened as unknown as OpenedDocument<K>
}

/** Key ids that the signatures name; nothing is verified. */
export const namedSigners = (signed: SignedDocument): readonly string[] =>
  parseJws(signed).signatures.map(({ protected: header }) => {
    try {
      return String((JSON.parse(fromUtf8(fromBase64url(header))) as { kid?: unknown } | null)?.kid)
    } catch (cause) {
      throw new Refusal('document-malformed', 'a protected header is not base64url of JSON', { cause })
    }
  })

/** The same document with those signatures alone whose keys the reader knows; nothing is verified. */
export const withSignaturesOf = (signed: unknown, keyOf: KeyOf): SignedDocument => {
  const jws = parseJws(signed)
  const named = namedSigners(jws)
  return {
    payload: jws.payload,
    signatures: jws.signatures.filter((_, i) => keyOf(named[i] as string) !== undefined),
  }
}

/**
 * Opens a manifest with the keys that it lists itself. That proves only that these keys signed it: the caller compares
 * the digest with one it pinned, or shows it to a person, and runs `verifyFederation`. The only place where a payload
 * is read before its signatures are verified, because the keys are in it.
 *
 * A later version also carries signatures of keys that only the one before lists: `earlier` knows them. Without it they
 * are set aside and count for nothing.
 */
export const openFederation = (
  signed: unknown,
  earlier: KeyOf = () => undefined,
): OpenedDocument<'federation'> => {
  const jws = parseJws(signed)
  requireSize(jws)
  let payload: unknown
  try {
    payload = JSON.parse(fromUtf8(fromBase64url(jws.payload)))
  } catch (cause) {
    throw new Refusal('document-malformed', 'the manifest is not base64url of JSON', { cause })
  }
  const claimed = parseDocument(payload)
  if (claimed.kind !== 'federation')
    throw new Refusal('document-other-kind', `expected a federation manifest, got ${claimed.kind}`)
  const listed = signingKeysOf(claimed as Federation)
  const keyOf: KeyOf = kid => listed(kid) ?? earlier(kid)
  if ((claimed as Federation).version === 1) return openDocumentOf('federation', jws, keyOf)
  return openDocumentOf('federation', withSignaturesOf(jws, keyOf), keyOf)
}

/** The text of a signed document for a file or a request body. */
export const signedText = (signed: SignedDocument): string => canonicalJson(signed as unknown as Json)
