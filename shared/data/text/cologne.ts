/**
 * Cologne phonetics (Kölner Phonetik; H. J. Postel, IBM-Nachrichten 19, 1969): German names that sound alike have one code of
 * digits. A name of several words has the codes of its words with a space between. Anything but the letters A to Z, Ä, Ö, Ü
 * and ß is passed over; a word of such signs alone has an empty code.
 */

const isIn = (set: string, letter: string): boolean => letter !== '' && set.includes(letter)

/** The digits of one letter by its neighbours; empty for H. `before` and `after` are empty at the ends of the word. */
const digitsOf = (letter: string, before: string, after: string): string => {
  if (isIn('AEIJOUY', letter)) return '0'
  if (letter === 'B') return '1'
  if (letter === 'P') return after === 'H' ? '3' : '1'
  if (isIn('DT', letter)) return isIn('CSZ', after) ? '8' : '2'
  if (isIn('FVW', letter)) return '3'
  if (isIn('GKQ', letter)) return '4'
  if (letter === 'C') {
    const isHard = before === '' ? isIn('AHKLOQRUX', after) : isIn('AHKOQUX', after) && !isIn('SZ', before)
    return isHard ? '4' : '8'
  }
  if (letter === 'X') return isIn('CKQ', before) ? '8' : '48'
  if (letter === 'L') return '5'
  if (isIn('MN', letter)) return '6'
  if (letter === 'R') return '7'
  return isIn('SZ', letter) ? '8' : ''
}

const codeOfWord = (word: string): string => {
  const letters = word
    .normalize('NFC')
    .toUpperCase()
    .replaceAll('Ä', 'A')
    .replaceAll('Ö', 'O')
    .replaceAll('Ü', 'U')
    .normalize('NFD')
    .replace(/[^A-Z]/g, '')
  const digits = Array.from(letters, (letter, i) =>
    digitsOf(letter, letters[i - 1] ?? '', letters[i + 1] ?? ''),
  ).join('')
  // Of equal digits beside each other one stays; then every 0 goes but a first one.
  return digits.replace(/(.)\1+/g, '$1').replace(/(?<=.)0/g, '')
}

export const cologneCode = (name: string): string =>
  name
    .split(/[^\p{L}\p{M}]+/u)
    .map(codeOfWord)
    .filter(code => code !== '')
    .join(' ')
