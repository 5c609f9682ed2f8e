import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSource } from '../../client/sdk/node/source.ts'
import { runTwin } from '../../client/sdk/node/twin.ts'
import { generatePayroll, writePayroll } from '../../examples/payroll/generate.ts'
import { birdstrikesFile, writeStrikes } from '../../examples/safety/split.ts'
import { checkRows } from '../../shared/data/check-rows.ts'
import type { EncodedColumn } from '../../shared/data/deal.ts'
import { type TableSchema, tableSchema } from '../../shared/data/schema.ts'
import { decodeValue } from '../../shared/data/value.ts'
import { compile } from '../../shared/sql/compile.ts'

const schemaOf = async (example: string): Promise<TableSchema> =>
  tableSchema.parse(
    JSON.parse(await readFile(new URL(`../../examples/${example}/schema.json`, import.meta.url), 'utf8')),
  )

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'examples-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The rows of an owner's file, which must fit the schema to the last cell. */
const checked = async (schema: TableSchema, file: string): Promise<ReadonlyMap<string, EncodedColumn>> => {
  const result = checkRows(schema, await readSource({ file }))
  if (!result.ok) throw new Error(JSON.stringify(result.violations.slice(0, 5)))
  return new Map(schema.columns.map((column, c) => [column.name, result.columns[c] as EncodedColumn]))
}

/** Categories that occur anywhere, by column. */
const seenCategories = (
  schema: TableSchema,
  tables: readonly ReadonlyMap<string, EncodedColumn>[],
): Record<string, string[]> =>
  Object.fromEntries(
    schema.columns.flatMap(({ name, type }) => {
      if (type.kind !== 'category') return []
      const seen = new Set(tables.flatMap(table => table.get(name) ?? []))
      return [[name, type.values.filter((_, i) => seen.has(BigInt(i)))]]
    }),
  )
const declaredCategories = (schema: TableSchema): Record<string, readonly string[]> =>
  Object.fromEntries(
    schema.columns.flatMap(({ name, type }) => (type.kind === 'category' ? [[name, type.values]] : [])),
  )

test('all 10,000 wildlife strikes fit the schema, and its categories are those of the file', async () => {
  const schema = await schemaOf('safety')
  const files = await writeStrikes(join(folder, 'strikes'))
  expect(files.map(({ owner }) => owner)).toEqual([
    'american-airlines',
    'us-airways',
    'delta-air-lines',
    'other-operators',
  ])
  const tables = await Promise.all(files.map(({ file }) => checked(schema, file)))
  expect(tables.map(table => table.get('cost')?.length)).toEqual([2171, 1084, 865, 5880])
  expect(seenCategories(schema, tables)).toEqual(declaredCategories(schema))

  // Nothing was lost or changed on the way through the owners' files.
  const pooled = await runTwin(
    [{ schema, sources: files }],
    'SELECT SUM(cost), SUM(speed), COUNT(speed) FROM strikes',
  )
  const published = await runTwin(
    [],
    `SELECT SUM("Cost Total $"), SUM("Speed IAS in knots"), COUNT("Speed IAS in knots") FROM '${birdstrikesFile()}'`,
  )
  expect(pooled.rows).toEqual(published.rows)
})

test('the payroll fits its schema and looks like one', async () => {
  const schema = await schemaOf('payroll')
  const files = await writePayroll(join(folder, 'payroll'))
  const tables = await Promise.all(files.map(({ file }) => checked(schema, file)))
  expect(tables.reduce((rows, table) => rows + (table.get('grade')?.length ?? 0), 0)).toBe(20_000)
  expect(seenCategories(schema, tables)).toEqual(declaredCategories(schema))

  const shareOfNull = (name: string): number => {
    const cells = tables.flatMap(table => table.get(name) ?? [])
    return cells.filter(cell => cell === null).length / cells.length
  }
  expect(shareOfNull('gender')).toBeGreaterThan(0.02)
  expect(shareOfNull('gender')).toBeLessThan(0.06)
  expect(shareOfNull('bonus')).toBeGreaterThan(0.3)
  expect(shareOfNull('monthly_pay')).toBe(0)

  const { rows } = await runTwin(
    [{ schema, sources: files }],
    `SELECT grade, AVG(monthly_pay) FILTER (gender = 'female') / AVG(monthly_pay) FILTER (gender = 'male'), AVG(monthly_pay)
     FROM payroll WHERE full_time AND country = 'DE' GROUP BY grade ORDER BY grade`,
  )
  expect(rows).toHaveLength(7)
  const pay = rows.map(row => Number(row[2]))
  expect(pay).toEqual([...pay].sort((a, b) => a - b))
  for (const [, ratio] of rows.slice(0, 5)) {
    expect(Number(ratio)).toBeGreaterThan(0.9)
    expect(Number(ratio)).toBeLessThan(1)
  }
})

test('the payroll is the same for the same seed, and has as many rows as asked for', async () => {
  expect(generatePayroll({ rows: 300, seed: 5 })).toEqual(generatePayroll({ rows: 300, seed: 5 }))
  expect(generatePayroll({ rows: 300, seed: 5 })).not.toEqual(generatePayroll({ rows: 300, seed: 6 }))
  for (const rows of [0, 1, 3, 4, 97, 1000]) {
    const owners = generatePayroll({ rows })
    expect(owners).toHaveLength(4)
    expect(owners.reduce((sum, owner) => sum + owner.rows.length, 0)).toBe(rows)
  }
})

test('what the schema decodes is what the file says', async () => {
  const schema = await schemaOf('payroll')
  const [first] = await writePayroll(join(folder, 'small'), { rows: 200 })
  const file = first?.file ?? ''
  const table = await checked(schema, file)
  const text = await readSource({ file })
  for (const { name, type } of schema.columns)
    expect(table.get(name)?.map(cell => (cell === null ? null : String(decodeValue(type, cell))))).toEqual(
      text.columns[text.names.indexOf(name)],
    )
})

test('both reports compile against their schemas', async () => {
  for (const example of ['payroll', 'safety']) {
    const sql = await readFile(new URL(`../../examples/${example}/report.sql`, import.meta.url), 'utf8')
    const compiled = await compile(sql, {
      tables: [{ schema: await schemaOf(example), rows: 10_000 }],
      minimumGroupSize: 10,
    })
    expect(compiled.digest).not.toBe('')
  }
})
