/** The page about SQL is what its generator makes of the engine, and every statement on it compiles. */

import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { CONSTRUCTS, EXAMPLE_TABLES, REFUSED } from '../../client/cli/sql-constructs.ts'
import { compileExample, sqlReference } from '../../client/cli/sql-reference.ts'
import { type ColumnType, tableSchema } from '../../shared/data/schema.ts'
import { compile } from '../../shared/sql/compile.ts'
import { average, finish } from '../../shared/sql/finish.ts'
import { revealedBy } from '../../shared/sql/plan.ts'

test('the page is what the generator makes', { timeout: 60_000 }, async () => {
  const page = await readFile(new URL('../../docs/reference/sql.md', import.meta.url), 'utf8')
  expect(page, 'npx node client/cli/sql-reference.ts > docs/reference/sql.md').toBe(await sqlReference())
})

test('the example tables are schemas as owners sign them', () => {
  for (const schema of EXAMPLE_TABLES) expect(tableSchema.parse(schema)).toEqual(schema)
})

test.each(
  CONSTRUCTS.flatMap(({ constructs }) => constructs).map(one => [one.example, one.minimumGroupSize] as const),
)('%s', async (sql, minimumGroupSize) => {
  const { plan } = await compileExample(sql, minimumGroupSize)
  expect(plan.outputs.length).toBeGreaterThan(0)
})

test.each(
  REFUSED.flatMap(({ instead }) => (instead === undefined ? [] : [instead])),
)('works instead: %s', async sql => {
  await expect(compileExample(sql)).resolves.toBeDefined()
})

/** One table with one column, which every use is allowed of. */
const over = (sql: string, type: ColumnType, visibility: 'public' | 'secret' = 'secret', rowsMax = 1) =>
  compile(sql, {
    tables: [
      {
        schema: {
          table: 't',
          columns: [
            { name: 'x', type, nullable: false, visibility, uses: ['filter', 'group', 'join', 'aggregate'] },
          ],
          keys: [{ columns: ['x'], rowsMax }],
        },
        rows: 2000,
      },
    ],
    minimumGroupSize: 1,
  })
const upTo = (max: number): ColumnType => ({ kind: 'integer', min: 1, max })

test.each([
  [1000, 'secret', 'cells'],
  [1001, 'secret', 'tables'],
  [4096, 'public', 'cells'],
  [4097, 'public', 'tables'],
] as const)('a key of %i values that is %s makes a plan of %s', async (size, visibility, form) => {
  const { plan } = await over('SELECT x, COUNT(*) FROM t GROUP BY x', upTo(size), visibility)
  expect(plan.form).toBe(form)
})

test('limits that the page names', async () => {
  const join = 'SELECT COUNT(*) FROM t a JOIN t b ON a.x = b.x'
  await expect(over(join, upTo(9), 'secret', 1000)).resolves.toBeDefined()
  await expect(over(join, upTo(9), 'secret', 1001)).rejects.toThrow('has no bound')
  const months = 'SELECT COUNT(*) FROM t WHERE EXTRACT(MONTH FROM x) = 3'
  await expect(over(months, { kind: 'date', min: '2001-01-01', max: '2020-12-31' })).resolves.toBeDefined()
  await expect(over(months, { kind: 'date', min: '2001-01-01', max: '2021-01-01' })).rejects.toThrow('241')
  await expect(over(`SELECT COUNT(*) FROM t${' '.repeat(19_977)}`, upTo(9))).resolves.toBeDefined()
  await expect(over(`SELECT COUNT(*) FROM t${' '.repeat(19_979)}`, upTo(9))).rejects.toThrow('20000')
  await expect(over('SELECT QUANTILE_CONT(x, 0.9999) FROM t', upTo(9))).resolves.toBeDefined()
  await expect(over('SELECT QUANTILE_CONT(x, 0.99999) FROM t', upTo(9))).rejects.toThrow('4 decimals')
})

test('decimals of averages, quotients, roots and percentiles', async () => {
  const compiled = await over(
    'SELECT AVG(x), SUM(x) / COUNT(*), STDDEV_POP(x), MEDIAN(x), QUANTILE_CONT(x, 0.75) FROM t',
    { kind: 'decimal', scale: 2, min: '0.00', max: '9.00' },
  )
  const vectors = revealedBy(compiled.plan)
  const { columns } = finish(
    compiled,
    vectors.map(() => 1n),
  )
  expect(columns.map(({ scale }) => scale)).toEqual([2 + 4, 2 + 6, 2 * 2 + 6, 2 + 1, 2 + 2])
  expect([average(2n, 3n, 4), average(-1n, 20_000n, 4)]).toEqual([6667n, -1n])
})
