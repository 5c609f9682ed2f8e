/** What owners demand of reports, each in the policy that it signs: the strictest holds, and disclosure says whose it is. */
import { expect, test } from 'vitest'
import { tableSchema } from '../../shared/data/schema.ts'
import type { DatasetVersion } from '../../shared/governance/document/dataset-version.ts'
import { tablesOfVersions } from '../../shared/governance/tables-of-versions.ts'
import { compile } from '../../shared/sql/compile.ts'
import type { TableOwner } from '../../shared/sql/demands.ts'
import { runCompiled } from './ask.ts'
import { createRandom, PAY, randomRows } from './table.ts'

const owners: readonly TableOwner[] = [
  { name: 'alder', policy: { minimumGroupSize: 5 } },
  { name: 'birch', policy: { minimumGroupSize: 30 } },
  { name: 'cedar' },
]
const other = { schema: { ...PAY, table: 'other', policy: { minimumGroupSize: 70 } }, rows: 90 }
const planOf = async (minimumGroupSize: number, sql = 'SELECT country, COUNT(*) FROM pay GROUP BY country') =>
  compile(sql, { tables: [{ schema: PAY, rows: 90, owners }, other], minimumGroupSize })

test.each([
  [3, 30, ['The minimum of 30 rows is demanded by birch for pay.']],
  [30, 30, ['The minimum of 30 rows is demanded by birch for pay.']],
  [40, 40, []],
])('asked for %i, the strictest of request and owners is %i', async (asked, holds, said) => {
  const { plan, disclosure } = await planOf(asked)
  expect(plan.minimumGroupSize).toBe(holds)
  expect(plan.perCell.find(step => step.operator === 'threshold')).toMatchObject({ minimum: holds })
  expect(disclosure.notes.filter(note => note.includes('demanded'))).toEqual(said)
})

test.each([
  'WHERE grade IN (SELECT hours FROM other WHERE hours < 4)',
  'WHERE hours > (SELECT AVG(hours) FROM other)',
  'HAVING SUM(hours) > (SELECT MAX(hours) FROM other)',
])('a table counts wherever it is read, and only there: %s', async condition => {
  const inner = `SELECT COUNT(*) FROM pay ${condition}`
  const { plan, disclosure } = await compile(inner, {
    tables: [
      { schema: { ...PAY, columns: joinable }, rows: 90, owners },
      { ...other, schema: { ...other.schema, columns: joinable } },
    ],
    minimumGroupSize: 3,
  })
  expect(plan.minimumGroupSize).toBe(70)
  expect(disclosure.notes).toContain('The minimum of 70 rows is demanded by every owner of other for other.')
})

const joinable = PAY.columns.map(column => ({ ...column, uses: [...column.uses, 'join' as const] }))

test('single rows are not shown where an owner demands groups', async () => {
  const tables = (owned: readonly TableOwner[]) => [
    { schema: { ...PAY, columns: shown }, rows: 90, owners: owned },
  ]
  const shown = PAY.columns.map(column => ({ ...column, uses: [...column.uses, 'show' as const] }))
  const sql = 'SELECT grade FROM pay'
  await expect(compile(sql, { tables: tables(owners), minimumGroupSize: 1 })).rejects.toThrow('single rows')
  await expect(compile(sql, { tables: tables([]), minimumGroupSize: 1 })).resolves.toBeDefined()
})

test('three parties obey the owner, not the request', async () => {
  const rows = randomRows(createRandom(11), 90)
  const [asked, demanded] = await Promise.all(
    [undefined, owners].map(async owned => {
      const compiled = await compile('SELECT grade, COUNT(*) AS n FROM pay GROUP BY grade ORDER BY grade', {
        tables: [{ schema: PAY, rows: 90, ...(owned && { owners: owned }) }],
        minimumGroupSize: 1,
      })
      return (await runCompiled(compiled, rows)).report.rows
    }),
  )
  const large = asked?.filter(([, count]) => Number(count) >= 30)
  expect(asked?.length).toBeGreaterThan(large?.length ?? 0)
  expect(demanded).toEqual(large)
})

// ── what owners sign ────────────────────────────────────────────────────────────────────────────────────────────────

const versionOf = (owner: string, policy: object | undefined, rest: object = {}): DatasetVersion =>
  ({
    owner,
    rows: 10,
    schema: { ...PAY, ...rest, ...(policy && { policy }) },
  }) as unknown as DatasetVersion

test('owners of one table may demand different things, and nothing else may differ', () => {
  const alder = versionOf('alder', { minimumGroupSize: 5 })
  expect(tablesOfVersions([alder, versionOf('birch', undefined)])).toMatchObject([
    { rows: 20, owners: [{ name: 'alder', policy: { minimumGroupSize: 5 } }, { name: 'birch' }] },
  ])
  expect(() => tablesOfVersions([alder, versionOf('birch', undefined, { description: 'x' })])).toThrow(
    expect.objectContaining({ rule: 'request-schemas-differ' }),
  )
})

test.each([
  [{ minimumGroupSize: 0 }],
  [{ minimumGroupSize: 2.5 }],
  [{ minimumGroupSize: '10' }],
  [{ minimumGroupsize: 10 }],
])('no policy: %j', policy => {
  expect(tableSchema.safeParse({ ...PAY, policy }).success).toBe(false)
})
