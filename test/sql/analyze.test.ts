/** EXPLAIN ANALYZE: what is measured is what was announced, step by step, and a difference does not go unsaid. */
import { expect, test } from 'vitest'
import { analyzeLocally, type Engine } from '../../client/sdk/analyze.ts'
import { nodeEngine } from '../../client/sdk/node/engine.ts'
import { referenceKernel } from '../../shared/kernel/reference.ts'
import { type Actual, analysisOf, renderAnalysis } from '../../shared/sql/analyze.ts'
import { compile } from '../../shared/sql/compile.ts'
import { costOf } from '../../shared/sql/cost.ts'
import { meterSteps } from '../../shared/sql/meter.ts'
import type { CompiledQuery } from '../../shared/sql/plan.ts'
import { PAY } from './table.ts'

const STATEMENTS: readonly (readonly [sql: string, rows: number, stageRowsMax?: number])[] = [
  ['SELECT country, gender, COUNT(*), AVG(salary) FROM pay WHERE NOT remote GROUP BY country, gender', 90],
  ['SELECT country, SUM(bonus) FROM pay GROUP BY country', 200, 64],
  ['SELECT country, MEDIAN(salary), MAX(bonus) FROM pay GROUP BY country', 90],
  [
    'SELECT SUM(n), MAX(n) FROM (SELECT country, grade, COUNT(*) AS n FROM pay GROUP BY country, grade) t WHERE n > 3',
    70,
  ],
]
const compiledOf = ([sql, rows, stageRowsMax]: (typeof STATEMENTS)[number]): Promise<CompiledQuery> =>
  compile(sql, { tables: [{ schema: PAY, rows }], minimumGroupSize: 4, stageRowsMax })

/** A clock that goes on by a second at every look, in all parties alike. */
const ticking = (engine: Engine): Engine => {
  let ms = 0
  return { ...engine, nowMs: () => (ms += 1000) }
}

test.each(
  STATEMENTS,
)('%s over %i rows: rounds and bytes of every step are the announced ones', async (...one) => {
  const query = await compiledOf(one as unknown as (typeof STATEMENTS)[number])
  const cost = await costOf(query)
  const actual = await analyzeLocally(query, await nodeEngine())
  const analysis = analysisOf(cost, actual)
  expect(analysis.exact).toBe(true)
  for (const { name, rounds, bytesPerParty } of cost.steps)
    expect(analysis.steps.find(step => step.name === name)?.actual).toMatchObject({ rounds, bytesPerParty })
  expect(analysis.total.actual).toMatchObject({ rounds: cost.rounds, bytesPerParty: cost.bytesPerParty })
})

test('the reference kernel measures the same rounds and bytes', async () => {
  const query = await compiledOf(STATEMENTS[0] as (typeof STATEMENTS)[number])
  const actual = await analyzeLocally(query, { ...ticking(await nodeEngine()), kernel: referenceKernel })
  const analysis = analysisOf(await costOf(query), actual)
  expect(analysis.exact).toBe(true)
  // Every look at the clock is a second, of which a party's work is a third.
  expect(analysis.total.actual.seconds).toBeGreaterThan(analysis.steps.length / 3)
  expect(analysis.total.estimated.seconds).toBeLessThan(0.1)
})

test('another number of rounds or bytes, at one party in one step, is said aloud', async () => {
  const query = await compiledOf(STATEMENTS[0] as (typeof STATEMENTS)[number])
  const cost = await costOf(query)
  const steps = (party: number) =>
    cost.steps.map(({ name, rounds, bytesPerParty }) => ({
      name,
      rounds,
      bytes: bytesPerParty[party] as number,
      seconds: 0.5,
    }))
  const actual: Actual = {
    where: 'run',
    parties: [0, 1, 2].map(party => ({
      rounds: cost.rounds,
      bytes: cost.bytesPerParty[party] as number,
      steps: steps(party),
    })),
  }
  expect(analysisOf(cost, actual).exact).toBe(true)
  const lie = (change: { readonly rounds?: number; readonly bytes?: number }): Actual => ({
    ...actual,
    parties: actual.parties.map((party, i) =>
      i === 1
        ? { ...party, steps: party.steps.map((step, place) => (place === 2 ? { ...step, ...change } : step)) }
        : party,
    ),
  })
  for (const change of [{ rounds: 999 }, { bytes: 1 }]) {
    const analysis = analysisOf(cost, lie(change))
    expect(analysis.exact).toBe(false)
    expect(renderAnalysis(analysis).join('\n')).toContain('DIFFER')
  }
  const missing = {
    ...actual,
    parties: actual.parties.map(party => ({ ...party, steps: party.steps.slice(0, -1) })),
  }
  expect(analysisOf(cost, missing).exact).toBe(false)
})

test('a meter goes on from what an earlier worker measured, and what is no step of the plan is not counted', async () => {
  const { plan } = await compiledOf(STATEMENTS[0] as (typeof STATEMENTS)[number])
  let now = { rounds: 10, bytes: 1000, ms: 0 }
  const meter = meterSteps(plan, () => now, [
    { name: 'scan', rounds: 1, bytes: 10, seconds: 2 },
    { name: 'elsewhere', rounds: 7, bytes: 7, seconds: 7 },
  ])
  now = { rounds: 11, bytes: 1100, ms: 500 }
  meter.enter('scan')
  now = { rounds: 14, bytes: 1400, ms: 1500 }
  expect(meter.spent().find(({ name }) => name === 'scan')).toEqual({
    name: 'scan',
    rounds: 4,
    bytes: 310,
    seconds: 3,
  })
  meter.enter('filter')
  now = { rounds: 15, bytes: 1400, ms: 1600 }
  const spent = meter.spent()
  expect(spent.map(({ name }) => name)).toEqual((await costOf({ plan })).steps.map(({ name }) => name))
  expect(spent.slice(0, 2).map(({ rounds, bytes, seconds }) => [rounds, bytes, seconds])).toEqual([
    [4, 310, 3],
    [1, 0, 0.1],
  ])
})
