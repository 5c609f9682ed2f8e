/** One row beside every row, against the plain rows. */
import { expect, test } from 'vitest'
import type { Column } from '../../../shared/data/schema.ts'
import { attach } from '../../../shared/sql/physical/attach.ts'
import type { TableNode } from '../../../shared/sql/plan.ts'
import { createRandom } from '../table.ts'
import { type Cell, column, dealTable, held, type PlainTable, runOperator, sideBySide } from './held.ts'
import { randomTable, someDomains } from './random-tables.ts'

const integer = (min: number, max: number): Column['type'] => ({ kind: 'integer', min, max })

test('random tables: the single row stands beside every row, and nothing counts when it does not', async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const shapes = new Set<string>()
    for (const data of [1, 2]) {
      const shape = createRandom(seed)
      const random = createRandom(seed * 100 + data)
      const visibility = () => (shape.chance(0.3) ? 'public' : 'secret')
      const nullable = () => shape.chance(0.5)
      const mine = [
        held(
          column('a', integer(-5, 90), { nullable: nullable(), visibility: visibility() }),
          someDomains(shape),
        ),
        held(column('b', integer(0, 1), { visibility: visibility() }), someDomains(shape)),
      ]
      const other = [
        held(
          column('c', integer(3, 900), { nullable: nullable(), visibility: visibility() }),
          someDomains(shape),
        ),
        held(column('d', { kind: 'boolean' }), someDomains(shape)),
      ]
      const holds = [...mine, ...other].map(one => held(one.column, someDomains(shape)))
      const input = randomTable(random, shape.pick([0, 1, 9, 64, 65]), mine, 0.3)
      const single: PlainTable = randomTable(random, 1, other, random.pick([0, 1]))
      const node: Extract<TableNode, { operator: 'attach' }> = {
        name: 'beside',
        operator: 'attach',
        input: 'input',
        single: 'single',
        rows: input.valid.length,
        holds,
      }
      const ran = await runOperator(
        (session, [table, one]) => attach(session, table!, one!, node),
        sideBySide(dealTable(random, input), dealTable(random, single)),
        holds,
        `attach ${seed} ${data}`,
      )
      const beside = single.columns.map(({ values }) => values[0] as Cell)
      const expected = input.valid.map((counts, row) =>
        counts && single.valid[0]
          ? [...input.columns.map(({ values }) => values[row] as Cell), ...beside]
          : null,
      )
      expect(ran.rows, `seed ${seed}, data ${data}`).toEqual(expected)
      shapes.add(ran.shape)
    }
    expect(shapes.size, `seed ${seed}`).toBe(1)
  }
})
