/** Texts for comparing: one spelling, one sound, one word. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cologneCode } from '../../../shared/data/text/cologne.ts'
import { areSimilar, GRAM_BITS, gramWords, placesOf } from '../../../shared/data/text/grams.ts'
import { FOLDS, type Fold, normaliseText } from '../../../shared/data/text/normalise.ts'
import { collisionOneIn, textWords, WORD_RANGE } from '../../../shared/data/text/word.ts'

const KEY = 'AAECAwQFBgcICQoLDA0ODw'
const USUAL: readonly Fold[] = ['case', 'accents', 'space']

test.each([
  ['  Anna   Maria ', ['space'], 'Anna Maria'],
  ['MÜLLER', USUAL, 'muller'],
  ['Mu\u0308ller', USUAL, 'muller'],
  ['Müller', ['umlauts', 'case'], 'mueller'],
  ['STRASSE', ['case'], 'strasse'],
  ['Straße', ['case'], 'strasse'],
  ['Ørsted', USUAL, 'orsted'],
  ['Łukasz', USUAL, 'lukasz'],
  ['Þór', USUAL, 'thor'],
  ['ΟΔΟΣ', ['case'], 'οδος'],
  ['ﬁnance Ａ１', [], 'finance A1'],
  ["O'Brien-Smith, J.", ['case', 'punctuation', 'space'], 'obrien smith j'],
  ['İstanbul', USUAL, 'istanbul'],
  [' \u00a0 ', USUAL, ''],
  ['Anna', [], 'Anna'],
] as const)('%j by %j is %j', (text, folds, expected) => {
  expect(normaliseText(text, folds)).toBe(expected)
})

test('a normalised text stays as it is, and how it was typed makes no difference', () => {
  const folds = fc.subarray([...FOLDS])
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), folds, (text, chosen) => {
      const normal = normaliseText(text, chosen)
      expect(normaliseText(normal, chosen)).toBe(normal)
      for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const)
        expect(normaliseText(text.normalize(form), chosen)).toBe(normal)
    }),
    { numRuns: 2000 },
  )
})

// Examples that are published with descriptions of the method.
test.each([
  ['Müller-Lüdenscheidt', '657 52682'],
  ['Wikipedia', '3412'],
  ['Breschnew', '17863'],
  ['Meyer', '67'],
  ['Maier', '67'],
  ['Schmidt', '862'],
  ['Schmitt', '862'],
  ['Philipp', '351'],
  ['Xaver', '4837'],
  ['Christoph', '47823'],
  ['Cäsar', '487'],
  ['Anna', '06'],
  ['Weiß', '38'],
  ['Łóś', '08'],
  ['123', ''],
])('%s sounds as %s', (name, code) => {
  expect(cologneCode(name)).toBe(code)
})

test('words: 60 bits, by key, by spelling and by sound', () => {
  const word = textWords({ key: KEY, folds: USUAL })
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), text => {
      const made = word(text)
      if (made === null) return
      expect(made).toBeGreaterThanOrEqual(WORD_RANGE.low)
      expect(made).toBeLessThanOrEqual(WORD_RANGE.high)
    }),
  )
  expect(word('Müller')).toBe(word(' MULLER'))
  expect(word('Müller')).not.toBe(word('Möller'))
  expect(word('  ')).toBeNull()
  expect(word('Meyer')).not.toBe(textWords({ key: 'BAECAwQFBgcICQoLDA0ODw', folds: USUAL })('Meyer'))
  const sound = textWords({ key: KEY, folds: [], sound: 'cologne' })
  expect(sound('Meyer')).toBe(sound('Maier'))
  expect(sound('Meyer')).not.toBe(word('67'))
  // HMAC-SHA256(key, "trias-text-1 spelling\0muller"), first 8 bytes, low 60 bits; by OpenSSL.
  expect(word('Müller')).toBe(0x68dd67ebe6506a4n)
})

test('the chance of a collision: n^2 / 2^61', () => {
  expect(collisionOneIn(20_000)).toBe(2n ** 61n / 400_000_000n)
  expect(collisionOneIn(0)).toBe(2n ** 61n)
})

test('bigrams: a bit a place and their number above, alike for spellings that differ a little', () => {
  const grams = gramWords({ key: KEY, folds: USUAL })
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 60 }), text => {
      const word = grams(text)
      if (word === null) return
      expect(word).toBeLessThanOrEqual(WORD_RANGE.high)
      expect(BigInt(placesOf(word).length)).toBe(word >> BigInt(GRAM_BITS))
      expect(areSimilar(word, word, 100)).toBe(true)
    }),
  )
  const alike = (a: string, b: string, hundredths: number): boolean =>
    areSimilar(grams(a) as bigint, grams(b) as bigint, hundredths)
  expect(grams(' ')).toBeNull()
  expect(grams('Müller')).toBe(grams('muller'))
  expect(alike('Schneider', 'Schnieder', 70)).toBe(true)
  expect(alike('Katharina Schmidt', 'Katarina Schmidt', 80)).toBe(true)
  expect(alike('Schneider', 'Petrov', 50)).toBe(false)
})
