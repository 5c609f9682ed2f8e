/** Secrets that a test knows, and every form in which they could slip into text. */

export interface Canary {
  readonly what: string
  readonly forms: readonly string[]
}

/** Long enough to be no accident, short enough to be found in what was cut. */
const WINDOW = 12

const base64Of = (bytes: Uint8Array): string[] =>
  [0, 1, 2].map(skip => {
    // Three alignments; the characters at both ends also depend on their neighbours.
    const text = Buffer.concat([Buffer.alloc(skip, 0), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    return text.slice(skip === 0 ? 0 : skip + 1, -1)
  })

/** Where the bytes look random: a share of few rows has long runs of zeros, which are found anywhere. */
const telling = (bytes: Uint8Array): Uint8Array => {
  for (let at = 0; at + WINDOW <= bytes.length; at++) {
    const window = bytes.slice(at, at + WINDOW)
    if (new Set(window).size >= WINDOW - 2 && window[7] !== 0) return window
  }
  throw new Error('no part of these bytes is long and random enough to be recognised')
}

/** Base64 and base64url at every alignment, hex, numbers in a list, members of a printed array, words. */
export const bytesCanary = (what: string, bytes: Uint8Array): Canary => {
  const start = telling(bytes)
  const base64 = base64Of(start)
  const hex = Buffer.from(start).toString('hex')
  const numbers = [...start]
  return {
    what,
    forms: [
      ...base64,
      ...base64.map(text => text.replaceAll('+', '-').replaceAll('/', '_')),
      hex,
      hex.toUpperCase(),
      hex.match(/../g)!.join(' '),
      numbers.join(','),
      numbers.join(', '),
      numbers.map((value, i) => `"${i}":${value}`).join(','),
      numbers.map((value, i) => `'${i}': ${value}`).join(', '),
      new DataView(start.buffer, start.byteOffset).getBigUint64(0, true).toString(),
    ],
  }
}

export const textCanary = (what: string, text: string): Canary => ({ what, forms: [text] })

/** A number counts where it stands by itself: digests and times may hold its digits by accident. */
const isIn = (haystack: string, form: string): boolean => {
  if (!/^\d{1,7}$/.test(form)) return haystack.includes(form)
  return new RegExp(`(?<![\\w.:-])${form}(?![\\w:-])`).test(haystack)
}

/** What is found of the canaries, by name. */
export const escaped = (canaries: readonly Canary[], haystack: string): readonly string[] => [
  ...new Set(
    canaries.filter(({ forms }) => forms.some(form => isIn(haystack, form))).map(({ what }) => what),
  ),
]
