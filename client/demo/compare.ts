/**
 * The comparison that nobody could make in earnest: the same rows pooled in one DuckDB, cell by cell against what came
 * out of the three parties. Exact: a mean that differs in its last digit counts as different.
 */
import type { Cell, Report } from '../../shared/sql/finish.ts'
import { runTwin } from '../sdk/node/twin.ts'
import type { Scenario } from './scenario.ts'

export interface Comparison {
  /** Cells of shown groups, and one for each group that must not be shown. */
  readonly cells: number
  readonly equal: number
  /** Where cells differ: group and column, no values. */
  readonly differences: readonly string[]
}

/** A cell as text without its decimal point, as the twin gives it; undefined for a suppressed one. */
const bare = (cell: Cell | undefined, isDecimal: boolean): string | null | undefined => {
  if (cell === undefined || (typeof cell === 'object' && cell !== null)) return undefined
  if (cell === null) return null
  const text = String(cell)
  return isDecimal ? BigInt(text.replace('.', '')).toString() : text
}

const keyText = (keys: readonly (string | null | undefined)[]): string =>
  keys.map(key => key ?? 'NULL').join(' / ')

export const compareWithTwin = async (scenario: Scenario, report: Report): Promise<Comparison> => {
  const { schema, files, keys, minimumGroupSize } = scenario
  const twin = await runTwin([{ schema, sources: files.map(({ file }) => ({ file })) }], scenario.twinSql)
  const countOf = (row: readonly (string | null)[]): number => Number(row.at(-1))
  const expected = twin.rows.filter(row => countOf(row) >= minimumGroupSize)
  const small = new Set(
    twin.rows.filter(row => countOf(row) < minimumGroupSize).map(row => keyText(row.slice(0, keys))),
  )
  const present = new Set(twin.rows.map(row => keyText(row.slice(0, keys))))

  let [cells, equal] = [0, 0]
  const differences: string[] = []
  const judge = (same: boolean, where: string): void => {
    cells++
    if (same) equal++
    else differences.push(where)
  }
  // Order counts too: both were asked for the same ORDER BY.
  for (let r = 0; r < Math.max(expected.length, report.rows.length); r++) {
    const pooled = expected[r]
    const group = pooled === undefined ? `row ${r + 1}` : keyText(pooled.slice(0, keys))
    report.columns.forEach(({ name, type }, c) => {
      const ours = bare(report.rows[r]?.[c], type === 'decimal')
      const theirs = pooled?.[keys + c]
      // A group that is shown may still lack a mean of too few; the twin says NULL there.
      const isSame = ours === undefined ? report.rows[r] !== undefined && theirs === null : ours === theirs
      judge(isSame, `${group}, ${name}`)
    })
  }
  for (const hidden of report.suppressedGroups) {
    const group = keyText(hidden.map(cell => bare(cell, false)))
    judge(small.has(group) || !present.has(group), `${group} is suppressed, but large enough`)
  }
  return { cells, equal, differences }
}
