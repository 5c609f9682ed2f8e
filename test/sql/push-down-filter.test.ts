/** Conditions below joins: where they go, where they must not, and that the same answer costs less. */
import { expect, test } from 'vitest'
import type { TableSchema } from '../../shared/data/schema.ts'
import { bind } from '../../shared/sql/bind/bind.ts'
import { costOf } from '../../shared/sql/cost.ts'
import { DEFAULT_NETWORK } from '../../shared/sql/estimate.ts'
import { evaluate } from '../../shared/sql/evaluate/evaluate.ts'
import { lowerWays } from '../../shared/sql/lower/lower.ts'
import { parseQuery } from '../../shared/sql/parse.ts'
import type { PhysicalPlan } from '../../shared/sql/plan.ts'
import { type Query, showQuery } from '../../shared/sql/query.ts'
import { proveRanges } from '../../shared/sql/ranges.ts'
import { RULES, rewrite } from '../../shared/sql/rewrite.ts'
import { pushDownFilter } from '../../shared/sql/rules/push-down-filter.ts'
import { askTables } from './ask.ts'
import { answerOf, openDatabase } from './logic/database.ts'
import { answerOfReport, difference, sorted } from './logic/three-ways.ts'
import { column } from './physical/held.ts'
import { createRandom, randomRows } from './table.ts'

const CLIENTS: TableSchema = {
  table: 'clients',
  columns: [
    column('id', { kind: 'integer', min: 1, max: 40 }),
    column('score', { kind: 'integer', min: 0, max: 1000 }, { nullable: true }),
    column('region', { kind: 'category', values: ['north', 'south'] }, { visibility: 'public' }),
  ],
  keys: [{ columns: ['id'], rowsMax: 1 }],
}
const VISITS: TableSchema = {
  table: 'visits',
  columns: [
    column('client', { kind: 'integer', min: 0, max: 50 }, { nullable: true }),
    column('cost', { kind: 'integer', min: 0, max: 300 }),
  ],
  keys: [{ columns: ['client'], rowsMax: 4 }],
}

const random = createRandom(77)
const unique = (rows: ReturnType<typeof randomRows>, name: string, at: (row: number) => bigint) => ({
  ...rows,
  columns: new Map([...rows.columns, [name, rows.valid.map((_, row) => at(row))] as const]),
})
const TABLES = [
  { schema: CLIENTS, rows: unique(randomRows(random, 30, 3, CLIENTS), 'id', row => BigInt(row + 1)) },
  {
    schema: VISITS,
    rows: unique(randomRows(random, 60, 0, VISITS), 'client', row => BigInt(row % 20)),
  },
]
const SIZES = TABLES.map(({ schema, rows }) => ({ schema, rows: rows.count }))

const bound = async (sql: string): Promise<Query> => bind(await parseQuery(sql), SIZES)
/** After every other rule. */
const before = async (sql: string): Promise<Query> =>
  RULES.filter(rule => rule !== pushDownFilter).reduce((query, rule) => rule.apply(query), await bound(sql))

const JOIN = 'inner join on visits.client = clients.id'

test.each<readonly [sql: string, sourceAndFilter: readonly string[]]>([
  // All of them, so that nothing is left behind the join.
  [
    'SELECT COUNT(*) FROM visits JOIN clients ON client = id WHERE cost > 5 AND score > 7',
    [JOIN, '  filter visits.cost >= 6', '    scan visits', '  filter clients.score >= 8', '    scan clients'],
  ],
  // One has to stay, and the others wait for it: they would only add rounds.
  [
    'SELECT COUNT(*) FROM visits JOIN clients ON client = id WHERE cost > score AND score > 7',
    [JOIN, '  scan visits', '  scan clients', 'filter visits.cost > clients.score AND clients.score >= 8'],
  ],
  // What is public costs nothing on its own side, and is secret behind the join.
  [
    "SELECT COUNT(*) FROM visits JOIN clients ON client = id WHERE cost > score AND region = 'north'",
    [
      JOIN,
      '  scan visits',
      "  filter clients.region = 'north'",
      '    scan clients',
      'filter visits.cost > clients.score',
    ],
  ],
  // What is NULL on the right of a LEFT JOIN is asked behind it.
  [
    'SELECT COUNT(*) FROM visits LEFT JOIN clients ON client = id WHERE cost > 5 AND score IS NULL',
    [
      'left join on visits.client = clients.id',
      '  scan visits',
      '  scan clients',
      'filter visits.cost >= 6 AND clients.score IS NULL',
    ],
  ],
  [
    'SELECT COUNT(*) FROM visits LEFT JOIN clients ON client = id WHERE cost > 5',
    [
      'left join on visits.client = clients.id',
      '  filter visits.cost >= 6',
      '    scan visits',
      '  scan clients',
    ],
  ],
  // A condition without columns has no side.
  [
    'SELECT COUNT(*) FROM visits JOIN clients ON client = id WHERE 1 = 2',
    [JOIN, '  scan visits', '  scan clients', 'filter FALSE'],
  ],
])('%s', async (sql, lines) => {
  const shown = showQuery(pushDownFilter.apply(await before(sql)))
  expect(shown.slice(0, lines.length)).toEqual(lines)
  expect(shown[lines.length]).toMatch(/^aggregate/)
})

/** And whether bytes are saved. */
const STATEMENTS: readonly (readonly [sql: string, saves: boolean])[] = [
  [
    'SELECT COUNT(*), SUM(cost) FROM visits JOIN clients ON client = id WHERE cost > 50 AND score > 300',
    true,
  ],
  [
    "SELECT COUNT(*), SUM(cost) FROM visits JOIN clients ON client = id WHERE 2 * cost > score AND region = 'north'",
    true,
  ],
  [
    'SELECT COUNT(*), SUM(v.cost) FROM clients c JOIN visits v ON v.client = c.id JOIN visits w ON w.client = v.client WHERE c.score > 200 AND v.cost < 100',
    true,
  ],
  [
    'SELECT client, SUM(cost) FROM visits LEFT JOIN clients ON client = id WHERE cost > 40 GROUP BY client',
    false,
  ],
]

test.each(STATEMENTS)('the same answer for no more bytes and rounds: %s', async (sql, saves) => {
  const options = {
    minimumGroupSize: 1,
    demands: [],
    tables: new Map(SIZES.map(({ schema, rows }) => [schema.table, { columns: schema.columns, rows }])),
  }
  const [without, pushed] = [await before(sql), rewrite(await bound(sql))]
  expect(showQuery(pushed)).not.toEqual(showQuery(without))
  const [dear, cheap] = await Promise.all(
    [without, pushed].map(query =>
      costOf({ plan: lowerWays(query, options, DEFAULT_NETWORK)[0] as PhysicalPlan }),
    ),
  )
  const [least, most] = [cheap, dear].map(cost => cost?.bytesPerParty[0] as number) as [number, number]
  if (saves) expect(least).toBeLessThan(most)
  else expect(least).toBe(most)
  expect(cheap?.rounds).toBeLessThanOrEqual(dear?.rounds as number)

  const plain = new Map(TABLES.map(({ schema, rows }) => [schema.table, rows]))
  const [ours, theirs] = [pushed, without].map(query =>
    sorted(answerOfReport(evaluate(query, plain, { minimumGroupSize: 1 }))),
  )
  expect(ours).toEqual(theirs)
  const { report } = await askTables(sql, TABLES, 1)
  expect(sorted(answerOfReport(report))).toEqual(theirs)
  const database = await openDatabase(TABLES)
  expect(difference(theirs ?? [], await answerOf(database, sql), false)).toBeUndefined()
  expect(Number(theirs?.[0]?.at(-1))).toBeGreaterThan(0)
  database.closeSync()
})

test('over many rows each condition goes where it is asked once, also when another has to stay', async () => {
  const sql =
    'SELECT COUNT(*) FROM clients c JOIN visits v ON v.client = c.id JOIN visits w ON w.client = v.client WHERE c.score > 7 AND v.cost < w.cost'
  const many = SIZES.map(({ schema }) => ({ schema, rows: 1_000_000 }))
  expect(showQuery(rewrite(bind(await parseQuery(sql), many))).slice(0, 7)).toEqual([
    'inner join on v.client = w.client, at most 4 matches a row',
    '  inner join on v.client = c.id',
    '    scan visits',
    '    filter c.score >= 8',
    '      scan clients',
    '  scan visits',
    'filter v.cost < w.cost',
  ])
})

test('ranges are proved below joins as well', async () => {
  const sql = 'SELECT COUNT(*) FROM visits JOIN clients ON client = id WHERE cost * cost > 50 AND score > 300'
  const query = rewrite(await bound(sql))
  expect(showQuery(query).join('\n')).toContain('    scan visits')
  expect(proveRanges(query).map(({ what }) => what)).toContain(
    '2 * difference + 1 in visits.cost * visits.cost > 50',
  )
})
