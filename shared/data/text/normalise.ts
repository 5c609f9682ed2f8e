/**
 * One spelling for texts that mean the same to whoever compares them. What is folded is the owners' choice, stands in the
 * schema that they sign, and is done by the client, before a word is made of the text.
 *
 * Always first: Unicode NFKC, so that an accented letter is one thing however it was typed, and full-width or ligature forms
 * are plain ones. Deterministic and idempotent; the tables are those of the client's Unicode version, so owners use one release.
 */

export const FOLDS = ['umlauts', 'case', 'accents', 'punctuation', 'space'] as const

/**
 * `umlauts`: ä, ö, ü and ß written out as ae, oe, ue and ss. `case`: upper and lower case are one, ß and ss too. `accents`:
 * letters without their marks, and ø, ł, đ and the like as the letters that they are filed under. `punctuation`: apostrophes
 * and full stops go, every other sign is a space. `space`: one space between words, none around them.
 */
export type Fold = (typeof FOLDS)[number]

const UMLAUTS: Readonly<Record<string, string>> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  Ä: 'Ae',
  Ö: 'Oe',
  Ü: 'Ue',
  ß: 'ss',
  ẞ: 'SS',
}

/** Letters that Unicode does not take apart into a letter and a mark. */
const PLAIN: Readonly<Record<string, string>> = {
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  ħ: 'h',
  Ħ: 'H',
  ŧ: 't',
  Ŧ: 'T',
  ı: 'i',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  þ: 'th',
  Þ: 'TH',
  ŋ: 'n',
  Ŋ: 'N',
}

const replaced = (text: string, table: Readonly<Record<string, string>>): string =>
  Array.from(text, character => table[character] ?? character).join('')

/** In the order in which they are done. */
const STEPS: Readonly<Record<Fold, (text: string) => string>> = {
  umlauts: text => replaced(text, UMLAUTS),
  // Through upper case first: that is where ß and ſ become what they are sorted as.
  case: text => text.toUpperCase().toLowerCase(),
  accents: text => replaced(text.normalize('NFD').replace(/\p{M}/gu, ''), PLAIN),
  punctuation: text => text.replace(/['’ʼ`´.]/gu, '').replace(/[\p{P}\p{S}]/gu, ' '),
  space: text => text.replace(/\s+/gu, ' ').trim(),
}

/** A few letters settle only when what they became is folded once more. */
const PASSES_MAX = 4

/** Empty when nothing of the text is left. */
export const normaliseText = (text: string, folds: readonly Fold[]): string => {
  const once = (before: string): string =>
    FOLDS.reduce(
      (folded, fold) => (folds.includes(fold) ? STEPS[fold](folded) : folded),
      before.normalize('NFKC'),
    ).normalize('NFKC')
  let folded = once(text)
  for (let pass = 1; pass < PASSES_MAX; pass++) folded = once(folded)
  return folded
}
