/** The plain database that knows everything: the same rows in DuckDB, and the same question asked exactly. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { formatDate, formatScaled } from '../../shared/data/exact.ts'
import type { Column, TableSchema } from '../../shared/data/schema.ts'
import { PAY, type Rows } from './table.ts'

const sqlType = ({ type }: Column): string => {
  switch (type.kind) {
    case 'integer':
      return 'INTEGER'
    case 'decimal':
      return `DECIMAL(9, ${type.scale})`
    case 'boolean':
      return 'BOOLEAN'
    case 'date':
      return 'DATE'
    case 'category':
      return 'VARCHAR'
  }
}

const sqlLiteral = ({ type }: Column, value: bigint | null): string => {
  if (value === null) return 'NULL'
  switch (type.kind) {
    case 'integer':
      return value.toString()
    case 'decimal':
      return formatScaled(value, type.scale)
    case 'boolean':
      return value === 1n ? 'TRUE' : 'FALSE'
    case 'date':
      return `DATE '${formatDate(value)}'`
    case 'category':
      return `'${type.values[Number(value)]}'`
  }
}

export const openTwin = async (rows: Rows, schema: TableSchema = PAY): Promise<DuckDBConnection> => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run(
    `CREATE TABLE ${schema.table} (${schema.columns.map(column => `${column.name} ${sqlType(column)}`).join(', ')})`,
  )
  const tuples = rows.valid.flatMap((isValid, i) =>
    isValid
      ? [
          `(${schema.columns.map(column => sqlLiteral(column, rows.columns.get(column.name)?.[i] ?? null)).join(', ')})`,
        ]
      : [],
  )
  if (tuples.length > 0) await connection.run(`INSERT INTO ${schema.table} VALUES ${tuples.join(', ')}`)
  return connection
}

/** Rows as texts; null is SQL NULL. */
export const readTexts = async (connection: DuckDBConnection, sql: string): Promise<(string | null)[][]> => {
  const result = await connection.runAndReadAll(sql)
  return result.getRows().map(row => row.map(value => (value === null ? null : String(value))))
}
