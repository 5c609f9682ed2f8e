/**
 * The format of the logic tests: blocks between empty lines; `#` begins a comment line.
 *
 *   table NAME                            tables stand first; all uses are allowed
 *   column NAME TYPE [null] [public]      TYPE: integer 1..9, decimal 2 0..9.99, date 2020-01-01..2020-12-31, boolean,
 *                                         category a b c
 *   key COLUMN … [max N]                  at most N rows (1) have the same values here
 *   row VALUE VALUE …                     `-` is NULL
 *
 *   k N                                   minimum group size of what follows; 1 at first
 *
 *   query [ordered] [pending: REASON]     pending: the planner does not take it yet; DuckDB is asked all the same
 *   SELECT …
 *   duckdb                                only where DuckDB needs other words, such as for a minimum above 1
 *   SELECT …
 *   ----
 *   VALUE, VALUE                          NULL, and `*` for a suppressed value
 *
 *   error MESSAGE                         a part of what compiling the statement is refused with
 *   SELECT …
 */
import { type Column, type ColumnType, type TableSchema, tableSchema } from '../../../shared/data/schema.ts'
import { encodeValue } from '../../../shared/data/value.ts'
import type { TestTable } from './database.ts'
import type { Answer } from './three-ways.ts'

interface LogicTest {
  readonly line: number
  readonly sql: string
  readonly minimum: number
}

interface QueryTest extends LogicTest {
  readonly kind: 'query'
  readonly ordered: boolean
  readonly pending: string | undefined
  readonly duckdb: string
  readonly rows: Answer
}

interface ErrorTest extends LogicTest {
  readonly kind: 'error'
  readonly pending: string | undefined
  readonly message: string
}

export interface LogicFile {
  readonly tables: readonly TestTable[]
  readonly tests: readonly (QueryTest | ErrorTest)[]
}

const USES: Column['uses'] = ['filter', 'group', 'join', 'aggregate', 'show']

const typeOf = (words: readonly string[]): ColumnType => {
  const [kind, ...rest] = words
  const range = (text: string | undefined): { min: string; max: string } => {
    const [min, max] = (text ?? '').split('..')
    return { min: min ?? '', max: max ?? '' }
  }
  switch (kind) {
    case 'integer':
      return { kind, ...range(rest[0]) }
    case 'decimal':
      return { kind, scale: Number(rest[0]), ...range(rest[1]) }
    case 'date':
      return { kind, ...range(rest[0]) }
    case 'boolean':
      return { kind }
    case 'category':
      return { kind, values: [...rest] }
    default:
      throw new Error(`no type ${kind}`)
  }
}

const readColumn = (words: readonly string[]): Column => {
  const [name, ...rest] = words
  return {
    name: name as string,
    type: typeOf(rest.filter(word => word !== 'null' && word !== 'public')),
    nullable: rest.includes('null'),
    visibility: rest.includes('public') ? 'public' : 'secret',
    uses: USES,
  }
}

const readTable = (lines: readonly string[]): TestTable => {
  const of = (head: string): readonly (readonly string[])[] =>
    lines.filter(line => line.startsWith(`${head} `)).map(line => line.split(/\s+/).slice(1))
  const keys = of('key').map(words => {
    const at = words.indexOf('max')
    return at < 0
      ? { columns: words, rowsMax: 1 }
      : { columns: words.slice(0, at), rowsMax: Number(words[at + 1]) }
  })
  const schema: TableSchema = tableSchema.parse({
    table: of('table')[0]?.[0],
    columns: of('column').map(readColumn),
    ...(keys.length > 0 && { keys }),
  })
  const rows = of('row')
  const columns = schema.columns.map(({ name, type }, i): [string, (bigint | null)[]] => [
    name,
    rows.map(row => (row[i] === '-' ? null : encodeValue(type, row[i] as string))),
  ])
  return { schema, rows: { count: rows.length, valid: rows.map(() => true), columns: new Map(columns) } }
}

const readRow = (line: string): readonly (string | null)[] =>
  line.split(',').map(cell => (cell.trim() === 'NULL' ? null : cell.trim()))

const readQuery = (lines: readonly string[], line: number, minimum: number): QueryTest => {
  const [head = '', ...rest] = lines
  const end = rest.indexOf('----')
  if (end < 0) throw new Error(`line ${line}: no ---- before the expected rows`)
  const statement = rest.slice(0, end)
  const other = statement.indexOf('duckdb')
  const sql = (other < 0 ? statement : statement.slice(0, other)).join('\n')
  return {
    kind: 'query',
    line,
    minimum,
    sql,
    ordered: / ordered\b/.test(head),
    pending: /pending: (.*)$/.exec(head)?.[1],
    duckdb: other < 0 ? sql : statement.slice(other + 1).join('\n'),
    rows: rest.slice(end + 1).map(readRow),
  }
}

export const readLogic = (text: string): LogicFile => {
  const tables: TestTable[] = []
  const tests: (QueryTest | ErrorTest)[] = []
  let minimum = 1
  const lines = [...text.split('\n'), '']
  let start = 0
  lines.forEach((line, end) => {
    if (line.trim() !== '') return
    const from = start
    start = end + 1
    const numbered = lines.slice(from, end).map((content, i) => ({ content, at: from + i + 1 }))
    const block = numbered.filter(({ content }) => !content.startsWith('#'))
    const [first] = block
    if (first === undefined) return
    const contents = block.map(({ content }) => content.trimEnd())
    const [word = '', rest = ''] = /^(\S+) ?(.*)$/.exec(first.content)?.slice(1) ?? []
    if (word === 'table') tables.push(readTable(contents))
    else if (word === 'k') minimum = Number(rest)
    else if (word === 'query') tests.push(readQuery(contents, first.at, minimum))
    else if (word === 'error')
      tests.push({
        kind: 'error',
        line: first.at,
        minimum,
        sql: contents.slice(1).join('\n'),
        message: rest.replace(/ ?pending: .*$/, ''),
        pending: /pending: (.*)$/.exec(rest)?.[1],
      })
    else throw new Error(`line ${first.at}: a block begins with table, k, query or error`)
  })
  return { tables, tests }
}
