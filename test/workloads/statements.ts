/**
 * The statements of a workload, one text file each: what it asks and how it was rewritten as comments, then
 * `-- original`, `-- compared` (what of the original's columns the statement gives; all when absent), `-- statement`.
 */
import { readdirSync, readFileSync } from 'node:fs'

export interface Statement {
  readonly name: string
  readonly original: string
  readonly compared: string
  readonly sql: string
}

const sectionsOf = (text: string): ReadonlyMap<string, string> => {
  const sections = new Map<string, string>()
  const parts = text.split(/^-- (original|compared|statement)\n/m)
  for (let i = 1; i < parts.length; i += 2) sections.set(parts[i] as string, (parts[i + 1] as string).trim())
  return sections
}

export const readStatements = (folder: URL): readonly Statement[] =>
  readdirSync(folder)
    .filter(file => file.endsWith('.sql'))
    .sort()
    .map(file => {
      const sections = sectionsOf(readFileSync(new URL(file, folder), 'utf8'))
      const [original, sql] = [sections.get('original'), sections.get('statement')]
      if (sql === undefined) throw new Error(`${file} has no statement`)
      return {
        name: file.replace('.sql', ''),
        original: original ?? sql,
        compared: sections.get('compared') ?? '*',
        sql,
      }
    })
