/** What a statement asks for twice is computed once: the same answer in fewer rounds and bytes. */
import { expect, test } from 'vitest'
import { compile } from '../../shared/sql/compile.ts'
import { costOf } from '../../shared/sql/cost.ts'
import type { TableNode } from '../../shared/sql/plan.ts'
import { ask } from './ask.ts'
import { createRandom, PAY, randomRows } from './table.ts'

const GROUPS = 'SELECT hired, SUM(hours) AS total FROM pay GROUP BY hired'
/** The second mention is another one to the planner: its condition always holds, but not by what is declared. */
const OTHERS = GROUPS.replace('GROUP', 'WHERE hours * grade > -1 GROUP')

const once = `WITH g AS (${GROUPS}) SELECT COUNT(*) AS n FROM g WHERE total > (SELECT AVG(total) FROM g)`
const twice = `SELECT COUNT(*) AS n FROM (${GROUPS}) g WHERE total > (SELECT AVG(total) FROM (${OTHERS}) h)`

const grouped = (nodes: readonly TableNode[]): number =>
  nodes.filter(node => node.operator === 'collect' && node.keys.length > 0).length

test('a query of WITH that is named twice is one node', async () => {
  const tables = [{ schema: PAY, rows: 200 }]
  const [one, two] = await Promise.all(
    [once, twice].map(sql => compile(sql, { tables, minimumGroupSize: 1 })),
  )
  if (one === undefined || two === undefined) throw new Error('two plans expected')
  expect([one, two].map(({ plan }) => grouped(plan.nodes))).toEqual([1, 2])
  const [cheap, dear] = await Promise.all([one, two].map(each => costOf(each)))
  expect(cheap?.rounds).toBeLessThan((dear?.rounds ?? 0) * 0.8)
  expect(cheap?.bytesPerParty[0]).toBeLessThan((dear?.bytesPerParty[0] ?? 0) * 0.8)
})

test('it gives the same answer, at the announced cost', async () => {
  const rows = randomRows(createRandom(5), 60)
  const [one, two] = await Promise.all([once, twice].map(sql => ask(sql, rows, 1)))
  expect(one?.report.rows).toEqual(two?.report.rows)
  expect(Number(one?.report.rows[0]?.[0])).toBeGreaterThan(0)
  const { rounds, bytesPerParty } = await costOf((one as Awaited<ReturnType<typeof ask>>).compiled)
  expect(one?.cost).toEqual({ rounds, bytesPerParty })
})
