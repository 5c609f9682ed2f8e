/** The plain database that knows everything: the same rows in DuckDB, and the same question asked exactly. */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { TableSchema } from '../../shared/data/schema.ts'
import { answerOf, openDatabase } from './logic/database.ts'
import { PAY, type Rows } from './table.ts'

export const openTwin = (rows: Rows, schema: TableSchema = PAY): Promise<DuckDBConnection> =>
  openDatabase([{ schema, rows }], 'INTEGER')

/** Rows as texts; null is SQL NULL. */
export const readTexts = async (
  connection: DuckDBConnection,
  sql: string,
): Promise<readonly (readonly (string | null)[])[]> => (await answerOf(connection, sql)).rows
