/** Canonical JSON (RFC 8785): one value, one text, so that digests and signatures of documents are well defined. */
import canonicalize from 'canonicalize'

/** What a document may hold: JSON without floating point surprises; amounts travel as strings. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

/** Throws a TypeError on what JSON cannot say (undefined at the top, NaN, infinities, cycles). */
export const canonicalJson = (value: Json): string => {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('not a JSON value')
  return text
}
