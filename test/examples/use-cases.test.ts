/**
 * Every example of docs/examples by three parties, compared with DuckDB over the same rows pooled, to the last digit; and
 * what its page shows of it. TRIAS_UPDATE=1 writes the pages anew.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { wrapLines } from '../../client/cli/style.ts'
import type { OwnerTable } from '../../docs/examples/owner-table.ts'
import * as payroll from '../../docs/examples/u1-group-report/generate.ts'
import * as lists from '../../docs/examples/u2-list-matching/generate.ts'
import * as study from '../../docs/examples/u3-treatment/generate.ts'
import { kaplanMeier, welch } from '../../docs/examples/u3-treatment/study.ts'
import * as threats from '../../docs/examples/u4-threat-indicators/generate.ts'
import * as banks from '../../docs/examples/u5-money-laundering/generate.ts'
import * as insurers from '../../docs/examples/u6-blacklist/generate.ts'
import * as loans from '../../docs/examples/u7-localisation/generate.ts'
import { byteCount } from '../../shared/base/byte-count.ts'
import { costOf } from '../../shared/sql/cost.ts'
import { renderDisclosure } from '../../shared/sql/disclosure.ts'
import { estimateOf } from '../../shared/sql/estimate.ts'
import type { Cell, Report } from '../../shared/sql/finish.ts'
import type { CompiledQuery, Cost } from '../../shared/sql/plan.ts'
import { askTables } from '../sql/ask.ts'
import { answerOf, openDatabase, type TestTable } from '../sql/logic/database.ts'
import { answerOfReport, difference } from '../sql/logic/three-ways.ts'
import { type Draft, type Proposal, refusalOf } from './manifest.ts'
import { tablesOfExample } from './owner-rows.ts'
import { fenced, holdPage, markdownTable } from './page.ts'

interface Statement {
  readonly minimum: number
  /** What DuckDB is asked, which knows no minimum group size; the statement itself where that is 1. */
  readonly pooled?: string
}

interface Example {
  readonly owned: readonly OwnerTable[]
  readonly statements: Readonly<Record<string, Statement>>
  /** How a column of the result is shown to people. */
  readonly readable?: Readonly<Record<string, (cell: Cell) => string>>
  /** Further parts of the page, computed from the results. */
  readonly further?: (
    reports: ReadonlyMap<string, Report>,
  ) => ReadonlyMap<string, string> | Promise<ReadonlyMap<string, string>>
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  'u1-group-report': {
    owned: payroll.generate(),
    statements: {
      'report.sql': {
        minimum: 5,
        pooled: `SELECT country, grade, COUNT(*),
            CASE WHEN COUNT(*) FILTER (gender = 'female') >= 5 THEN AVG(monthly_pay) FILTER (gender = 'female') END,
            CASE WHEN COUNT(*) FILTER (gender = 'male') >= 5 THEN AVG(monthly_pay) FILTER (gender = 'male') END,
            MEDIAN(CAST(monthly_pay AS DECIMAL(12, 3)))
          FROM payroll GROUP BY country, grade HAVING COUNT(*) >= 5`,
      },
    },
  },
  'u2-list-matching': {
    owned: lists.generate(),
    statements: {
      'how-many.sql': { minimum: 1 },
      'report.sql': { minimum: 1 },
      'similar.sql': {
        minimum: 1,
        // The Dice coefficient of the shared words, which have 54 places of bigrams below their number.
        pooled: `SELECT case_number FROM missing JOIN found ON found.born = missing.born
            AND 200 * bit_count(missing.spelling & found.spelling & 18014398509481983)
              >= 50 * ((missing.spelling >> 54) + (found.spelling >> 54))
          ORDER BY case_number`,
      },
    },
  },
  'u3-treatment': {
    owned: study.generate(),
    statements: {
      'report.sql': {
        minimum: 5,
        pooled: `SELECT arm, COUNT(*), AVG(score_after - score_before), STDDEV_SAMP(score_after - score_before),
            REGR_SLOPE(score_after - score_before, age)
          FROM treatments JOIN outcomes USING (patient) WHERE age >= 40
          GROUP BY arm HAVING COUNT(*) >= 5`,
      },
      'survival.sql': {
        minimum: 5,
        pooled: `SELECT arm, half_year, COUNT(*),
            CASE WHEN COUNT(*) FILTER (died) >= 5 THEN COUNT(*) FILTER (died) END
          FROM treatments JOIN outcomes USING (patient) WHERE age >= 40
          GROUP BY arm, half_year HAVING COUNT(*) >= 5`,
      },
    },
    further: studyParts,
  },
  'u4-threat-indicators': {
    owned: threats.generate(),
    statements: { 'report.sql': { minimum: 5 } },
    readable: { address: cell => threats.addressText(Number(cell)) },
  },
  'u5-money-laundering': {
    owned: banks.generate(),
    statements: { 'report.sql': { minimum: 3 } },
  },
  'u6-blacklist': { owned: insurers.generate(), statements: { 'report.sql': { minimum: 1 } } },
  'u7-localisation': {
    owned: loans.generate(),
    statements: {
      'report.sql': {
        minimum: 5,
        pooled: `SELECT sector, COUNT(*), SUM(amount),
            CASE WHEN COUNT(*) FILTER (overdue) >= 5 THEN SUM(amount) FILTER (overdue) END
          FROM loans GROUP BY sector HAVING COUNT(*) >= 5`,
      },
    },
    further: localisationParts,
  },
}

const FOLDER = new URL('../../docs/examples/', import.meta.url)
const textIn = (folder: URL, name: string): string => readFileSync(new URL(name, folder), 'utf8')

const cellText = (cell: Cell): string =>
  cell === null ? 'NULL' : typeof cell === 'object' ? 'suppressed' : String(cell)

const resultOf = (
  { columns, rows, suppressedGroups }: Report,
  readable: Example['readable'] = {},
): string => {
  const table = markdownTable(
    columns.map(({ name }) => name),
    rows.map(row => row.map((cell, i) => (readable[columns[i]?.name ?? ''] ?? cellText)(cell))),
  )
  return suppressedGroups.length === 0
    ? table
    : `${table}\nNot shown: ${suppressedGroups.map(keys => keys.map(cellText).join(' ')).join(', ')}.\n`
}

/** Rounds and bytes are exact, the time is an estimate; and the command that says all this to anyone. */
const costText = (
  name: string,
  file: string,
  minimum: number,
  tables: readonly TestTable[],
  compiled: CompiledQuery,
  cost: Cost,
): string => {
  const seconds = estimateOf(compiled, cost).wallSeconds.toFixed(1)
  const most = byteCount(Math.max(...cost.bytesPerParty))
  const schemas = tables.map(({ schema }) => `${schema.table}.schema.json`).join(' ')
  const rows = tables.map(one => one.rows.count).join(' ')
  return `With a minimum group size of ${minimum}: **${cost.rounds} rounds**, at most **${most}** sent by any party,
about ${seconds} s where a message takes 20 ms from one party to another.

${fenced(`cd docs/examples/${name}\nnpm run -s trias -- explain --sql-file ${file} --schema ${schemas} --rows ${rows} --k ${minimum}`, 'sh')}`
}

/** Who holds which table, and the first of its rows. */
const dataOf = (owned: readonly OwnerTable[]): string => {
  const first = owned.filter(({ table }, i) => owned.findIndex(other => other.table === table) === i)
  const counts = first.map(({ table }) => {
    const parts = owned.filter(part => part.table === table)
    const holders =
      parts.length > 5
        ? `${parts.length} owners, ${parts.reduce((sum, { rows }) => sum + rows.length, 0)} rows together`
        : parts.map(({ owner, rows }) => `${owner} (${rows.length} rows)`).join(', ')
    return [`\`${table}\``, holders]
  })
  const excerpts = first.map(({ owner, table, columns, rows }) => {
    const lines = [columns, ...rows.slice(0, 3)].map(row => row.map(cell => cell ?? '').join(','))
    return `\`${owner}.${table}.csv\` begins:\n\n${fenced(lines.join('\n'), 'csv')}`
  })
  return `${markdownTable(['table', 'who holds rows of it'], counts)}\n${excerpts.join('\n')}`
}

describe.each(Object.entries(EXAMPLES))('%s', (name, { owned, statements, readable, further }) => {
  const folder = new URL(`${name}/`, FOLDER)
  const tables = tablesOfExample(folder, owned)
  const reports = new Map<string, Report>()
  const parts = new Map<string, string>([['data', dataOf(owned)]])

  test('every statement in the folder is run', () => {
    expect(readdirSync(folder).filter(file => file.endsWith('.sql'))).toEqual(Object.keys(statements).sort())
  })

  test.each(Object.entries(statements))('%s gives what DuckDB gives', async (file, { minimum, pooled }) => {
    const sql = textIn(folder, file)
    const named = tables.filter(({ schema }) => new RegExp(`\\b${schema.table}\\b`).test(sql))
    const { report, compiled, cost } = await askTables(sql, named, minimum)
    const database = await openDatabase(named)
    const theirs = await answerOf(database, pooled ?? sql)
    database.closeSync()
    expect(difference(answerOfReport(report), theirs, false)).toBeUndefined()
    expect(report.rows.length).toBeGreaterThan(0)

    const announced = await costOf(compiled)
    expect({ rounds: announced.rounds, bytesPerParty: announced.bytesPerParty }).toEqual(cost)
    parts.set(`statement ${file}`, fenced(sql, 'sql'))
    parts.set(`disclosure ${file}`, fenced(wrapLines(renderDisclosure(compiled.disclosure))))
    parts.set(`cost ${file}`, costText(name, file, minimum, named, compiled, announced))
    parts.set(`result ${file}`, resultOf(report, readable))
    reports.set(file, report)
  })

  test('the page shows this', async () => {
    for (const [part, text] of (await further?.(reports)) ?? []) parts.set(part, text)
    holdPage(new URL('README.md', folder), parts)
  })
})

// ── what the recipient makes of the study ───────────────────────────────────────────────────────────────────────────

function studyParts(reports: ReadonlyMap<string, Report>): ReadonlyMap<string, string> {
  const rowsOf = (file: string) => reports.get(file)?.rows ?? []
  const arms = new Map(
    rowsOf('report.sql').map(([arm, patients, mean, sd]) => [
      arm,
      { patients: Number(patients), mean: Number(mean), sd: Number(sd) },
    ]),
  )
  const [standard, treated] = [arms.get('standard'), arms.get('new')]
  if (standard === undefined || treated === undefined) throw new Error('both arms are expected')
  const { difference: gain, t } = welch(standard, treated)
  const curves = ['standard', 'new'].flatMap(arm =>
    kaplanMeier(
      rowsOf('survival.sql')
        .filter(row => row[0] === arm)
        .map(([, halfYear, lastSeen, deaths]) => ({
          halfYear: Number(halfYear),
          lastSeen: Number(lastSeen),
          deaths: Number(deaths),
        })),
    ).map(({ halfYear, atRisk, deaths, survival }) => [
      arm,
      ...[halfYear, atRisk, deaths].map(String),
      survival.toFixed(3),
    ]),
  )
  return new Map([
    ['comparison', `The new treatment adds ${gain.toFixed(2)} points (Welch's t = ${t.toFixed(2)}).\n`],
    ['survival', markdownTable(['arm', 'half-year', 'at risk', 'deaths', 'survival'], curves)],
  ])
}

// ── manifests that break the rules ──────────────────────────────────────────────────────────────────────────────────

async function localisationParts(): Promise<ReadonlyMap<string, string>> {
  const folder = new URL('u7-localisation/', FOLDER)
  const draft: Draft = JSON.parse(textIn(folder, 'manifest.json'))
  const proposals: readonly Proposal[] = JSON.parse(textIn(folder, 'proposals.json'))
  expect(await refusalOf(draft, {})).toBeUndefined()
  const answers = await Promise.all(
    proposals.map(async proposal => {
      const refusal = await refusalOf(draft, proposal)
      return [proposal.change, `\`${refusal?.rule}\`: ${refusal?.message}`, refusal?.hint ?? '']
    }),
  )
  const places = draft.parties.map(({ index, operator, country, region, parent, parentCountry }) => [
    String(index),
    operator,
    `${region}, ${country}`,
    `${parent}, ${parentCountry}`,
  ])
  return new Map([
    ['parties', markdownTable(['party', 'operator', 'runs in', 'owned by'], places)],
    ['rules', fenced(JSON.stringify(draft.jurisdiction), 'json')],
    ['refusals', markdownTable(['proposal', 'refused, because', 'what would make it pass'], answers)],
  ])
}
