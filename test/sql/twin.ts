/**
 * One question in two dialects: as a query for the parties, and as SQL for DuckDB that says in plain words what the
 * parties have to do about small groups: a group with fewer than k rows is not there, and an aggregate with fewer than k
 * contributing rows is NULL, also in HAVING.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Cell, Report } from '../../shared/sql/finish.ts'
import { readTexts } from './duckdb.ts'

export interface AskedAggregate {
  readonly kind: 'count-star' | 'count' | 'sum' | 'avg'
  readonly argument?: string
  /** SQL for "this row contributes"; that the argument is not NULL when absent. */
  readonly contributes?: string
}

export interface Question {
  readonly keys: readonly string[]
  readonly aggregates: readonly AskedAggregate[]
  readonly where?: string
  /** `{0}` is the first aggregate, and so on; `{n}` is COUNT(*). An average stands as `{0}` only before a comparison with a constant, as in `{0} > 1.5`. */
  readonly having?: string
}

const callOf = ({ kind, argument }: AskedAggregate): string =>
  kind === 'count-star' ? 'COUNT(*)' : `${kind.toUpperCase()}(${argument})`

export const querySql = ({ keys, aggregates, where, having }: Question): string =>
  [
    `SELECT ${[...keys, ...aggregates.map((aggregate, i) => `${callOf(aggregate)} AS a${i}`)].join(', ')}`,
    'FROM pay',
    ...(where ? [`WHERE ${where}`] : []),
    ...(keys.length > 0 ? [`GROUP BY ${keys.join(', ')}`] : []),
    ...(having
      ? [
          `HAVING ${having.replace(/\{(n|\d+)\}/g, (_, i: string) => (i === 'n' ? 'COUNT(*)' : callOf(aggregates[Number(i)] as AskedAggregate)))}`,
        ]
      : []),
  ].join(' ')

const twinSql = (
  { keys, aggregates, where, having }: Question,
  minimum: number,
  scales: readonly number[],
): string => {
  const inner = aggregates.flatMap(({ kind, argument, contributes }, i) => {
    if (kind === 'count-star') return [`COUNT(*) AS k${i}`, `COUNT(*) AS v${i}`]
    const guard =
      kind === 'count' ? `(${argument}) IS NOT NULL` : (contributes ?? `(${argument}) IS NOT NULL`)
    const value =
      kind === 'count'
        ? `COUNT(${argument}) AS v${i}`
        : `SUM(${argument}) AS v${i}, COUNT(${argument}) AS c${i}`
    return [`COUNT(CASE WHEN ${guard} THEN 1 END) AS k${i}`, value]
  })
  const shown = aggregates.flatMap(({ kind }, i) => [
    `CASE WHEN k${i} >= ${minimum} THEN v${i} END AS a${i}`,
    ...(kind === 'avg' ? [`CASE WHEN k${i} >= ${minimum} THEN c${i} END AS d${i}`] : []),
  ])
  // The average in whole units of its last digit, half away from zero, in integers.
  const outputs = aggregates.map(({ kind }, i) => {
    if (kind !== 'avg') return `a${i}::VARCHAR`
    const sum = `CAST(a${i} * ${10 ** (scales[i] as number)} AS HUGEINT)`
    return `((2 * ABS(${sum}) + d${i}) // (2 * d${i}) * (CASE WHEN a${i} < 0 THEN -1 ELSE 1 END))::VARCHAR`
  })
  const condition = (having ?? 'TRUE').replace(
    /\{(n|\d+)\}(\s*(?:<>|<=|>=|=|<|>)\s*-?[\d.]+)?/g,
    (_, i: string, rest = '') => {
      if (i === 'n') return `n${rest}`
      return aggregates[Number(i)]?.kind === 'avg' ? `a${i}${rest} * d${i}` : `a${i}${rest}`
    },
  )
  return `WITH grouped AS (SELECT ${[...keys, 'COUNT(*) AS n', ...inner].join(', ')} FROM pay ${where ? `WHERE ${where}` : ''} ${keys.length > 0 ? `GROUP BY ${keys.join(', ')}` : ''}),
    guarded AS (SELECT ${[...keys, 'n', ...shown].join(', ')} FROM grouped WHERE n >= ${minimum})
    SELECT ${[...keys.map(key => `${key}::VARCHAR`), ...outputs].join(', ')} FROM guarded WHERE ${condition}`
}

const plainNumber = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)

/** A cell in the words of the twin: numbers without trailing zeros, a suppressed cell as NULL. */
const textOfCell = (cell: Cell, isNumber: boolean): string | null => {
  if (cell === null || typeof cell === 'object') return null
  return isNumber ? plainNumber(String(cell)) : String(cell)
}

/** What both sides say, comparable: one text a group, sorted. */
export const bothAnswers = async (
  connection: DuckDBConnection,
  question: Question,
  minimum: number,
  report: Report,
): Promise<{ readonly ours: readonly string[]; readonly theirs: readonly string[] }> => {
  const width = question.keys.length
  const scales = report.columns.slice(width).map(column => column.scale)
  const isAverage = (i: number): boolean => i >= width && question.aggregates[i - width]?.kind === 'avg'
  const ours = report.rows.map(row =>
    row.map((cell, i) => {
      const text = textOfCell(cell, i >= width)
      // An average as whole units of its last digit, as the twin says it.
      return isAverage(i) && text !== null ? BigInt(String(cell).replace('.', '')).toString() : text
    }),
  )
  const theirs = (await readTexts(connection, twinSql(question, minimum, scales))).map(row =>
    row.map((text, i) => (i < width || text === null ? text : plainNumber(text))),
  )
  const sorted = (rows: readonly (readonly (string | null)[])[]): readonly string[] =>
    rows.map(row => JSON.stringify(row)).sort()
  return { ours: sorted(ours), theirs: sorted(theirs) }
}
