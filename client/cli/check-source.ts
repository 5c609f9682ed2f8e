/** Reading and checking an owner's source; shared by `dataset check` and `dataset push`. */
import type { Command } from 'commander'
import { InputError } from '../../shared/base/errors.ts'
import type { EncodedColumn } from '../../shared/data/deal.ts'
import type { TableSchema } from '../../shared/data/schema.ts'
import { UsageError } from './outcome.ts'

export interface SourceOptions {
  readonly schema: string
  readonly source?: string
  readonly select?: string
}

export const addSourceOptions = (command: Command): Command =>
  command
    .requiredOption('--schema <file>', 'schema of the table')
    .option('--source <file>', 'CSV, TSV, Parquet, JSON or JSONL file with the columns of the schema')
    .option('--select <sql>', 'any SELECT that DuckDB can run, to map a source to the schema')

/** Violations, each on its own line; `details` is what the error report prints. */
class Violations extends InputError {
  readonly details: readonly string[]
  constructor(message: string, where: string, details: readonly string[]) {
    super(message, { where, hint: 'Nothing was uploaded. Repair the source, or map it with --select.' })
    this.details = details
  }
}

export interface CheckedSource {
  readonly schema: TableSchema
  readonly rows: number
  readonly columns: readonly EncodedColumn[]
}

/** Throws InputError that lists every violation with row and column, and never a value. */
export const checkSource = async (options: SourceOptions): Promise<CheckedSource> => {
  const { source, select } = options
  if ((source === undefined) === (select === undefined))
    throw new UsageError('give either --source or --select', 'A file, or a SELECT that reads it.')
  const { readSchema } = await import('./read-schema.ts')
  const { readSource } = await import('../sdk/node/source.ts')
  const { checkRows } = await import('../../shared/data/check-rows.ts')
  const schema = await readSchema(options.schema)
  const table = await readSource(source === undefined ? { select: select as string } : { file: source })
  const checked = checkRows(schema, table)
  if (checked.ok) return { schema, rows: checked.rows, columns: checked.columns }
  const { violations } = checked
  const details = violations.map(
    ({ row, column, problem, hint }) =>
      `${row === null ? '' : `row ${row}, `}column ${column}: ${problem}. ${hint}`,
  )
  const count = violations.length === 1 ? 'one violation' : `${violations.length} violations`
  throw new Violations(`the source breaks the schema: ${count}`, source ?? 'the SELECT', details)
}
