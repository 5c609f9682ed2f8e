/**
 * A text as the set of its bigrams, for comparing spellings that differ a little: the bigrams of the normalised text with a
 * space before and behind, each put at one of 54 places by a keyed hash, and the number of places that are set. It is a
 * Bloom filter with one hash function (Schnell, Bachteler, Reiher 2009), small because it is shared, not published: 54 bits and 6
 * for the number are one word of 60 bits.
 *
 * Similar are two texts whose sets A and B have a Dice coefficient 2 |A ∩ B| / (|A| + |B|) of at least the threshold. That
 * is exact about the sets; two bigrams at one place are taken for the same, which makes texts a little more alike, and long
 * texts more so: fit for names, not for sentences.
 */
import { normaliseText } from './normalise.ts'
import { keyedWords, type TextForm } from './word.ts'

/** Places of bigrams, the lowest bits of the word; above them stands how many are set. */
export const GRAM_BITS = 54
const PLACES = (1n << BigInt(GRAM_BITS)) - 1n

const onesOf = (bits: bigint): bigint => {
  let ones = 0n
  for (let rest = bits; rest > 0n; rest &= rest - 1n) ones++
  return ones
}

/** The word of a text's bigrams, in [0, 2^60), or null when nothing is left of the text. */
export const gramWords = ({
  key,
  folds,
}: Pick<TextForm, 'key' | 'folds'>): ((text: string) => bigint | null) => {
  const hash = keyedWords(key, 'trias-grams-1')
  return text => {
    const normal = normaliseText(text, folds)
    if (normal === '') return null
    const letters = [' ', ...normal, ' ']
    const set = letters
      .slice(1)
      .reduce((bits, letter, i) => bits | (1n << (hash(`${letters[i]}${letter}`) % BigInt(GRAM_BITS))), 0n)
    return (onesOf(set) << BigInt(GRAM_BITS)) | set
  }
}

/** Places of the bigrams in a word. */
export const placesOf = (word: bigint): readonly number[] =>
  Array.from({ length: GRAM_BITS }, (_, place) => place).filter(place => (word >> BigInt(place)) & 1n)

const sizeOf = (word: bigint): bigint => word >> BigInt(GRAM_BITS)

/** Whether the Dice coefficient of two words' sets is at least so many hundredths. */
export const areSimilar = (a: bigint, b: bigint, hundredths: number): boolean =>
  200n * onesOf(a & b & PLACES) >= BigInt(hundredths) * (sizeOf(a) + sizeOf(b))
