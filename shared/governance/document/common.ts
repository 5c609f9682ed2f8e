/** What all documents are made of: digests, keys, names and times as text, each checked for its exact form. */
import { z } from 'zod'
import { fromBase64url } from '../../base/bytes.ts'
import { BOX_PUBLIC_KEY_BYTES } from '../../crypto/sealed-box.ts'

const decodedLength = (text: string): number => {
  try {
    return fromBase64url(text).length
  } catch {
    return -1
  }
}

/** Canonical base64url of exactly this many bytes. */
const bytesText = (length: number, what: string) =>
  z.string().refine(text => decodedLength(text) === length, `expected ${what}: base64url of ${length} bytes`)

/** SHA-256, of a document (canonical JSON) or of bytes. */
export const digestText = bytesText(32, 'a SHA-256 digest')

/** An Ed25519 public key. */
export const signingKeyText = bytesText(32, 'an Ed25519 public key')

/** An X-Wing public key. */
export const sealingKeyText = bytesText(BOX_PUBLIC_KEY_BYTES, 'an X-Wing public key')

/** Something sealed to a key: at least an encapsulated key and a tag. */
export const sealedText = z
  .string()
  .max(4096)
  .refine(text => decodedLength(text) >= 1136, 'expected a sealed box: base64url of at least 1136 bytes')

/** Names are for people: a member, an operator, a purpose. */
export const nameText = z
  .string()
  .min(1)
  .max(200)
  .refine(text => text === text.trim(), 'expected no space around a name')

/** ISO 3166-1 alpha-2. */
export const countryText = z.string().regex(/^[A-Z]{2}$/, 'expected a country code of two capital letters')

/** An instant in UTC, such as 2026-11-24T08:00:00Z. */
export const timeText = z.iso.datetime({ error: 'expected a UTC time such as 2026-11-24T08:00:00Z' })

export const partyIndex = z.union([z.literal(0), z.literal(1), z.literal(2)])

export const countNumber = z.int().min(0)

/** One of something for each party, by index. */
export const perParty = <T extends z.ZodType>(one: T) => z.tuple([one, one, one])

/** Seconds since 1970 of a checked time. */
export const secondsOf = (time: string): number => Date.parse(time) / 1000
