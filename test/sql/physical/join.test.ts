/** Joins against a plain nested loop, over random tables with everything that goes wrong in joins. */
import { expect, test } from 'vitest'
import type { Column } from '../../../shared/data/schema.ts'
import { join } from '../../../shared/sql/physical/join.ts'
import type { Table } from '../../../shared/sql/physical/table.ts'
import type { TableNode } from '../../../shared/sql/plan.ts'
import { checksOf, settleThree } from '../../support/three-parties.ts'
import { createRandom, type Random } from '../table.ts'
import {
  type Cell,
  column,
  dealTable,
  type Held,
  held,
  type PlainTable,
  runOperator,
  sideBySide,
} from './held.ts'
import { randomTable, someDomains } from './random-tables.ts'

type JoinNode = Extract<TableNode, { operator: 'join' }>

interface Case {
  readonly left: PlainTable
  readonly right: PlainTable
  readonly node: JoinNode
}

const integer = (min: number, max: number): Column['type'] => ({ kind: 'integer', min, max })
const LIST: Column['type'] = { kind: 'category', values: ['a', 'b', 'c', 'd', 'e'] }

const keysOfRow = (table: PlainTable, names: readonly string[], row: number): Cell[] =>
  names.map(name => table.columns.find(({ column: { name: other } }) => other === name)?.values[row] as Cell)

const matches = ({ left, right, node }: Case, row: number): number[] => {
  const mine = keysOfRow(
    left,
    node.on.map(({ left: name }) => name),
    row,
  )
  if (mine.includes(null)) return []
  return right.valid.flatMap((counts, other) => {
    const theirs = keysOfRow(
      right,
      node.on.map(({ right: name }) => name),
      other,
    )
    return counts && theirs.every((value, i) => value !== null && value === mine[i]) ? [other] : []
  })
}

/** What each left row gives: one list of values for every row of the result, in any order. */
const plainJoin = (of: Case): Cell[][][] => {
  const { left, right, node } = of
  const cells = (row: number, other: number | undefined): Cell[] =>
    node.holds.map(({ column: { name } }) => {
      const mine = left.columns.find(one => one.column.name === name)
      if (mine !== undefined) return mine.values[row] as Cell
      const theirs = right.columns.find(one => one.column.name === name)
      return other === undefined ? null : (theirs?.values[other] as Cell)
    })
  return left.valid.map((counts, row) => {
    if (!counts) return []
    const found = matches(of, row)
    const met = found.map(other => cells(row, other))
    const alone = [cells(row, undefined)]
    const rowsOf: Record<JoinNode['join'], Cell[][]> = {
      inner: met,
      left: met.length === 0 ? alone : met,
      semi: met.length > 0 ? alone : [],
      anti: met.length > 0 ? [] : alone,
    }
    return rowsOf[node.join]
  })
}

/** Takes away right rows until no key has more than `most`. */
const atMost = (of: Case, most: number): Case => {
  const { right, node } = of
  const seen = new Map<string, number>()
  const valid = right.valid.map((counts, row) => {
    if (!counts) return false
    const key = keysOfRow(
      right,
      node.on.map(({ right: name }) => name),
      row,
    )
    if (key.includes(null)) return true
    const count = (seen.get(String(key)) ?? 0) + 1
    seen.set(String(key), count)
    return count <= most
  })
  return { ...of, right: { ...right, valid } }
}

const caseOf = (random: Random, shape: Random): Case => {
  const kind = shape.pick(['inner', 'left', 'semi', 'anti'] as const)
  const most = shape.pick([1, 1, 1, 2, 3, 5])
  const nullable = (): Partial<Column> => ({ nullable: shape.chance(0.5) })
  const open = (): Partial<Column> => ({
    ...nullable(),
    visibility: shape.chance(0.2) ? 'public' : 'secret',
  })
  const pairs = shape.pick([
    [[integer(0, 6), integer(0, 6)]],
    [[integer(-3, 9), integer(0, 200)]],
    [[integer(5, 9), integer(-1000, 1000)]],
    [[LIST, LIST]],
    [
      [integer(0, 2), integer(1, 5)],
      [LIST, LIST],
    ],
    [
      [integer(0, 3), integer(0, 3)],
      [integer(10, 12), integer(9, 14)],
      [{ kind: 'boolean' }, { kind: 'boolean' }],
    ],
    [[integer(0, 5), integer(10, 20)]],
  ] as [Column['type'], Column['type']][][])
  const keyDomains = (type: Column['type']) =>
    type.kind === 'category' ? { bits: true } : someDomains(shape)
  const leftKeys = pairs.map(([type], i) => held(column(`lk${i}`, type, open()), keyDomains(type)))
  const rightKeys = pairs.map(([, type], i) => held(column(`rk${i}`, type, open()), keyDomains(type)))
  const left = [
    ...leftKeys,
    held(column('lv', integer(-50, 1000), open()), someDomains(shape)),
    held(column('lo', integer(0, 3), { ...nullable(), visibility: 'public' })),
  ]
  const right = [
    ...rightKeys,
    held(column('rv', { kind: 'decimal', scale: 2, min: '-5.00', max: '99.99' }, open()), someDomains(shape)),
    held(column('rc', LIST, open()), { bits: true }),
  ]
  const isFilter = kind === 'semi' || kind === 'anti'
  const resultOf = (one: Held, side: 'left' | 'right'): Held => ({
    column: {
      ...one.column,
      nullable: one.column.nullable || (kind === 'left' && side === 'right'),
      visibility: side === 'right' ? 'secret' : one.column.visibility,
    },
    ...(one.column.type.kind === 'category' ? { bits: true, field: false } : someDomains(shape)),
  })
  const holds = [
    ...left.map(one => resultOf(one, 'left')),
    ...(isFilter ? [] : right.map(one => resultOf(one, 'right'))),
  ].filter(() => shape.chance(0.8))
  const [leftRows, rightRows] = [shape.pick([0, 1, 5, 23]), shape.pick([0, 1, 7, 20])]
  const padding = random.pick([0, 0.3, 1])
  const of: Case = {
    left: randomTable(random, leftRows, left, padding),
    right: randomTable(random, rightRows, right, random.pick([0, 0.3, 0.3, 1])),
    node: {
      name: 'joined',
      operator: 'join',
      join: kind,
      left: 'l',
      right: 'r',
      on: pairs.map((_, i) => ({ left: `lk${i}`, right: `rk${i}` })),
      matchesMax: most,
      checked: shape.chance(0.7),
      rows: isFilter ? leftRows : leftRows * most,
      holds,
    },
  }
  return isFilter ? of : atMost(of, most)
}

const operatorOf =
  (node: JoinNode) =>
  (session: Parameters<typeof join>[0], [left, right]: readonly Table[]): Promise<Table> =>
    join(session, left as Table, right as Table, node)

const sorted = (rows: readonly (readonly Cell[])[]): string[] => rows.map(String).toSorted()

test('random joins give the rows of a nested loop, and their transcripts one shape', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const shapes = new Set<string>()
    for (const data of [1, 2]) {
      const random = createRandom(1000 * seed + data)
      const of = caseOf(random, createRandom(seed))
      const { left, right, node } = of
      const inputs = sideBySide(dealTable(random, left), dealTable(random, right))
      const ran = await runOperator(operatorOf(node), inputs, node.holds as Held[], `join ${seed} ${data}`)
      expect(ran.rows.length, `seed ${seed}`).toBe(node.rows)
      const copies = node.rows / Math.max(1, left.valid.length)
      plainJoin(of).forEach((expected, row) => {
        const got = Array.from({ length: copies }, (_, j) => ran.rows[j * left.valid.length + row]).filter(
          cells => cells !== null && cells !== undefined,
        )
        expect(sorted(got), `seed ${seed}, data ${data}, row ${row}`).toEqual(sorted(expected))
      })
      shapes.add(ran.shape)
    }
    expect(shapes.size, `seed ${seed}`).toBe(1)
  }
}, 120_000)

const lying = (
  most: number,
  keys: readonly Cell[],
  checked = true,
  kind: JoinNode['join'] = 'inner',
): Case => {
  const key = held(column('rk', integer(0, 9), { nullable: true }))
  const mine = held(column('lk', integer(0, 7)))
  return {
    left: { valid: [true, true], columns: [{ ...mine, values: [3n, 4n] }] },
    right: { valid: keys.map(() => true), columns: [{ ...key, values: keys }] },
    node: {
      name: 'joined',
      operator: 'join',
      join: kind,
      left: 'l',
      right: 'r',
      on: [{ left: 'lk', right: 'rk' }],
      matchesMax: most,
      checked,
      rows: 2 * most,
      holds: [mine],
    },
  }
}

const settle = async (of: Case): Promise<readonly (string | undefined)[]> => {
  const random = createRandom(5)
  const inputs = sideBySide(dealTable(random, of.left), dealTable(random, of.right))
  return checksOf(await settleThree(session => operatorOf(of.node)(session, inputs[session.party])))
}

test('a key that was declared unique and is not aborts at all parties, whether or not a left row would meet it', async () => {
  const refused = ['key-not-unique', 'key-not-unique', 'key-not-unique']
  const fine = [undefined, undefined, undefined]
  expect(await settle(lying(1, [1n, 2n, 3n]))).toEqual(fine)
  expect(await settle(lying(1, [1n, 2n, 1n]))).toEqual(refused)
  expect(await settle(lying(1, [1n, 2n, 1n], true, 'left'))).toEqual(refused)
  expect(await settle(lying(2, [1n, 2n, 1n]))).toEqual(fine)
  expect(await settle(lying(2, [1n, 2n, 1n, 1n]))).toEqual(refused)
  expect(await settle(lying(4, Array<Cell>(5).fill(6n)))).toEqual(refused)
  expect(await settle(lying(5, Array<Cell>(5).fill(6n)))).toEqual(fine)
})

test('NULL keys, keys out of reach, semi joins and proved keys are not checked', async () => {
  const fine = [undefined, undefined, undefined]
  expect(await settle(lying(1, [null, null, 2n]))).toEqual(fine)
  expect(await settle(lying(1, [9n, 9n, 2n]))).toEqual(fine)
  expect(await settle(lying(1, [2n, 2n], true, 'semi'))).toEqual(fine)
  expect(await settle(lying(1, [2n, 2n], true, 'anti'))).toEqual(fine)
  expect(await settle(lying(1, [2n, 2n], false))).toEqual(fine)
})

test('an abort says which columns, never which rows', async () => {
  const of = lying(1, [5n, 5n])
  const random = createRandom(5)
  const inputs = sideBySide(dealTable(random, of.left), dealTable(random, of.right))
  const { outcomes } = await settleThree(session => operatorOf(of.node)(session, inputs[session.party]))
  for (const outcome of outcomes)
    expect('error' in outcome && outcome.error.message).toBe(
      'more than 1 rows have the same values in rk, which was declared impossible',
    )
})
