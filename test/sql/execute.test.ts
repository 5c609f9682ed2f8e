/** Running plans: costs are exact, the transcript's shape says nothing about the data, blocks and padding do not show. */

import { describe, expect, test } from 'vitest'
import { compile } from '../../shared/sql/compile.ts'
import { costOf } from '../../shared/sql/cost.ts'
import { execute } from '../../shared/sql/execute.ts'
import { revealedBy } from '../../shared/sql/plan.ts'
import { type Frame, runThree } from '../support/three-parties.ts'
import { ask, runCompiled, tablesOf } from './ask.ts'
import { createRandom, dealRows, PAY, randomRows } from './table.ts'

const QUERIES = [
  'SELECT COUNT(*) FROM pay',
  "SELECT country, gender, COUNT(*), AVG(salary), COUNT(bonus) FROM pay WHERE hired > '2003-05-01' AND NOT (remote OR hours IN (3, 4)) GROUP BY country, gender HAVING AVG(salary) > 30 OR COUNT(bonus) > 3",
  'SELECT grade, gender, site, SUM(CASE WHEN remote THEN salary * hours WHEN budget > 3 THEN bonus ELSE 0 END) FROM pay WHERE salary > bonus * 2.5 GROUP BY grade, gender, site',
]

describe.each(QUERIES)('%s', sql => {
  const options = { tables: [{ schema: PAY, rows: 90 }], minimumGroupSize: 4 }

  test('costs what was announced: rounds, and bytes of each party', async () => {
    const compiled = await compile(sql, options)
    const cost = await costOf(compiled)
    const { cost: measured } = await runCompiled(compiled, randomRows(createRandom(5), 90))
    expect({ rounds: cost.rounds, bytesPerParty: cost.bytesPerParty }).toEqual(measured)
    expect(cost.steps.reduce((sum, step) => sum + step.rounds, 0)).toBe(cost.rounds)
    for (const party of [0, 1, 2])
      expect(cost.steps.reduce((sum, step) => sum + (step.bytesPerParty[party] as number), 0)).toBe(
        cost.bytesPerParty[party],
      )
  })

  test('the shape of the transcript is the same for other data', async () => {
    const { plan } = await compile(sql, options)
    const shapeOf = async (seed: number) => {
      const relations = dealRows(randomRows(createRandom(seed), 70 + seed, 20 - seed))
      const frames: string[] = []
      await runThree(session => execute(session, plan, tablesOf(relations[session.party])), {
        onFrame: ({ from, to, round, bytes }: Frame) => frames.push(`${round} ${from}>${to} ${bytes.length}`),
      })
      return frames.sort()
    }
    expect(await shapeOf(1)).toEqual(await shapeOf(2))
  })

  test('gives the same in blocks of 64 rows, announced exactly', async () => {
    const rows = randomRows(createRandom(7), 150, 10)
    const whole = await ask(sql, rows, 4)
    const compiled = { ...whole.compiled, plan: { ...whole.compiled.plan, rowBlock: 64 } }
    const parts = await runCompiled(compiled, rows)
    expect(parts.report).toEqual(whole.report)
    expect(parts.cost.rounds).toBeGreaterThan(whole.cost.rounds)
    const cost = await costOf(compiled)
    expect({ rounds: cost.rounds, bytesPerParty: cost.bytesPerParty }).toEqual(parts.cost)
  })

  test('padding rows are in no group', async () => {
    const rows = randomRows(createRandom(8), 90, 40)
    const bare = {
      count: 90,
      valid: rows.valid.slice(0, 90),
      columns: new Map([...rows.columns].map(([name, values]) => [name, values.slice(0, 90)])),
    }
    expect((await ask(sql, rows, 4)).report).toEqual((await ask(sql, bare, 4)).report)
  })

  test('no rows at all: everything is suppressed', async () => {
    const { report } = await ask(sql, randomRows(createRandom(1), 0), 1)
    expect(report.rows).toEqual([])
    expect(report.counts.shown).toBe(0)
    expect(report.counts.suppressed).toBeGreaterThan(0)
  })
})

test('hidden cells reveal zeros, not small numbers', async () => {
  const rows = randomRows(createRandom(11), 40)
  const { values, compiled, report } = await ask(
    'SELECT grade, gender, COUNT(*), SUM(hours), AVG(salary) FROM pay GROUP BY grade, gender',
    rows,
    4,
  )
  const { cells } = compiled.plan
  const vectors = revealedBy(compiled.plan)
  expect(report.counts.suppressed).toBeGreaterThan(0)
  expect(report.counts.shown).toBeGreaterThan(0)
  for (let cell = 0; cell < cells; cell++) {
    for (const [i, vector] of vectors.entries()) {
      const flag = vectors.findIndex(other => other.kind === 'shown' && other.guard === vector.guard)
      const rowFlag = values[cell]
      if (values[flag * cells + cell] === 0n || rowFlag === 0n) expect(values[i * cells + cell]).toBe(0n)
      if (vector.kind === 'shown') expect([0n, 1n]).toContain(values[i * cells + cell])
    }
  }
})

test('progress names every step and ends before the last is done', async () => {
  const { plan } = await compile(QUERIES[1] as string, {
    tables: [{ schema: PAY, rows: 90 }],
    minimumGroupSize: 4,
  })
  const relations = dealRows(randomRows(createRandom(3), 90))
  const seen: string[] = []
  await runThree(session =>
    execute(session, plan, tablesOf(relations[session.party]), {
      onStep: ({ step, done, of }) => {
        if (session.party === 0) seen.push(`${done}/${of} ${step}`)
      },
    }),
  )
  expect(seen).toEqual([
    '0/10 scan',
    '1/10 filter',
    '2/10 group',
    '3/10 convert',
    '4/10 compute',
    '5/10 aggregate',
    '6/10 threshold',
    '7/10 having',
    '8/10 suppress',
    '9/10 reveal',
  ])
})

test('a relation of another shape than the plan aborts before anything is sent', async () => {
  const { plan } = await compile('SELECT SUM(hours) FROM pay', {
    tables: [{ schema: PAY, rows: 91 }],
    minimumGroupSize: 4,
  })
  const relations = dealRows(randomRows(createRandom(3), 90))
  await expect(
    runThree(session => execute(session, plan, tablesOf(relations[session.party]))),
  ).rejects.toMatchObject({
    check: 'rows-differ',
  })
  await expect(
    runThree(session =>
      execute(
        session,
        { ...plan, tables: [{ ...plan.tables[0]!, rows: 90 }] },
        tablesOf({ ...relations[session.party], secret: new Map() }),
      ),
    ),
  ).rejects.toMatchObject({ check: 'column-missing' })
})
