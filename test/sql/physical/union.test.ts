/** UNION ALL against the plain rows one after the other. */
import { expect, test } from 'vitest'
import type { Column } from '../../../shared/data/schema.ts'
import { union } from '../../../shared/sql/physical/union.ts'
import type { TableNode } from '../../../shared/sql/plan.ts'
import { createRandom } from '../table.ts'
import { type Cell, column, dealTable, type Held, held, runOperator, sideBySide } from './held.ts'
import { randomTable, someDomains } from './random-tables.ts'

type UnionNode = Extract<TableNode, { operator: 'union' }>

const integer = (min: number, max: number): Column['type'] => ({ kind: 'integer', min, max })
const LIST: Column['type'] = { kind: 'category', values: ['a', 'b', 'c'] }

/** For every column of the result its type, and those of its parts. */
const TYPES: readonly (readonly [Column['type'], readonly Column['type'][]])[] = [
  [integer(-5, 1000), [integer(-5, 3), integer(0, 1000), integer(7, 8)]],
  [integer(0, 7), [integer(0, 7), integer(0, 1), integer(2, 5)]],
  [LIST, [LIST, LIST, LIST]],
]

test('random unions: the rows in order, whatever the ranges, NULLs and domains of the parts', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const shapes = new Set<string>()
    for (const data of [1, 2]) {
      const shape = createRandom(seed)
      const random = createRandom(seed * 100 + data)
      const inputs = Array.from({ length: shape.pick([1, 2, 3]) }, (_, i) =>
        TYPES.map(([, parts], j) => {
          const nullable = shape.chance(0.3)
          const visibility = shape.chance(0.3) ? 'public' : 'secret'
          const type = parts[i] as Column['type']
          const domains = type.kind === 'category' ? { bits: true } : someDomains(shape)
          return held(column(`c${i}${j}`, type, { nullable, visibility }), domains)
        }),
      )
      const holds = TYPES.map(([type], j): Held => {
        const parts = inputs.map(columns => (columns[j] as Held).column)
        const nullable = parts.some(part => part.nullable) || shape.chance(0.2)
        const visibility = parts.every(part => part.visibility === 'public') ? 'public' : 'secret'
        const domains = type.kind === 'category' ? { bits: true } : someDomains(shape)
        return held(column(`u${j}`, type, { nullable, visibility }), domains)
      })
      const tables = inputs.map(columns => randomTable(random, shape.pick([0, 1, 9, 64]), columns, 0.3))
      const node: UnionNode = {
        name: 'all',
        operator: 'union',
        inputs: inputs.map((_, i) => `input ${i}`),
        from: inputs.map(columns => columns.map(one => one.column.name)),
        rows: tables.reduce((sum, { valid }) => sum + valid.length, 0),
        holds,
      }
      const ran = await runOperator(
        (session, all) => union(session, all, node),
        sideBySide(...tables.map(table => dealTable(random, table))),
        holds,
        `union ${seed} ${data}`,
      )
      const expected = tables.flatMap(({ valid, columns }) =>
        valid.map((counts, row) => (counts ? columns.map(({ values }) => values[row] as Cell) : null)),
      )
      expect(ran.rows, `seed ${seed}, data ${data}`).toEqual(expected)
      shapes.add(ran.shape)
    }
    expect(shapes.size, `seed ${seed}`).toBe(1)
  }
})

test('a part that does not fit is a mistake of the planner', async () => {
  const part = held(column('a', integer(0, 9)))
  const whole = held(column('b', integer(0, 8)))
  const random = createRandom(1)
  const node: UnionNode = {
    name: 'all',
    operator: 'union',
    inputs: ['a'],
    from: [['a']],
    rows: 2,
    holds: [whole],
  }
  await expect(
    runOperator(
      (session, all) => union(session, all, node),
      sideBySide(dealTable(random, randomTable(random, 2, [part], 0))),
      [whole],
      'misfit',
    ),
  ).rejects.toThrow('a does not fit into b')
})
