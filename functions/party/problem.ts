/**
 * How errors become answers (RFC 9457). A known signer gets the rule or check that failed and what would make it pass; a
 * stranger gets a status code and nothing else.
 */
import { Abort, InputError, Refusal, Unavailable } from '../../shared/base/errors.ts'

/** Refusals that mean: whoever this is, it is nobody we know, or its signature does not hold. */
const NOBODY = new Set([
  'signer-unknown',
  'signature-invalid',
  'document-malformed',
  'document-not-canonical',
  'document-unknown-kind',
  'document-too-large',
  'document-content-type',
  'token-missing',
  'token-invalid',
  'token-expired',
  'token-other-audience',
  'token-other-federation',
  'frame-too-large',
  'frame-truncated',
  'frame-version',
  'frame-federation',
  'frame-receiver',
  'frame-sender',
  'frame-signature',
])

/** What is right but too much now; the same may be taken later. */
const LATER = new Set(['rate-limited', 'frame-flood', 'head-too-many', 'document-too-early'])

const statusOfRule = (rule: string): number => {
  if (rule.endsWith('-too-large')) return 413
  // Another release cannot read our problem documents either, perhaps, but it can read a status.
  if (rule === 'frame-version') return 426
  if (LATER.has(rule)) return 429
  if (
    rule.startsWith('token-') ||
    rule === 'signer-unknown' ||
    rule === 'signature-invalid' ||
    rule === 'frame-signature'
  )
    return 401
  if (rule.endsWith('-unknown') || rule === 'not-found') return 404
  if (rule.endsWith('-foreign') || rule === 'recipient-only') return 403
  if (
    rule.endsWith('-ended') ||
    rule.endsWith('-pinned') ||
    rule === 'frame-stale' ||
    rule === 'party-draining' ||
    rule === 'federation-superseded' ||
    rule === 'federation-not-drained'
  )
    return 409
  if (rule.startsWith('document-') || rule.startsWith('frame-')) return 400
  return 422
}

export const statusOf = (error: unknown): number => {
  if (error instanceof Refusal) return statusOfRule(error.rule)
  if (error instanceof InputError) return 422
  if (error instanceof Unavailable) return 503
  if (error instanceof Abort) return 409
  return 500
}

/** Whether the answer may say why: the signer was verified before this error arose, or a read token was. */
export const isForKnown = (error: unknown): boolean =>
  error instanceof InputError || (error instanceof Refusal && !NOBODY.has(error.rule))

/** The problem document. A bug or an outage is not described to anybody outside. */
export const problemOf = (error: unknown): Readonly<Record<string, string | number>> => {
  const status = statusOf(error)
  if (!(error instanceof Refusal) && !(error instanceof InputError))
    return { type: 'about:blank', title: 'The party cannot answer now', status }
  const isRefusal = error instanceof Refusal
  return {
    type: isRefusal ? `urn:trias:refusal:${error.rule}` : 'urn:trias:input',
    title: isRefusal ? 'Refused' : 'Not understood',
    status,
    detail: error.message,
    ...(isRefusal ? { rule: error.rule } : {}),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error instanceof InputError && error.where !== undefined ? { where: error.where } : {}),
  }
}
