/**
 * Statements that people ask, at the sizes that their issue names: TPC-H at a scale factor, lists of two organisations, one
 * person against a million entries, thousands of organisations with a few rows each. `n` is rows of the largest table.
 */
import { readFileSync } from 'node:fs'
import { type TableSchema, tableSchema } from '../shared/data/schema.ts'
import { readStatements } from '../test/workloads/statements.ts'
import { schemasAt, sizesAt } from '../test/workloads/tpch/schemas.ts'
import type { Operation } from './operations.ts'
import { statement } from './statements.ts'

// ── TPC-H ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const queries = readStatements(new URL('../test/workloads/tpch/queries/', import.meta.url))

/** Lines are four an order on average. */
const LINES = 4

const tpch = (query: string, scale: number): Operation => {
  const schemas = schemasAt(scale)
  const sizes: Readonly<Record<string, number>> = {
    ...sizesAt(scale),
    lineitem: LINES * sizesAt(scale).orders,
  }
  const { sql } = queries.find(({ name }) => name === query) as (typeof queries)[number]
  const read = Object.keys(sizes).filter(table => new RegExp(`\\b${table}\\b`).test(sql))
  const most = Math.max(...read.map(table => sizes[table] as number))
  return statement(
    `TPC-H ${query.toUpperCase()}, SF ${scale} (rows)`,
    sql,
    read.map(table => ({
      schema: schemas[table] as TableSchema,
      rows: n => Math.max(1, Math.round((n * (sizes[table] as number)) / most)),
    })),
    { n: most, minimumGroupSize: 1 },
  )
}

// ── use cases ───────────────────────────────────────────────────────────────────────────────────────────────────────

const example = (path: string): string =>
  readFileSync(new URL(`../docs/examples/${path}`, import.meta.url), 'utf8')
const schemaOf = (path: string): TableSchema => tableSchema.parse(JSON.parse(example(path)))

const all = (n: number): number => n
const one = (): number => 1

export const WORKLOADS: readonly Operation[] = [
  ...['q01', 'q03', 'q06', 'q13'].map(query => tpch(query, 0.01)),
  statement(
    'U2, two lists matched (rows a side)',
    example('u2-list-matching/report.sql'),
    ['missing', 'found'].map(table => ({
      schema: schemaOf(`u2-list-matching/${table}.schema.json`),
      rows: all,
    })),
    { n: 10_000, minimumGroupSize: 1 },
  ),
  statement(
    'U6, one person looked up (entries)',
    "SELECT COUNT(*) FROM listed JOIN applicants ON applicants.person = listed.person WHERE until >= DATE '2026-11-01'",
    [
      { schema: schemaOf('u6-blacklist/listed.schema.json'), rows: all },
      { schema: schemaOf('u6-blacklist/applicants.schema.json'), rows: one },
    ],
    { n: 1_000_000, minimumGroupSize: 1 },
  ),
  // 15,000 owners with 20 rows each.
  statement(
    'U4, addresses of many owners (rows)',
    example('u4-threat-indicators/report.sql'),
    [{ schema: schemaOf('u4-threat-indicators/sightings.schema.json'), rows: all }],
    { n: 300_000, minimumGroupSize: 5 },
  ),
]
