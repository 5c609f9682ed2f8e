/** A report as a Parquet file, written by DuckDB with exact types. */
import { DuckDBInstance } from '@duckdb/node-api'
import type { Report } from '../../shared/sql/finish.ts'
import type { OutputType } from '../../shared/sql/plan.ts'
import { plainCell } from './table.ts'

const TYPE: Readonly<Record<OutputType, (scale: number) => string>> = {
  category: () => 'VARCHAR',
  text: () => 'VARCHAR',
  grams: () => 'VARCHAR',
  boolean: () => 'BOOLEAN',
  date: () => 'DATE',
  integer: () => 'BIGINT',
  decimal: scale => `DECIMAL(38, ${scale})`,
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const writeParquet = async (report: Report, file: string): Promise<void> => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const columns = report.columns.map(({ name, type, scale }) => `${identifier(name)} ${TYPE[type](scale)}`)
    await connection.run(`CREATE TABLE report (${columns.join(', ')})`)
    for (const row of report.rows) {
      const cells = row.map(cell => {
        const text = plainCell(cell)
        return cell === null || typeof cell === 'object' ? 'NULL' : literal(text)
      })
      await connection.run(`INSERT INTO report VALUES (${cells.join(', ')})`)
    }
    await connection.run(`COPY report TO ${literal(file)} (FORMAT parquet)`)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
