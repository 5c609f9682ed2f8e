/**
 * Texts as words of 60 bits: HMAC-SHA256 of the normalised text under the key of the schema, truncated. Two texts are the
 * same exactly when their words are, but for collisions: among n different texts some two have the same word with a chance
 * of at most n^2 / 2^61 (birthday bound), which the disclosure states for the rows at hand.
 *
 * The key sets federations apart: words of one cannot be compared with words of another. It is no secret from whoever may
 * read the schema, since a statement must be able to name a text. What hides a text from a party is the sharing.
 */
import { fromBase64url, utf8 } from '../../base/bytes.ts'
import { macsUnder } from '../../crypto/hash.ts'
import { cologneCode } from './cologne.ts'
import { type Fold, normaliseText } from './normalise.ts'

export const WORD_BITS = 60
const WORD_LIMIT = 1n << BigInt(WORD_BITS)
export const WORD_RANGE = { low: 0n, high: WORD_LIMIT - 1n } as const

export interface TextForm {
  /** 16 bytes in base64url, the same for all texts that are ever compared. */
  readonly key: string
  readonly folds: readonly Fold[]
  /** Compare by sound instead of by spelling. */
  readonly sound?: 'cologne' | undefined
}

/** Keyed 64-bit words, the first bytes of the MAC; prepared once a key. */
export const keyedWords = (key: string, context: string): ((text: string) => bigint) => {
  const macOf = macsUnder(fromBase64url(key), utf8(`${context}\0`))
  return text => {
    const mac = macOf(utf8(text))
    return new DataView(mac.buffer, mac.byteOffset).getBigUint64(0)
  }
}

/** What is compared: the text in its one spelling, or its sound. Empty when nothing is left of it. */
export const comparedText = (text: string, { folds, sound }: Omit<TextForm, 'key'>): string => {
  const normal = normaliseText(text, folds)
  return sound === 'cologne' ? cologneCode(normal) : normal
}

/** The word of a text, in [0, 2^60), or null when nothing is left of the text. */
export const textWords = (form: TextForm): ((text: string) => bigint | null) => {
  const word = keyedWords(form.key, `trias-text-1 ${form.sound ?? 'spelling'}`)
  return text => {
    const compared = comparedText(text, form)
    return compared === '' ? null : word(compared) & (WORD_LIMIT - 1n)
  }
}

/** 1 in so many is the greatest chance that any two different of `texts` texts have the same word. */
export const collisionOneIn = (texts: number): bigint => {
  const pairs = BigInt(texts) * BigInt(texts)
  return pairs === 0n ? 2n * WORD_LIMIT : (2n * WORD_LIMIT) / pairs
}
