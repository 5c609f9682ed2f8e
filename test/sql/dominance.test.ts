/**
 * Dominance rules of owners: three parties, the evaluator and DuckDB show the same sums. DuckDB is asked for the totals of
 * owners and decides by the rules' own words; the parties compare every instance and never find the largest.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DominanceRule } from '../../shared/data/policy.ts'
import { tableSchema } from '../../shared/data/schema.ts'
import { compile } from '../../shared/sql/compile.ts'
import { withoutDominance } from '../../shared/sql/operator/dominance.ts'
import { dealBits, dealField, runThree, valuesOfBits } from '../support/three-parties.ts'
import { readTexts } from './duckdb.ts'
import { openDatabase } from './logic/database.ts'
import { answerOfReport } from './logic/three-ways.ts'
import { asKnown, askOwned, type OwnedTable } from './owned.ts'
import { createRandom, type Random, randomRows } from './table.ts'

// ── the comparisons ─────────────────────────────────────────────────────────────────────────────────────────────────

const ruleOf = fc.oneof(
  fc.record({
    rule: fc.constant('n-k' as const),
    n: fc.integer({ min: 1, max: 3 }),
    k: fc.integer({ min: 1, max: 99 }),
  }),
  fc.record({ rule: fc.constant('p-percent' as const), p: fc.integer({ min: 1, max: 99 }) }),
)

/** By the rule's own words. */
const isSafe = (rule: DominanceRule, owners: readonly bigint[]): boolean => {
  const sorted = owners.toSorted((a, b) => Number(b - a))
  const total = owners.reduce((sum, one) => sum + one, 0n)
  const first = (count: number): bigint => sorted.slice(0, count).reduce((sum, one) => sum + one, 0n)
  return rule.rule === 'n-k'
    ? 100n * first(rule.n) <= BigInt(rule.k) * total
    : 100n * (total - first(2)) >= BigInt(rule.p) * first(1)
}

const amounts = fc.oneof(fc.bigInt({ min: 0n, max: 6n }), fc.bigInt({ min: 0n, max: 100_000_000_000n }))
const cellsOf = fc
  .integer({ min: 4, max: 5 })
  .chain(owners =>
    fc.array(fc.array(amounts, { minLength: owners, maxLength: owners }), { minLength: 1, maxLength: 12 }),
  )

test('every instance holds exactly when the rule does, ties and zeros included', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(ruleOf, cellsOf, async (rule, cells) => {
      const names = (cells[0] as bigint[]).map((_, i) => `${i}`)
      const dealt = names.map((_, i) => dealField(cells.map(cell => cell[i] as bigint)))
      const base = cells.map((_, i) => i % 4 !== 3)
      const enough = dealBits(base)
      const run = await runThree(async session => {
        const totals = new Map(names.map((name, i) => [name, (dealt[i] as (typeof dealt)[0])[session.party]]))
        const check = { guard: 'g', base: 'b', of: 'SUM(x)', table: 't', terms: [names], rules: [rule] }
        const result = await withoutDominance(
          session,
          totals,
          [check],
          new Map([['b', enough[session.party]]]),
        )
        return result.get('g') as (typeof enough)[0]
      })
      expect(valuesOfBits(run.results)).toEqual(
        cells.map((cell, i) => Number(base[i] === true && isSafe(rule, cell))),
      )
    }),
    { numRuns: 25 },
  )
})

test.each([
  ['(1,50): half is allowed', { rule: 'n-k', n: 1, k: 50 }, [5n, 3n, 2n], true],
  ['(1,50): more is not', { rule: 'n-k', n: 1, k: 50 }, [6n, 3n, 2n], false],
  ['(2,80)', { rule: 'n-k', n: 2, k: 80 }, [4n, 4n, 2n], true],
  ['(2,80) by one', { rule: 'n-k', n: 2, k: 80 }, [41n, 40n, 20n], false],
  ['p = 10 %: exactly', { rule: 'p-percent', p: 10 }, [100n, 50n, 10n], true],
  ['p = 10 %: one less', { rule: 'p-percent', p: 10 }, [100n, 50n, 9n], false],
] as const)('%s', (_, rule, owners, safe) => {
  expect(isSafe(rule, owners)).toBe(safe)
})

// ── statements ──────────────────────────────────────────────────────────────────────────────────────────────────────

const USES = ['filter', 'group', 'join', 'aggregate'] as const
const TRADE = tableSchema.parse({
  table: 'trade',
  columns: [
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
      type: { kind: 'decimal', scale: 2, min: '0.00', max: '900.00' },
      nullable: true,
      visibility: 'secret',
      uses: USES,
    },
    {
      name: 'pieces',
      type: { kind: 'integer', min: 0, max: 20 },
      nullable: false,
      visibility: 'secret',
      uses: USES,
    },
    {
      name: 'margin',
      type: { kind: 'integer', min: -5, max: 20 },
      nullable: false,
      visibility: 'secret',
      uses: USES,
    },
    { name: 'home', type: { kind: 'boolean' }, nullable: false, visibility: 'secret', uses: USES },
  ],
})

const RULES: readonly DominanceRule[] = [
  { rule: 'n-k', n: 1, k: 55 },
  { rule: 'p-percent', p: 30 },
]

const tradeOf = (random: Random, count = 45): OwnedTable => {
  const rows = randomRows(random, count, 3, TRADE)
  const places = rows.valid.map(() => (random.chance(0.4) ? 0 : random.below(4)))
  return {
    schema: TRADE,
    rows: {
      ...rows,
      columns: new Map([...rows.columns, ['code', places.map(() => BigInt(random.between(1, 4)))]]),
    },
    owners: [
      { name: 'alder', policy: { dominance: [RULES[0] as DominanceRule] } },
      { name: 'birch', policy: { dominance: [RULES[1] as DominanceRule] } },
      { name: 'cedar' },
      { name: 'dogwood' },
    ],
    places,
  }
}

/** DuckDB's condition that no owner dominates a value within a group, of owners' totals in a list. */
const safe = (value: string): string => {
  const sums = [0, 1, 2, 3].map(place => `COALESCE(SUM(${value}) FILTER (WHERE owner_place = ${place}), 0)`)
  const sorted = `list_sort([${sums.join(', ')}], 'DESC')`
  const total = `(${sums.join(' + ')})`
  return `(100 * ${sorted}[1] <= 55 * ${total} AND 100 * (${total} - ${sorted}[1] - ${sorted}[2]) >= 30 * ${sorted}[1])`
}
const where = (condition: string, value: string): string => `CASE WHEN ${condition} THEN ${value} END`

const STATEMENTS: readonly (readonly [string, string, string])[] = [
  [
    'cells',
    'SELECT area, COUNT(*) AS n, SUM(amount) AS s FROM trade GROUP BY area ORDER BY area',
    `SELECT area, COUNT(*), ${where(safe('amount'), 'SUM(amount)')} FROM trade GROUP BY area ORDER BY area`,
  ],
  [
    'whole tables, a total under two guards, and an order by it',
    'SELECT code, SUM(pieces) AS s, COUNT(*) AS n, AVG(pieces) AS m FROM trade GROUP BY code ORDER BY n DESC, code LIMIT 3',
    `SELECT code, ${where(safe('pieces'), 'SUM(pieces)')}, COUNT(*) AS n, ${where(safe('pieces'), 'ROUND(SUM(pieces)::DECIMAL(18,4) / COUNT(*), 4)')} FROM trade GROUP BY code ORDER BY n DESC, code LIMIT 3`,
  ],
  [
    'whole tables beside a median',
    'SELECT area, MEDIAN(pieces) AS h, SUM(pieces * pieces) AS q FROM trade GROUP BY area ORDER BY area',
    `SELECT area, MEDIAN(pieces), ${where(safe('pieces * pieces'), 'SUM(pieces * pieces)')} FROM trade GROUP BY area ORDER BY area`,
  ],
  [
    'a constant that would hide who dominates',
    'SELECT area, SUM(pieces + 1000) AS s, SUM(CASE WHEN home THEN pieces ELSE 500 END) AS c FROM trade GROUP BY area ORDER BY area',
    `SELECT area, ${where(safe('pieces'), 'SUM(pieces + 1000)')}, ${where(safe('CASE WHEN home THEN pieces ELSE 0 END'), 'SUM(CASE WHEN home THEN pieces ELSE 500 END)')} FROM trade GROUP BY area ORDER BY area`,
  ],
  [
    'HAVING does not know what is dominated',
    'SELECT area, COUNT(*) AS n FROM trade GROUP BY area HAVING SUM(amount) > 0 ORDER BY area',
    `SELECT area, COUNT(*) FROM trade GROUP BY area HAVING ${safe('amount')} AND SUM(amount) > 0 ORDER BY area`,
  ],
]

const comparable = (cell: string | null): string | null =>
  cell === null || cell === '*' ? null : cell.includes('.') ? cell.replace(/\.?0+$/, '') : cell

describe.each(STATEMENTS)('%s', (_, sql, twin) => {
  test.each([1, 2, 3])('three parties, evaluator and DuckDB agree, seed %i', async seed => {
    const table = tradeOf(createRandom(seed))
    const answer = await askOwned(sql, [table], 1)
    const theirs = await readTexts(await openDatabase([asKnown(table)], 'INTEGER'), twin)
    const ours = answerOfReport(answer.report)
    expect(ours).toEqual(answerOfReport(answer.evaluated))
    expect(ours.map(row => row.map(comparable))).toEqual(theirs.map(row => row.map(comparable)))
    expect(answer.announced).toEqual(answer.measured)
  })
})

test('some sums above are dominated and some are not, so the rules decide', async () => {
  const cells = await Promise.all(
    [1, 2, 3].map(async seed => {
      const { report } = await askOwned(STATEMENTS[0]?.[1] as string, [tradeOf(createRandom(seed))], 1)
      return answerOfReport(report).map(row => row[2])
    }),
  )
  expect(cells.flat()).toContain('*')
  expect(cells.flat().some(cell => cell !== '*')).toBe(true)
})

// ── what is said, and what is refused ───────────────────────────────────────────────────────────────────────────────

const compiled = (sql: string, owners: OwnedTable['owners'], schema = TRADE) =>
  compile(sql, { tables: [{ schema, rows: 60, owners }], minimumGroupSize: 5 })
const four = (rule: DominanceRule) => [
  { name: 'alder', policy: { dominance: [rule] } },
  { name: 'birch' },
  { name: 'cedar' },
  { name: 'dogwood' },
]

test('the disclosure says each rule in words, and whose it is', async () => {
  const { disclosure } = await compiled(
    'SELECT area, SUM(pieces) FROM trade GROUP BY area',
    tradeOf(createRandom(1)).owners,
  )
  expect(disclosure.notes).toEqual(
    expect.arrayContaining([
      'A sum or mean over trade is shown only where the largest owner contributes at most 55 % of it ((n,k) = (1,55)), as alder demands.',
      'A sum or mean over trade is shown only where what is left without the two largest owners is at least 30 % of the largest (p = 30 %), as birch demands.',
    ]),
  )
  expect(disclosure.recipientLearns.join('\n')).toContain(
    'for each shown group, where COUNT(*) is at least 5 and no owner dominates SUM(pieces): SUM(pieces)',
  )
})

test.each([
  ['may be negative', 'SELECT SUM(margin) FROM trade', 'policy-dominance', 'may be negative'],
  [
    'computed inside',
    'SELECT SUM(x) FROM (SELECT pieces + 1000 AS x FROM trade) t',
    'policy-dominance',
    'inner query',
  ],
])('refused: %s', async (_, sql, rule, why) => {
  await expect(compiled(sql, four({ rule: 'p-percent', p: 10 }))).rejects.toMatchObject({
    rule,
    message: expect.stringContaining(why),
  })
})

test('refused: fewer owners than any total could be shown of, and more than can be compared', async () => {
  const sql = 'SELECT SUM(pieces) FROM trade'
  const two = four({ rule: 'p-percent', p: 10 }).slice(0, 2)
  await expect(compiled(sql, two)).rejects.toMatchObject({ rule: 'policy-owners' })
  const many = Array.from({ length: 102 }, (_, i) => ({ ...(two[0] as (typeof two)[0]), name: `o${i}` }))
  await expect(compiled(sql, many)).rejects.toMatchObject({
    rule: 'policy-owners',
    message: expect.stringContaining('10302'),
  })
})

test('refused: a total whose hundredfold could wrap around', async () => {
  const type = { kind: 'integer' as const, min: 0, max: '500000000000000' }
  const schema = {
    ...TRADE,
    columns: TRADE.columns.map(one => (one.name === 'pieces' ? { ...one, type } : one)),
  }
  const sql = 'SELECT SUM(pieces) FROM trade'
  await expect(compiled(sql, [{ name: 'alder' }], schema)).resolves.toBeDefined()
  await expect(compiled(sql, four({ rule: 'n-k', n: 1, k: 80 }), schema)).rejects.toMatchObject({
    rule: 'range-exceeded',
  })
})

test.each([
  [{ rule: 'n-k', n: 0, k: 80 }],
  [{ rule: 'n-k', n: 1, k: 100 }],
  [{ rule: 'p-percent', p: 0 }],
  [{ rule: 'p-percent', p: 10, q: 5 }],
  [{ rule: 'other' }],
])('no rule: %j', rule => {
  expect(tableSchema.safeParse({ ...TRADE, policy: { dominance: [rule] } }).success).toBe(false)
})
