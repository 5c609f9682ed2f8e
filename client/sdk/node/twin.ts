/**
 * The plaintext twin: the same rows pooled in one DuckDB, which nobody may do in earnest. The demo and the tests compare
 * a report against it; it runs on made-up or published data only.
 *
 * Texts stand in the form in which they are compared. Other columns get exact types from the schema (DECIMAL as wide as the bounds, BIGINT, DATE), so SUM and COUNT are exact. AVG
 * and `/` are not in DuckDB; `rounded_quotient` and `unscaled` are there to say a mean exactly.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { type ColumnType, rangeOf, type TableSchema } from '../../../shared/data/schema.ts'
import { comparedText } from '../../../shared/data/text/word.ts'
import { quoteName, quoteText, withDuckDb } from './duckdb.ts'
import { relationOf, type Source } from './source.ts'

export interface TwinTable {
  readonly schema: TableSchema
  readonly sources: readonly Source[]
}

export interface TwinRows {
  readonly names: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

const sqlTypeOf = (type: ColumnType): string => {
  switch (type.kind) {
    case 'integer':
      return 'BIGINT'
    case 'decimal': {
      const { low, high } = rangeOf(type)
      const digits = Math.max(...[low, high].map(bound => bound.toString().replace('-', '').length))
      return `DECIMAL(${Math.max(digits, type.scale)}, ${type.scale})`
    }
    case 'boolean':
      return 'BOOLEAN'
    case 'date':
      return 'DATE'
    case 'category':
    case 'text':
    case 'grams':
      return 'VARCHAR'
  }
}

const MACROS = [
  // n / d to the nearest integer, halves away from zero.
  `CREATE MACRO rounded_quotient(n, d) AS
    CASE WHEN n < 0 THEN -1 ELSE 1 END * ((2 * abs(n::HUGEINT) + d) // (2 * d))`,
  // A decimal without its point: 12.50 is 1250.
  `CREATE MACRO unscaled(x) AS CAST(replace(CAST(x AS VARCHAR), '.', '') AS HUGEINT)`,
]

const SPELLINGS_AT_ONCE = 500

/** Every text in the one form in which it is compared, as the owners' clients make it. */
const foldTexts = async (connection: DuckDBConnection, { table, columns }: TableSchema): Promise<void> => {
  for (const { name, type } of columns) {
    if (type.kind !== 'text') continue
    const [of, column] = [quoteName(table), quoteName(name)]
    const found = await connection.run(`SELECT DISTINCT ${column} FROM ${of} WHERE ${column} IS NOT NULL`)
    const spellings = (await found.getRows()).map(([text]) => String(text))
    await connection.run('CREATE OR REPLACE TEMP TABLE spelling (text VARCHAR, compared VARCHAR)')
    for (let from = 0; from < spellings.length; from += SPELLINGS_AT_ONCE) {
      const rows = spellings
        .slice(from, from + SPELLINGS_AT_ONCE)
        .map(text => `(${quoteText(text)}, ${quoteText(comparedText(text, type))})`)
      await connection.run(`INSERT INTO spelling VALUES ${rows.join()}`)
    }
    await connection.run(`UPDATE ${of} SET ${column} = compared FROM spelling WHERE ${column} = text`)
  }
}

/** Runs one SELECT over the pooled tables. Every cell comes as DuckDB prints it, NULL as null. */
export const runTwin = (tables: readonly TwinTable[], sql: string): Promise<TwinRows> =>
  withDuckDb(async connection => {
    for (const macro of MACROS) await connection.run(macro)
    for (const { schema, sources } of tables) {
      const columns = schema.columns.map(
        ({ name, type }) => `CAST(${quoteName(name)} AS ${sqlTypeOf(type)}) AS ${quoteName(name)}`,
      )
      const selects = await Promise.all(
        sources.map(async source => `SELECT ${columns.join(', ')} FROM ${await relationOf(source)}`),
      )
      await connection.run(`CREATE TABLE ${quoteName(schema.table)} AS ${selects.join('\nUNION ALL\n')}`)
      await foldTexts(connection, schema)
    }
    const result = await connection.run(sql)
    const rows = await result.getRows()
    return {
      names: result.columnNames(),
      rows: rows.map(row => row.map(cell => (cell === null ? null : String(cell)))),
    }
  })
