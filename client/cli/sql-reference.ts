/**
 * The reference page of the SQL that a request may ask, made by compiling every example:
 *
 *   npx node client/cli/sql-reference.ts > docs/reference/sql.md
 */
import { pathToFileURL } from 'node:url'
import { InputError, Refusal } from '../../shared/base/errors.ts'
import type { Column, ColumnType, TableSchema } from '../../shared/data/schema.ts'
import { compile } from '../../shared/sql/compile.ts'
import { costOf } from '../../shared/sql/cost.ts'
import {
  CONSTRUCTS,
  type Construct,
  EXAMPLE_GROUP_SIZE,
  EXAMPLE_ROWS,
  EXAMPLE_TABLES,
  REFUSED,
  type Refused,
} from './sql-constructs.ts'

/** A statement over the example tables. */
export const compileExample = (sql: string, minimumGroupSize = EXAMPLE_GROUP_SIZE) =>
  compile(sql, { tables: EXAMPLE_TABLES.map(schema => ({ schema, rows: EXAMPLE_ROWS })), minimumGroupSize })

const typeText = (type: ColumnType): string => {
  switch (type.kind) {
    case 'integer':
    case 'date':
      return `${type.kind} ${type.min} … ${type.max}`
    case 'decimal':
      return `decimal ${type.min} … ${type.max}, ${type.scale} decimals`
    case 'category':
      return `category ${type.values.join(', ')}`
    case 'grams':
      return `bigrams, folded by ${type.folds.join(', ')}`
    case 'text':
      return `text, folded by ${type.folds.join(', ')}${type.sound === undefined ? '' : `, by its ${type.sound} sound`}`
    default:
      return type.kind
  }
}

const columnRow = ({ name, type, nullable, visibility, uses }: Column): string =>
  `| ${name} | ${typeText(type)}${nullable ? ', may be NULL' : ''} | ${visibility} | ${uses.join(', ')} |`

const tableText = ({ table, columns, keys = [] }: TableSchema): string => `**${table}**${keys
  .map(
    key =>
      `, ${key.rowsMax === 1 ? 'one row' : `at most ${key.rowsMax} rows`} of each ${key.columns.join(', ')}`,
  )
  .join('')}

| column | type | visibility | uses |
|---|---|---|---|
${columns.map(columnRow).join('\n')}
`

const bytesText = (bytes: number): string =>
  bytes < 999_500 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`

interface Measured {
  readonly construct: Construct
  readonly form: string
  readonly rounds: number
  readonly bytes: number
  readonly learns: readonly string[]
}

const measure = async (construct: Construct): Promise<Measured> => {
  const compiled = await compileExample(construct.example, construct.minimumGroupSize)
  const cost = await costOf(compiled)
  return {
    construct,
    form: compiled.plan.form,
    rounds: cost.rounds,
    bytes: Math.max(...cost.bytesPerParty),
    learns: compiled.disclosure.recipientLearns,
  }
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

const overviewRow = ({ construct, form, rounds, bytes }: Measured): string =>
  `| ${cell(construct.name)} | ${form} | ${rounds} | ${bytesText(bytes)} |`

const detail = ({ construct, form, rounds, bytes, learns }: Measured): string => `### ${construct.name}

${construct.meaning}

\`\`\`sql
${construct.example}
\`\`\`

${form}, ${rounds} rounds, ${bytesText(bytes)}${construct.minimumGroupSize === undefined ? '' : `, minimum group size ${construct.minimumGroupSize}`}. The recipient learns ${learns.join('; ')}.
`

const failureOf = async (sql: string): Promise<InputError | Refusal> => {
  try {
    await compileExample(sql)
  } catch (error) {
    if (error instanceof InputError || error instanceof Refusal) return error
    throw error
  }
  throw new Error(`this is not refused: ${sql}`)
}

const refusedRow = async ({ example, instead }: Refused): Promise<string> => {
  const { message, hint = '' } = await failureOf(example)
  // The hint of last resort lists what is supported, which this page does better.
  const advice = hint.startsWith('Supported:') ? '' : hint
  const works = [advice, instead === undefined ? '' : `\`${instead}\``]
    .filter(text => text !== '')
    .join('<br>')
  return `| \`${cell(example)}\` | ${cell(message)} | ${cell(works)} |`
}

const LIMITS = `## Limits and exactness

**Size**
- Every value, in smallest units (cents of a decimal with 2 decimals), and every total and product that is computed of it
  must stay within (-2^60, 2^60), for the most rows there can be. Bounds of columns prove it before the run; what cannot be
  proved is refused with the expression and how far it may reach. \`trias explain\` lists what was proved.
- A statement has at most 20 000 characters; a table 512 columns; a category 65 536 values; a decimal 18 decimals.
- A join is planned for at most 1000 matches a row, of \`keys\` in a schema or proved by the query.
- A step that needs more than 10 GB of memory at a party is refused.
- \`EXTRACT\` takes columns whose bounds hold at most 240 periods.

**Form of plan**
- *cells*: keys with few values (a secret one at most 1000, a public one 4096, all combinations 4096) and only counts,
  sums and what is made of them. Every combination is a cell, with or without rows.
- *tables*: anything else. Rows are sorted and joined unseen; of n rows and a minimum group size k, n / k groups leave the
  computation at most, the others as zeros. How many are shown is learned by the recipient only.
- Row counts of tables, padding included, are public. Numbers of matches, of groups and of rows behind a filter are not.

**Minimum group size**
- A group is shown only with that many rows after the filter. Any other group is as if it were empty.
- An aggregate of x is shown only where that many rows contribute to it: NULLs do not, nor a 0 that a CASE says, here or in an inner query, nor a 0 in a column of 0 and 1.
  Otherwise it is marked as suppressed, which is not NULL.
- It is not asked of inner queries: only what is shown at the end is compared with it.
- Single rows are shown with a minimum of 1 only.

**Numbers**
- Sums, counts, products, MIN, MAX and discrete percentiles are exact.
- AVG has 4 decimals more than its values. A quotient has 6 more than the operand with most, a root at least 6. Each is
  computed exactly of exact totals and rounded once, halves away from zero. HAVING compares an AVG without rounding.
- A continuous percentile is exact: it has as many more decimals as its fraction, which has 4 at most. MEDIAN has one more.
- Division by zero is NULL. The variance of a sample of one is NULL.
`

export const sqlReference = async (): Promise<string> => {
  const groups = []
  for (const { title, constructs } of CONSTRUCTS)
    groups.push({ title, measured: await Promise.all(constructs.map(measure)) })
  const refused = await Promise.all(REFUSED.map(refusedRow))
  return `# SQL

What a request may ask, with what it costs and shows. Made by \`npx node client/cli/sql-reference.ts\`, which compiles every
example; a test keeps it up to date. The grammar is PostgreSQL's. What is not named here is refused, with its name and its
place in the text.

Rounds, and the bytes of the party that sends most, are for ${EXAMPLE_ROWS} rows in each of these tables and a minimum group size
of ${EXAMPLE_GROUP_SIZE}. They depend on row counts and declared bounds alone, never on the data, and are known before a run.

${EXAMPLE_TABLES.map(tableText).join('\n')}
## At a glance

| construct | plan | rounds | bytes |
|---|---|---|---|
${groups.flatMap(({ measured }) => measured.map(overviewRow)).join('\n')}

${groups.map(({ title, measured }) => `## ${title}\n\n${measured.map(detail).join('\n')}`).join('\n')}
## What is refused

| statement | reason | what works instead |
|---|---|---|
${refused.join('\n')}

${LIMITS}`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(await sqlReference())
