/**
 * Parts of a page that are computed: between `<!-- generated: NAME -->` and `<!-- end -->` stands what the code gives under
 * that name. A page that says anything else fails its test; TRIAS_UPDATE=1 writes it anew.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'

const PART = /(<!-- generated: (.+?) -->\n)[\s\S]*?(<!-- end -->)/g

export const holdPage = (file: URL, parts: ReadonlyMap<string, string>): void => {
  const text = readFileSync(file, 'utf8')
  const used = new Set<string>()
  const wanted = text.replace(PART, (_, begin: string, name: string, end: string) => {
    const part = parts.get(name)
    if (part === undefined) throw new Error(`${file.pathname}: nothing is generated as ${name}`)
    used.add(name)
    return `${begin}${part.trimEnd()}\n${end}`
  })
  expect([...parts.keys()].filter(name => !used.has(name))).toEqual([])
  if (process.env.TRIAS_UPDATE === '1') writeFileSync(file, wanted)
  else expect(text).toBe(wanted)
}

export const fenced = (text: string, language = ''): string =>
  `\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n`

/** A table in Markdown; numbers to the right. */
export const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const isNumber = (text: string): boolean => /^(-?[\d,]+(\.\d+)?|–|suppressed)$/.test(text)
  const rule = head.map((_, i) => (rows.every(row => isNumber(row[i] ?? '')) ? '--:' : '---'))
  return [head, rule, ...rows].map(row => `| ${row.join(' | ')} |\n`).join('')
}
