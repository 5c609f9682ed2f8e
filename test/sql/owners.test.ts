/**
 * Where an owner demands that several owners contribute: three parties, the evaluator and DuckDB show the same groups and
 * totals, over cells, over whole tables and over joins.
 */
import { describe, expect, test } from 'vitest'
import { tableSchema } from '../../shared/data/schema.ts'
import { compile } from '../../shared/sql/compile.ts'
import { readTexts } from './duckdb.ts'
import { openDatabase } from './logic/database.ts'
import { answerOfReport } from './logic/three-ways.ts'
import { asKnown, askOwned, type OwnedTable } from './owned.ts'
import { createRandom, PAY, type Random, randomRows } from './table.ts'

const USES = ['filter', 'group', 'join', 'aggregate', 'show'] as const
const SALES = tableSchema.parse({
  table: 'sales',
  columns: [
    {
      name: 'shop',
      type: { kind: 'integer', min: 1, max: 4 },
      nullable: false,
      visibility: 'public',
      uses: USES,
    },
    {
      name: 'area',
      type: { kind: 'integer', min: 1, max: 3 },
      nullable: false,
      visibility: 'secret',
      uses: USES,
    },
    {
      name: 'code',
      type: { kind: 'integer', min: 1, max: 5000 },
      nullable: false,
      visibility: 'secret',
      uses: USES,
    },
    {
      name: 'amount',
      type: { kind: 'integer', min: 0, max: 100 },
      nullable: true,
      visibility: 'secret',
      uses: USES,
    },
  ],
})
const STORES = tableSchema.parse({
  table: 'stores',
  columns: [
    {
      name: 'code',
      type: { kind: 'integer', min: 1, max: 5000 },
      nullable: false,
      visibility: 'secret',
      uses: USES,
    },
    {
      name: 'size',
      type: { kind: 'integer', min: 1, max: 2 },
      nullable: false,
      visibility: 'secret',
      uses: USES,
    },
  ],
  keys: [{ columns: ['code'], rowsMax: 1 }],
})

/** Codes are few, so that groups meet; owners lean to some of them, so that groups lack owners. */
const salesOf = (random: Random, count: number, minimumOwners: number): OwnedTable => {
  const rows = randomRows(random, count, 5, SALES)
  const places = rows.valid.map(() => random.below(4))
  const code = places.map(place => BigInt(1 + ((place + random.below(3)) % 6)))
  return {
    schema: SALES,
    rows: { ...rows, columns: new Map([...rows.columns, ['code', code]]) },
    owners: [
      { name: 'alder', policy: { minimumOwners: 2 } },
      { name: 'birch', policy: { minimumOwners } },
      { name: 'cedar' },
      { name: 'dogwood' },
    ],
    places,
  }
}
const storesOf = (random: Random): OwnedTable => ({
  schema: STORES,
  rows: {
    count: 6,
    valid: Array.from({ length: 6 }, () => true),
    columns: new Map([
      ['code', [1n, 2n, 3n, 4n, 5n, 6n]],
      ['size', Array.from({ length: 6 }, () => BigInt(random.between(1, 2)))],
    ]),
  },
  owners: [{ name: 'elm' }],
  places: [0, 0, 0, 0, 0, 0],
})

/** The statement, and DuckDB's, which counts owners itself. */
const STATEMENTS: readonly (readonly [string, string, string])[] = [
  [
    'cells',
    'SELECT shop, area, COUNT(*) FROM sales WHERE amount > 50 GROUP BY shop, area ORDER BY shop, area',
    'SELECT shop, area, COUNT(*) FROM sales WHERE amount > 50 GROUP BY shop, area HAVING COUNT(DISTINCT owner_place) >= 3 ORDER BY shop, area',
  ],
  [
    'cells with contributors',
    'SELECT area, SUM(CASE WHEN code = 2 THEN amount ELSE 0 END) AS s, COUNT(amount) FROM sales GROUP BY area ORDER BY area',
    `SELECT area, CASE WHEN COUNT(DISTINCT CASE WHEN code = 2 AND amount IS NOT NULL THEN owner_place END) >= 3 THEN SUM(CASE WHEN code = 2 THEN amount ELSE 0 END) END,
      CASE WHEN COUNT(DISTINCT CASE WHEN amount IS NOT NULL THEN owner_place END) >= 3 THEN COUNT(amount) END
      FROM sales GROUP BY area HAVING COUNT(DISTINCT owner_place) >= 3 ORDER BY area`,
  ],
  [
    'whole tables',
    'SELECT code, COUNT(*) AS n, MAX(amount) FROM sales GROUP BY code ORDER BY code',
    `SELECT code, COUNT(*), CASE WHEN COUNT(DISTINCT CASE WHEN amount IS NOT NULL THEN owner_place END) >= 3 THEN MAX(amount) END
      FROM sales GROUP BY code HAVING COUNT(DISTINCT owner_place) >= 3 ORDER BY code`,
  ],
  [
    'a join',
    'SELECT size, COUNT(*) AS n FROM sales JOIN stores ON sales.code = stores.code WHERE amount > 80 GROUP BY size ORDER BY size',
    'SELECT size, COUNT(*) AS n FROM sales JOIN stores ON sales.code = stores.code WHERE amount > 80 GROUP BY size HAVING COUNT(DISTINCT sales.owner_place) >= 3 ORDER BY size',
  ],
  [
    'an inner query of rows',
    'SELECT code, COUNT(*) AS n FROM (SELECT code, amount FROM sales WHERE shop = 1) few GROUP BY code ORDER BY code',
    'SELECT code, COUNT(*) FROM sales WHERE shop = 1 GROUP BY code HAVING COUNT(DISTINCT owner_place) >= 3 ORDER BY code',
  ],
]

describe.each(STATEMENTS)('%s', (_, sql, twin) => {
  test.each([1, 2, 3])('three parties, evaluator and DuckDB agree, seed %i', async seed => {
    const random = createRandom(seed)
    const tables = [salesOf(random, 40, 3), storesOf(random)]
    const answer = await askOwned(sql, tables, 1)
    const theirs = await readTexts(await openDatabase(tables.map(asKnown), 'INTEGER'), twin)
    const ours = answerOfReport(answer.report)
    expect(ours).toEqual(answerOfReport(answer.evaluated))
    expect(ours.map(row => row.map(cell => (cell === '*' ? null : cell)))).toEqual(theirs)
    expect(answer.announced).toEqual(answer.measured)
  })
})

test('some groups lack owners in what is asked above, so the rule decides', async () => {
  const random = createRandom(1)
  const tables = [salesOf(random, 40, 3), storesOf(random)]
  const sql = 'SELECT code, COUNT(*) AS n FROM sales GROUP BY code ORDER BY code'
  const [strict, loose] = await Promise.all(
    [3, 2].map(
      async m =>
        (await askOwned(sql, [{ ...(tables[0] as OwnedTable), owners: owned(m) }], 1)).report.rows.length,
    ),
  )
  expect(strict).toBeGreaterThan(0)
  expect(loose).toBeGreaterThan(strict as number)
})
const owned = (minimumOwners: number) => [
  { name: 'alder', policy: { minimumOwners } },
  { name: 'birch' },
  { name: 'cedar' },
  { name: 'dogwood' },
]

test('the disclosure says who demands how many, and that how many there are is not shown', async () => {
  const { disclosure } = await compile('SELECT area, COUNT(*) FROM sales GROUP BY area', {
    tables: [{ schema: SALES, rows: 40, owners: owned(3) }],
    minimumGroupSize: 5,
  })
  expect(disclosure.notes).toContain(
    'A group, and each total of it, is shown only where rows of at least 3 owners of sales contribute, as alder demands; how many do is not shown.',
  )
})

test.each([
  ['too few owners', 'SELECT COUNT(*) FROM sales', 5, 'but 4 have shared'],
  ['single rows', 'SELECT area FROM sales', 3, 'shows single rows'],
  [
    'groups of groups',
    'SELECT COUNT(*) FROM (SELECT area, COUNT(*) AS n FROM sales GROUP BY area) g',
    3,
    'inner query makes groups',
  ],
  [
    'a union',
    'SELECT COUNT(*) FROM (SELECT area FROM sales UNION ALL SELECT area FROM sales) u',
    3,
    'UNION ALL',
  ],
  [
    'a condition',
    'SELECT COUNT(*) FROM stores WHERE code IN (SELECT code FROM sales)',
    3,
    'only decide which others',
  ],
  [
    'a total beside',
    'SELECT size, COUNT(*) FROM stores GROUP BY size HAVING COUNT(*) > (SELECT COUNT(*) FROM sales)',
    3,
    'inner query makes groups',
  ],
])('refused: %s', async (_, sql, minimumOwners, why) => {
  const tables = [
    { schema: SALES, rows: 40, owners: owned(minimumOwners) },
    { schema: STORES, rows: 6, owners: [] },
  ]
  await expect(compile(sql, { tables, minimumGroupSize: 1 })).rejects.toMatchObject({
    rule: 'policy-owners',
    message: expect.stringContaining(why),
  })
})

test('nobody who asks can name the owner of a row', async () => {
  const tables = [{ schema: SALES, rows: 40, owners: owned(3) }]
  for (const column of ['"#owner"', '#owner', 'sales."#owner"'])
    await expect(
      compile(`SELECT ${column}, COUNT(*) FROM sales GROUP BY ${column}`, { tables, minimumGroupSize: 1 }),
    ).rejects.toThrow()
})

test('a table without such a policy is planned as before', async () => {
  const sql = 'SELECT country, COUNT(*) FROM pay GROUP BY country'
  const [none, some] = await Promise.all(
    [undefined, [{ name: 'alder' }, { name: 'birch' }]].map(owners =>
      compile(sql, { tables: [{ schema: PAY, rows: 90, ...(owners && { owners }) }], minimumGroupSize: 5 }),
    ),
  )
  expect(some?.digest).toBe(none?.digest)
})
