/** Several tables in DuckDB, the plain database that knows everything, and its answers as comparable texts. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { formatDate, formatScaled } from '../../../shared/data/exact.ts'
import { type Column, rangeOf, type TableSchema } from '../../../shared/data/schema.ts'
import type { PlainTable } from '../../../shared/sql/evaluate/relation.ts'

export interface TestTable {
  readonly schema: TableSchema
  readonly rows: PlainTable
  /** Columns that stay with the owner: DuckDB has them, the parties do not. */
  readonly texts?: ReadonlyMap<string, readonly string[]>
}

/** Wide enough for the declared bounds, so that DuckDB can multiply as far as possible. */
const decimalType = ({ type }: Column, scale: number): string => {
  const { low, high } = rangeOf(type)
  const digits = [low, high].map(bound => bound.toString().replace('-', '').length)
  return `DECIMAL(${Math.max(...digits, scale + 1)}, ${scale})`
}

/** DuckDB adds days to dates as INTEGER alone, and multiplies without overflow as BIGINT. */
type IntegerType = 'INTEGER' | 'BIGINT'

const sqlType = (column: Column, integers: IntegerType): string => {
  switch (column.type.kind) {
    case 'integer':
      return integers
    case 'decimal':
      return decimalType(column, column.type.scale)
    case 'boolean':
      return 'BOOLEAN'
    case 'date':
      return 'DATE'
    // As the word that is shared: equal exactly where the texts are, once folded.
    case 'text':
    case 'grams':
      return 'BIGINT'
    default:
      return 'VARCHAR'
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

const sqlLiteral = ({ type }: Column, value: bigint | null): string => {
  if (value === null) return 'NULL'
  switch (type.kind) {
    case 'integer':
    case 'text':
    case 'grams':
      return value.toString()
    case 'decimal':
      return formatScaled(value, type.scale)
    case 'boolean':
      return value === 1n ? 'TRUE' : 'FALSE'
    case 'date':
      return `DATE '${formatDate(value)}'`
    case 'category':
      return quoted(type.values[Number(value)] as string)
    default:
      throw new Error('the twin has no values of this type')
  }
}

const INSERTED_AT_ONCE = 2000

const createTable = async (
  connection: DuckDBConnection,
  { schema, rows, texts = new Map() }: TestTable,
  integers: IntegerType,
): Promise<void> => {
  const declared = [
    ...schema.columns.map(column => `${column.name} ${sqlType(column, integers)}`),
    ...Array.from(texts.keys(), name => `${name} VARCHAR`),
  ]
  await connection.run(`CREATE TABLE ${schema.table} (${declared.join(', ')})`)
  const tuple = (row: number): string => {
    const values = [
      ...schema.columns.map(column => sqlLiteral(column, rows.columns.get(column.name)?.[row] ?? null)),
      ...Array.from(texts.values(), list => quoted(list[row] as string)),
    ]
    return `(${values.join(', ')})`
  }
  const tuples = rows.valid.flatMap((isValid, row) => (isValid ? [tuple(row)] : []))
  for (let start = 0; start < tuples.length; start += INSERTED_AT_ONCE)
    await connection.run(
      `INSERT INTO ${schema.table} VALUES ${tuples.slice(start, start + INSERTED_AT_ONCE).join(', ')}`,
    )
}

export const openDatabase = async (
  tables: readonly TestTable[],
  integers: IntegerType = 'BIGINT',
): Promise<DuckDBConnection> => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  for (const table of tables) await createTable(connection, table, integers)
  return connection
}

export interface DatabaseAnswer {
  readonly rows: readonly (readonly (string | null)[])[]
  /** Columns of binary floating point: DuckDB has no other type for quotients and roots. */
  readonly isFloat: readonly boolean[]
}

export const answerOf = async (connection: DuckDBConnection, sql: string): Promise<DatabaseAnswer> => {
  const result = await connection.runAndReadAll(sql)
  return {
    rows: result.getRows().map(row => row.map(value => (value === null ? null : String(value)))),
    isFloat: result.columnTypes().map(type => ['DOUBLE', 'FLOAT'].includes(String(type))),
  }
}
