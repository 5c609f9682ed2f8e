/**
 * SQL text to PostgreSQL's own syntax tree (libpg-query is its grammar, compiled to WebAssembly), and places in the
 * text. What the grammar takes and we do not is refused when the query is bound.
 */
import { hasSqlDetails, parse, type SelectStmt, scanSync } from 'libpg-query'
import { fromUtf8, utf8 } from '../base/bytes.ts'
import { InputError } from '../base/errors.ts'

/** Longer queries are no report; parsing time is the sender's choice otherwise. */
const LONGEST_QUERY = 20_000

/** Levels of the syntax tree; deeper ones would exhaust the stack of whoever walks it. */
const DEEPEST = 400

const isTooDeep = (tree: unknown): boolean => {
  let level: unknown[] = [tree]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true
    level = level.flatMap(node => (typeof node === 'object' && node !== null ? Object.values(node) : []))
  }
  return false
}

/** The hint where nothing more exact can be said. */
export const SUPPORTED =
  'Supported: one SELECT over tables, inner queries, WITH and UNION ALL; joins on equal columns, EXISTS and IN (SELECT …); WHERE, GROUP BY, HAVING, ORDER BY, LIMIT; COUNT, SUM, AVG, MIN, MAX, percentiles and statistics; in inner queries ROW_NUMBER, SUM and LAG OVER. docs/reference/sql.md has each with an example.'

export interface ParsedQuery {
  readonly text: string
  readonly select: SelectStmt
  /** `line 1, column 23` of a byte offset of the grammar. */
  where(location: number): string
  /** The byte offset of a keyword's first occurrence outside of literals and comments, else 0. */
  keyword(word: string): number
}

const lineAndColumn = (before: string): string => {
  const lines = before.split('\n')
  return `line ${lines.length}, column ${[...(lines.at(-1) as string)].length + 1}`
}

const whereOf = (text: string, byteOffset: number): string =>
  lineAndColumn(fromUtf8(utf8(text).subarray(0, Math.max(0, byteOffset))))

/** The one SELECT of `text`; throws InputError with the place of the trouble. */
export const parseQuery = async (text: string): Promise<ParsedQuery> => {
  if (text.length > LONGEST_QUERY)
    throw new InputError(`The query is longer than ${LONGEST_QUERY} characters.`, { hint: SUPPORTED })
  if (text.includes('\0')) throw new InputError('The query holds a NUL character.', { hint: SUPPORTED })
  if (text.trim() === '') throw new InputError('The query is empty.', { hint: SUPPORTED })
  const statements = await parse(text)
    .then(result => result.stmts ?? [])
    .catch((error: unknown) => {
      const at = hasSqlDetails(error) ? error.sqlDetails?.cursorPosition : undefined
      throw new InputError(`SQL: ${error instanceof Error ? error.message : 'syntax error'}.`, {
        hint: SUPPORTED,
        ...(at !== undefined && at >= 0 && { where: lineAndColumn([...text].slice(0, at).join('')) }),
      })
    })
  const where = (location: number): string => whereOf(text, location)
  const refuse = (message: string, location: number): never => {
    throw new InputError(message, { hint: SUPPORTED, where: where(location) })
  }
  if (isTooDeep(statements)) throw new InputError('The query is nested too deeply.', { hint: SUPPORTED })
  const [first, second] = statements
  if (first?.stmt === undefined) throw new InputError('The query holds no statement.', { hint: SUPPORTED })
  if (second !== undefined) {
    const start = second.stmt_location ?? 0
    const rest = fromUtf8(utf8(text).subarray(start))
    refuse(
      'Several statements are not supported: a request is one query.',
      start + utf8(/^\s*/.exec(rest)?.[0] ?? '').length,
    )
  }
  if (!('SelectStmt' in first.stmt)) {
    const kind = Object.keys(first.stmt)[0]
      ?.replace(/Stmt$/, '')
      .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
      .toUpperCase()
    refuse(`${kind ?? 'This statement'} is not supported: a request is one SELECT.`, 0)
  }
  return {
    text,
    select: (first.stmt as { SelectStmt: SelectStmt }).SelectStmt,
    where,
    keyword: word =>
      scanSync(text).tokens.find(token => token.keywordKind > 0 && token.text.toUpperCase() === word)
        ?.start ?? 0,
  }
}
