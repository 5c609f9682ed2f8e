/** The two reports of the demo: data of each owner, SQL, and the same question for a plain database. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writePayroll } from '../../examples/payroll/generate.ts'
import { writeStrikes } from '../../examples/safety/split.ts'
import { type TableSchema, tableSchema } from '../../shared/data/schema.ts'
import { PURPOSES } from './federation.ts'

export interface Scenario {
  readonly title: string
  readonly about: string
  readonly purpose: string
  readonly minimumGroupSize: number
  readonly schema: TableSchema
  readonly sql: string
  /**
   * The report over pooled rows in DuckDB, by integers alone: decimals as scaled integers, means rounded half away from
   * zero at four more digits. Group keys first, then the columns of the report, then the rows of the group.
   */
  readonly twinSql: string
  readonly keys: number
  /** One CSV file for each owner, in the order of the cast, and where it comes from. */
  readonly files: readonly { readonly file: string; readonly origin: string }[]
}

const example = (path: string): string => fileURLToPath(new URL(`../../examples/${path}`, import.meta.url))
const schemaOf = async (path: string): Promise<TableSchema> =>
  tableSchema.parse(JSON.parse(await readFile(example(path), 'utf8')))
const sqlOf = async (path: string): Promise<string> =>
  (await readFile(example(path), 'utf8'))
    .split('\n')
    .filter(line => !line.startsWith('--'))
    .join('\n')
    .trim()

/** Keeps the header and the first rows, when a small demo is asked for; these files have one row a line. */
const keepRows = async (file: string, share: number): Promise<void> => {
  if (share >= 1) return
  const [header, ...rows] = (await readFile(file, 'utf8')).trimEnd().split('\n')
  await writeFile(file, `${[header, ...rows.slice(0, Math.ceil(rows.length * share))].join('\n')}\n`)
}

export const payReport = async (folder: string, rows: number): Promise<Scenario> => ({
  title: 'Pay report',
  about: 'a made-up payroll of four subsidiaries',
  purpose: PURPOSES.pay,
  minimumGroupSize: 10,
  schema: await schemaOf('payroll/schema.json'),
  sql: await sqlOf('payroll/report.sql'),
  twinSql: `
    SELECT country, grade, gender, country, grade, gender, COUNT(*),
      CASE WHEN COUNT(monthly_pay) >= 10
        THEN rounded_quotient(unscaled(SUM(monthly_pay)) * 10000, COUNT(monthly_pay)) END,
      COUNT(*)
    FROM payroll
    WHERE full_time
    GROUP BY country, grade, gender
    ORDER BY country, grade, gender`,
  keys: 3,
  files: (await writePayroll(join(folder, 'payroll'), { rows })).map(({ owner, file }) => ({
    file,
    origin: `payroll of ${owner}`,
  })),
})

/** Rows of the published strike records. */
const STRIKES = 10_000

export const safetyReport = async (folder: string, rows: number): Promise<Scenario> => {
  const files = await writeStrikes(join(folder, 'strikes'))
  for (const { file } of files) await keepRows(file, rows / STRIKES)
  return {
    title: 'Safety report',
    about: 'wildlife strikes on record at the FAA, by the airline that reported them',
    purpose: PURPOSES.safety,
    minimumGroupSize: 5,
    schema: await schemaOf('safety/schema.json'),
    sql: await sqlOf('safety/report.sql'),
    twinSql: `
      SELECT phase_of_flight, wildlife_size, phase_of_flight, wildlife_size, COUNT(*), SUM(cost),
        CASE WHEN COUNT(speed) >= 5 THEN rounded_quotient(SUM(speed) * 10000, COUNT(speed)) END,
        COUNT(*)
      FROM strikes
      WHERE flight_date >= DATE '1993-01-01' AND cost < 1000000
      GROUP BY phase_of_flight, wildlife_size
      ORDER BY phase_of_flight, wildlife_size`,
    keys: 2,
    files: files.map(({ owner, file }) => ({ file, origin: `strikes reported by ${owner}` })),
  }
}
