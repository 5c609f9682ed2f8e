/**
 * The planner's choice: it follows from latency and bandwidth, everybody who compiles the same makes the same one, the
 * result is the same whichever plan is chosen, and a plan that no function can hold is refused by the step that is too big.
 */
import { describe, expect, test } from 'vitest'
import { compileFor } from '../../client/sdk/compile-request.ts'
import type { Column, TableSchema } from '../../shared/data/schema.ts'
import type { DatasetVersion } from '../../shared/governance/document/dataset-version.ts'
import type { Federation } from '../../shared/governance/document/federation.ts'
import type { Request } from '../../shared/governance/document/request.ts'
import { compileRequest } from '../../shared/party/compile-request.ts'
import { compile } from '../../shared/sql/compile.ts'
import { costOf } from '../../shared/sql/cost.ts'
import { type Network, secondsOf } from '../../shared/sql/estimate.ts'
import { explain } from '../../shared/sql/explain.ts'
import { askTables } from './ask.ts'
import { answerOf, openDatabase } from './logic/database.ts'
import { answerOfReport, difference, evaluated, sorted } from './logic/three-ways.ts'
import { column } from './physical/held.ts'
import { createRandom, PAY, randomRows } from './table.ts'

/** Bytes cost nothing, rounds a lot; and the other way round. */
const FAR: Network = { latencyMs: 10_000, bytesPerSecond: 1_000_000_000_000 }
const NARROW: Network = { latencyMs: 0, bytesPerSecond: 1000 }

/** A key of many values, of which few rows have any. */
const SALES: TableSchema = {
  table: 'sales',
  columns: [
    column('k', { kind: 'integer', min: 1, max: 900 }, { nullable: true }),
    column('site', { kind: 'category', values: ['x', 'y'] }, { visibility: 'public' }),
    column('remote', { kind: 'boolean' }),
    column('v', { kind: 'integer', min: -5, max: 90 }),
    column('w', { kind: 'decimal', scale: 2, min: '0.00', max: '9.00' }, { nullable: true }),
  ],
}

describe('cells or tables', () => {
  const random = createRandom(77)
  const TABLES = [{ schema: SALES, rows: randomRows(random, 60, 4, SALES) }]
  const STATEMENTS = [
    'SELECT k, COUNT(*), SUM(v), AVG(w) FROM sales GROUP BY k',
    'SELECT site, k, COUNT(w), SUM(w) FROM sales WHERE NOT remote GROUP BY site, k',
    'SELECT k, SUM(CASE WHEN remote THEN v ELSE 0 END) FROM sales GROUP BY k HAVING COUNT(*) > 1',
    'SELECT k, COUNT(*) AS n FROM sales GROUP BY k ORDER BY n DESC, k LIMIT 3',
    'SELECT k, remote, SUM(t) FROM (SELECT k, remote, site, SUM(v) AS t FROM sales GROUP BY k, remote, site) x GROUP BY k, remote',
  ]
  test.each(STATEMENTS)('%s', async sql => {
    const database = await openDatabase(TABLES)
    const ordered = sql.includes('LIMIT')
    const theirs = await answerOf(database, sql)
    const plain = sorted(answerOfReport(await evaluated(sql, TABLES, 1)))
    const forms = new Set<string>()
    for (const network of [FAR, NARROW]) {
      const { report, compiled, cost } = await askTables(sql, TABLES, 1, network)
      forms.add(compiled.plan.form)
      const ours = answerOfReport(report)
      expect(difference(ours, theirs, ordered)).toBeUndefined()
      expect(sorted(ours)).toEqual(plain)
      const announced = await costOf(compiled)
      expect({ rounds: announced.rounds, bytesPerParty: announced.bytesPerParty }).toEqual(cost)
      // It is the cheapest of all that were compared, and takes what was said.
      for (const other of compiled.considered)
        expect(other.seconds).toBeGreaterThanOrEqual(compiled.considered[0]?.seconds as number)
      if (compiled.considered.length > 0)
        expect(compiled.considered[0]?.seconds).toBe(secondsOf(announced, network))
    }
    expect([...forms]).toEqual(['cells', 'tables'])
  })

  test('small groups are not shown by either', async () => {
    const sql = STATEMENTS[0] as string
    const far = await askTables(sql, TABLES, 2, FAR)
    const narrow = await askTables(sql, TABLES, 2, NARROW)
    expect([far, narrow].map(({ compiled }) => compiled.plan.form)).toEqual(['cells', 'tables'])
    expect(sorted(answerOfReport(narrow.report))).toEqual(sorted(answerOfReport(far.report)))
  })

  test('many rows over a thousand groups are sorted, few are not, at the default network', async () => {
    const wide: TableSchema = {
      table: 't',
      columns: [
        column('k', { kind: 'integer', min: 1, max: 1000 }),
        column('v', { kind: 'integer', min: 0, max: 9 }),
      ],
    }
    const formOver = async (rows: number) => {
      const sql = 'SELECT k, COUNT(*), SUM(v) FROM t GROUP BY k'
      return compile(sql, { tables: [{ schema: wide, rows }], minimumGroupSize: 10 })
    }
    const [few, many] = [await formOver(500), await formOver(1_000_000)]
    expect([few.plan.form, many.plan.form]).toEqual(['cells', 'tables'])
    expect(many.considered.map(({ what }) => what)).toEqual([
      'groups by sorting rows',
      'groups as cells of their domains',
    ])
    expect(explain(many)).toMatch(/plans compared .*\n {2}about .* s: groups by sorting rows\n/)
  })
})

test.each([4, 5, 9])('the cost of %i blocks is what counting each of them gives', async blocks => {
  const rows = 64 * (blocks - 1) + 17
  const query = await compile('SELECT grade, COUNT(*), SUM(salary) FROM pay GROUP BY grade', {
    tables: [{ schema: PAY, rows }],
    minimumGroupSize: 2,
    stageRowsMax: 64,
    network: FAR,
  })
  const { cost } = await askTables(
    query.sql,
    [{ schema: PAY, rows: randomRows(createRandom(1), rows) }],
    2,
    FAR,
  )
  // One block over all rows has the same steps; several are what the stage size makes of it.
  expect((await costOf(query)).rounds).toBeGreaterThan(cost.rounds)
  const { analyzeLocally } = await import('../../client/sdk/analyze.ts')
  const { nodeEngine } = await import('../../client/sdk/node/engine.ts')
  const { analysisOf } = await import('../../shared/sql/analyze.ts')
  expect(analysisOf(await costOf(query), await analyzeLocally(query, await nodeEngine())).exact).toBe(true)
})

describe('order of joins', () => {
  const id = (name: string, max = 30): Column => column(name, { kind: 'integer', min: 1, max })
  const FACTS: TableSchema = { table: 'facts', columns: [id('shop'), id('amount')] }
  const SHOPS: TableSchema = {
    table: 'shops',
    columns: [id('id'), id('town', 9)],
    keys: [{ columns: ['id'], rowsMax: 1 }],
  }
  const TOWNS: TableSchema = {
    table: 'towns',
    columns: [id('id', 9), column('land', { kind: 'category', values: ['a', 'b'] })],
    keys: [{ columns: ['id'], rowsMax: 1 }],
  }
  const SQL =
    'SELECT t.land, COUNT(*), SUM(f.amount) FROM facts f JOIN shops s ON f.shop = s.id JOIN towns t ON s.town = t.id GROUP BY t.land'
  const random = createRandom(5)
  const numbered = (schema: TableSchema, count: number) => {
    const rows = randomRows(random, count, 0, schema)
    return {
      schema,
      rows: {
        ...rows,
        columns: new Map([...rows.columns, ['id', rows.valid.map((_, row) => BigInt(row + 1))] as const]),
      },
    }
  }
  const tables = (facts: number) => [
    { schema: FACTS, rows: randomRows(random, facts, 2, FACTS) },
    numbered(SHOPS, 25),
    numbered(TOWNS, 7),
  ]
  const joinsOf = ({
    plan,
  }: {
    readonly plan: { readonly nodes: readonly { readonly operator: string; readonly rows: number }[] }
  }) => plan.nodes.filter(({ operator }) => operator === 'join').map(({ rows }) => rows)

  test.each([
    ['many facts: the towns of shops are looked up once, before', 120, [25, 120]],
    ['few facts: each look-up over the facts alone', 3, [3, 3]],
  ])('%s', async (_, facts, rows) => {
    const given = tables(facts)
    const { report, compiled, cost } = await askTables(SQL, given, 1, NARROW)
    expect(joinsOf(compiled)).toEqual(rows.map(count => (count === facts ? facts + 2 : count)))
    const ours = answerOfReport(report)
    expect(difference(ours, await answerOf(await openDatabase(given), SQL), false)).toBeUndefined()
    expect(sorted(ours)).toEqual(sorted(answerOfReport(await evaluated(SQL, given, 1))))
    const announced = await costOf(compiled)
    expect({ rounds: announced.rounds, bytesPerParty: announced.bytesPerParty }).toEqual(cost)
    expect(compiled.disclosure.partiesLearn.filter(line => line.startsWith('one bit'))).toHaveLength(2)
  })

  test('a left join, and a look-up by the facts themselves, stay where they are', async () => {
    const options = {
      tables: tables(120).map(({ schema, rows }) => ({ schema, rows: rows.count })),
      minimumGroupSize: 1,
      network: NARROW,
    }
    for (const sql of [
      'SELECT COUNT(*) FROM facts f LEFT JOIN shops s ON f.shop = s.id LEFT JOIN towns t ON s.town = t.id',
      'SELECT COUNT(*) FROM facts f JOIN shops s ON f.shop = s.id JOIN towns t ON f.amount = t.id',
    ])
      expect(joinsOf(await compile(sql, options))).toEqual([122, 122])
  })
})

test('who compiles the same chooses the same, and nothing but the network decides between equal inputs', async () => {
  const options = { tables: [{ schema: SALES, rows: 60 }], minimumGroupSize: 2 }
  const sql = 'SELECT k, COUNT(*) FROM sales GROUP BY k'
  const [a, b, c] = await Promise.all(
    [FAR, { ...FAR }, NARROW].map(network => compile(sql, { ...options, network })),
  )
  expect(a?.digest).toBe(b?.digest)
  expect(a?.digest).not.toBe(c?.digest)
})

test('client and party choose by the manifest alone', async () => {
  const version = { owner: 'alder', rows: 60, schema: SALES } as unknown as DatasetVersion
  const sql = 'SELECT k, COUNT(*) FROM sales GROUP BY k'
  const request = { sql, versions: ['v'], minimumGroupSize: 2 } as unknown as Request
  const forms = await Promise.all(
    [undefined, FAR, NARROW].map(async network => {
      const federation = { policy: { network } } as unknown as Federation
      const party = await compileRequest(request, new Map([['v', version]]), federation)
      const client = await compileFor({ sql, versions: [version], minimumGroupSize: 2, federation })
      expect(client.query.digest).toBe(party.query.digest)
      return party.query.plan.form
    }),
  )
  expect(forms).toEqual(['cells', 'cells', 'tables'])
})

test('what no function can hold is refused, with the step that is too big and what to do', async () => {
  const schema: TableSchema = {
    table: 'big',
    columns: Array.from({ length: 8 }, (_, i) => column(`c${i}`, { kind: 'integer', min: 0, max: 2 ** 30 })),
  }
  const sql = 'SELECT c0, SUM(c1), SUM(c2), SUM(c3), MAX(c4), MIN(c5) FROM big GROUP BY c0'
  const at = (rows: number) => compile(sql, { tables: [{ schema, rows }], minimumGroupSize: 10 })
  await expect(at(90_000_000)).rejects.toMatchObject({
    name: 'InputError',
    message: expect.stringMatching(/^The step \d+-(read|collect) needs about \d+ GB of memory at each party/),
    hint: expect.stringContaining('filter before joining'),
  })
  await expect(at(100_000)).resolves.toMatchObject({ plan: { form: 'tables' } })
})
