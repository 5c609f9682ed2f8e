/** What does not wait for each other shares its rounds, and a plan is the same plan however its nodes are put in waves. */
import { expect, test } from 'vitest'
import { compile } from '../../shared/sql/compile.ts'
import { costOf } from '../../shared/sql/cost.ts'
import { explain } from '../../shared/sql/explain.ts'
import { inputsOf, type TableNode } from '../../shared/sql/plan.ts'
import { planGraph } from '../../shared/sql/plan-graph.ts'
import { leadsOf, wavesOf } from '../../shared/sql/waves.ts'
import { PAY } from './table.ts'

const part = (key: string): string => `(SELECT ${key}, SUM(hours) AS h FROM pay GROUP BY ${key})`
const SQL = `SELECT COUNT(*) FROM ${part('hired')} a WHERE h > (SELECT MAX(h) FROM ${part('left_on')} b)`

const compiled = (sql: string, rows = 100) =>
  compile(sql, { tables: [{ schema: PAY, rows }], minimumGroupSize: 1 })

test('two inner queries take the rounds of the longer one', async () => {
  const both = await costOf(await compiled(SQL))
  const one = await costOf(await compiled(`SELECT COUNT(*) FROM ${part('hired')} a WHERE h > 5`))
  const other = await costOf(await compiled(`SELECT MAX(h) FROM ${part('left_on')} b`))
  expect(both.rounds).toBeLessThan(one.rounds + other.rounds - 30)
  expect(both.bytesPerParty[0]).toBeLessThan((one.bytesPerParty[0] + other.bytesPerParty[0]) * 1.05)
})

const read = (name: string, rows: number): TableNode => ({
  name,
  rows,
  holds: [],
  operator: 'read',
  table: 't',
  from: [],
})
const select = (name: string, input: string, rows: number): TableNode => ({
  name,
  rows,
  holds: [],
  operator: 'select',
  input,
  predicate: { kind: 'literal', value: true },
})
const namesOf = (nodes: readonly TableNode[]) =>
  wavesOf({ nodes }).map(wave => [wave.lead.name, ...wave.nodes.map(({ name }) => name)])

test('names and places take no wave of their own; the lead is who has most to do', () => {
  const nodes = [read('a', 9), select('b', 'a', 9), read('c', 90), select('d', 'c', 90), select('e', 'b', 9)]
  expect(namesOf(nodes)).toEqual([
    ['d', 'a', 'b', 'c', 'd'],
    ['e', 'e'],
  ])
})

test('large tables are worked on alone', () => {
  const many = 1 << 16
  const nodes = [read('a', many), select('b', 'a', many), read('c', many), select('d', 'c', many)]
  expect(namesOf(nodes)).toEqual([
    ['a', 'a'],
    ['c', 'c'],
    ['b', 'b'],
    ['d', 'd'],
  ])
})

test.each([100, 5000])('every node runs once, after what it reads, of %i rows', async rows => {
  const { plan } = await compiled(SQL, rows)
  const done = new Set<string>()
  for (const { nodes } of wavesOf(plan)) {
    for (const node of nodes) {
      expect(inputsOf(node).every(name => done.has(name))).toBe(true)
      done.add(node.name)
    }
  }
  expect(done.size).toBe(plan.nodes.length)
})

test('no step that is counted elsewhere is said to send nothing', async () => {
  const query = await compiled(SQL)
  const cost = await costOf(query)
  const led = [...leadsOf(query.plan)].filter(([name, lead]) => name !== lead)
  expect(led.length).toBeGreaterThan(0)
  const boxes = planGraph(query, cost).boxes
  for (const [name, lead] of led) {
    expect(cost.steps.find(step => step.name === name)?.rounds).toBe(0)
    const lines = boxes.find(({ id }) => id === name)?.lines.join('\n')
    expect(lines).toContain(`at once with ${lead}`)
    expect(lines).not.toContain('nothing is sent')
    expect(explain(query, { cost })).toContain(`[at once with ${lead}]`)
  }
  expect(cost.steps.reduce((sum, step) => sum + step.rounds, 0)).toBe(cost.rounds)
})
