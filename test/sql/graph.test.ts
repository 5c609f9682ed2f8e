/** The drawn plan: the picture of one report is kept, every graph is laid out without overlaps, and names stay text. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compile } from '../../shared/sql/compile.ts'
import { costOf } from '../../shared/sql/cost.ts'
import { graphSvg } from '../../shared/sql/graph-svg.ts'
import { type Box, type PlanGraph, planGraph } from '../../shared/sql/plan-graph.ts'
import { PAY } from './table.ts'

const graphOf = async (sql: string, minimumGroupSize = 4) => {
  const query = await compile(sql, { tables: [{ schema: PAY, rows: 1000 }], minimumGroupSize })
  const cost = await costOf(query)
  return { query, cost, graph: planGraph({ ...query, digest: 'd'.repeat(43) }, cost) }
}

test('the picture of a report', async () => {
  const { graph } = await graphOf(
    'SELECT country, COUNT(*), MEDIAN(salary) FROM pay WHERE NOT remote GROUP BY country HAVING COUNT(*) > 9',
  )
  await expect(graphSvg(graph)).toMatchFileSnapshot('__snapshots__/report.svg')
})

test('it has every step with its rounds and bytes, marks what is disclosed, and names who takes part', async () => {
  const sql = 'SELECT country, COUNT(*) FROM pay WHERE salary > 20 GROUP BY country'
  const { query, cost } = await graphOf(sql)
  const { boxes } = planGraph(query, cost, {
    owners: new Map([['pay', ['ann', 'bob']]]),
    parties: ['A', 'B', 'C'],
    recipient: 'rita',
  })
  for (const { name, rounds } of cost.steps) {
    const box = boxes.find(({ id }) => id === name)
    expect(box?.lines.join('\n')).toContain(rounds === 0 ? 'nothing is sent' : `${rounds} round`)
  }
  expect(boxes.filter(({ kind }) => kind === 'discloses').map(({ id }) => id)).toEqual(['reveal'])
  expect(boxes[0]).toMatchObject({
    kind: 'table',
    title: 'pay',
    lines: ['shared by ann, bob', expect.any(String)],
  })
  expect(boxes.at(-1)).toMatchObject({ kind: 'recipient', title: 'rita learns', inputs: ['reveal'] })
  for (const line of query.disclosure.recipientLearns) expect(boxes.at(-1)?.lines).toContain(`• ${line}`)
  // Whatever a box reads stands before it, so the picture is whole.
  for (const [i, { inputs }] of boxes.entries())
    for (const input of inputs) expect(boxes.slice(0, i).map(({ id }) => id)).toContain(input)
})

interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const rectanglesOf = (svg: string): Rectangle[] =>
  [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="(\d+)" height="(\d+)" rx="6"/g)].map(
    ([, x, y, width, height]) => ({
      x: Number(x),
      y: Number(y),
      width: Number(width),
      height: Number(height),
    }),
  )

const overlap = (a: Rectangle, b: Rectangle): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

const kinds = ['table', 'step', 'opens', 'discloses', 'recipient'] as const
/** Every box but the first reads one to three before it. */
const graphs = fc
  .array(
    fc.record({
      lines: fc.array(fc.string({ unit: 'grapheme', maxLength: 90 }), { maxLength: 6 }),
      title: fc.string({ unit: 'binary', maxLength: 20 }),
      reads: fc.array(fc.nat(1000), { maxLength: 3 }),
      kind: fc.constantFrom(...kinds),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((list): PlanGraph => {
    const boxes = list.map(
      ({ reads, ...rest }, i): Box => ({
        ...rest,
        id: `${i}`,
        inputs: i === 0 ? [] : [...new Set(reads.map(read => `${read % i}`))],
      }),
    )
    return { title: 'title', subtitle: 'subtitle', boxes, notes: ['note'] }
  })

test('no two boxes overlap, every one is within the picture and stands below what it reads', () => {
  fc.assert(
    fc.property(graphs, graph => {
      const svg = graphSvg(graph)
      expect(graphSvg(graph)).toBe(svg)
      const drawn = rectanglesOf(svg)
      expect(drawn).toHaveLength(graph.boxes.length)
      const [, width = 0, height = 0] = (/ width="(\d+)" height="(\d+)"/.exec(svg) ?? []).map(Number)
      for (const [i, box] of graph.boxes.entries()) {
        const here = drawn[i] as Rectangle
        expect(here.x >= 0 && here.x + here.width <= width && here.y + here.height <= height).toBe(true)
        for (const other of drawn.slice(0, i)) expect(overlap(here, other)).toBe(false)
        for (const input of box.inputs) {
          const from = drawn[Number(input)] as Rectangle
          expect(from.y + from.height).toBeLessThan(here.y)
        }
      }
    }),
  )
})

test('names of others stay text: no element, no attribute and no control character comes of them', () => {
  const hostile = '"/><script>alert(1)</script>&\u202e\u0000\u001b[2J'
  const svg = graphSvg({
    title: hostile,
    subtitle: hostile,
    boxes: [{ id: 'a', kind: 'table', title: hostile, lines: [hostile], inputs: [] }],
    notes: [hostile],
  })
  expect(svg.replaceAll('\n', '')).not.toMatch(/<script|[\p{Cc}\p{Bidi_Control}]/u)
  const names = [...svg.matchAll(/<([a-z]+)/g)].map(([, name]) => name)
  expect([...new Set(names)].sort()).toEqual([
    'defs',
    'g',
    'marker',
    'path',
    'rect',
    'style',
    'svg',
    'text',
    'title',
  ])
})
