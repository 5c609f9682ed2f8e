/** Plain terminal dressing: colour only on a terminal and never against NO_COLOR, which `styleText` looks after. */
import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

const paint = (format: Format) => (text: string) => styleText(format, text, { stream: process.stdout })

export const bold = paint('bold')
export const dim = paint('dim')
export const green = paint('green')
export const red = paint('red')
export const yellow = paint('yellow')
export const cyan = paint('cyan')

/** The colours of this file, as they follow an escape character. */
const OWN_COLOUR = /^\[(?:1|2|22|3[1-9])m/

/**
 * Names, reasons and SQL come from others; on a terminal they must not move, hide or reorder what is read. Control and
 * bidirectional characters become a visible mark, except line breaks, tabs and our own colours.
 */
export const harmless = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, (character, at: number) => {
    if (character === '\n' || character === '\t') return character
    const isColour = character === '\u001b' && OWN_COLOUR.test(text.slice(at + 1, at + 5))
    return isColour ? character : '\ufffd'
  })

/** The first characters of a digest: enough to recognise and to type, unique in any one federation in practice. */
export const short = (digest: string): string => digest.slice(0, 12)

/** Words wrapped to a width, every line after the first indented. */
export const wrap = (text: string, width: number, indent = ''): string => {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line)
        line = word
      } else line = line === '' ? word : `${line} ${word}`
    }
    lines.push(line)
  }
  return lines.join(`\n${indent}`)
}

/** Lines that are too long for a terminal continue below, a little further in than they began. */
export const wrapLines = (text: string, width = 100): string =>
  text
    .split('\n')
    .map(line => {
      const indent = /^ */.exec(line)?.[0] ?? ''
      return indent + wrap(line.slice(indent.length), width - indent.length - 2, `${indent}  `)
    })
    .join('\n')

/** `1 row`, `2 rows`. */
export const plural = (value: number, one: string): string =>
  `${count(value)} ${one}${value === 1 ? '' : 's'}`

/** Label and value pairs, values aligned. */
export const fields = (pairs: readonly (readonly [label: string, value: string])[], indent = ''): string => {
  const width = Math.max(...pairs.map(([label]) => label.length))
  const hanging = `${indent}${' '.repeat(width + 2)}`
  return pairs
    .map(([label, value]) => {
      const text = value.split('\n').join(`\n${hanging}`)
      return `${indent}${dim(label.padEnd(width))}  ${text}`
    })
    .join('\n')
}

/** 12345 → `12,345`. */
export const count = (value: number | bigint): string => value.toLocaleString('en-US')

/** Milliseconds → `1.2 s`. */
export const duration = (ms: number): string =>
  ms < 1000
    ? `${Math.round(ms)} ms`
    : ms < 120_000
      ? `${(ms / 1000).toFixed(1)} s`
      : `${Math.round(ms / 60_000)} min`
