/** Groups found in secret rows, against plain rows grouped and ordered in the clear; every kind of total, side by side. */
import { expect, test } from 'vitest'
import type { Column } from '../../../shared/data/schema.ts'
import { collect } from '../../../shared/sql/physical/collect.ts'
import type { GroupSlot, TableNode } from '../../../shared/sql/plan.ts'
import { createRandom, type Random } from '../table.ts'
import { type Cell, column, dealTable, type Held, held, runOperator, sideBySide } from './held.ts'
import { randomTable, someDomains } from './random-tables.ts'

const reference = (name: string) => ({ kind: 'column', column: name, type: 'number', scale: 0 }) as const

interface Case {
  readonly slot: GroupSlot
  readonly type: Column['type']
  /** Of the values of the group's rows, NULLs among them. */
  readonly expected: (values: { readonly x: readonly Cell[]; readonly y: readonly Cell[] }) => bigint
}

const integer = (min: number, max: number): Column['type'] => ({ kind: 'integer', min, max })
const X = integer(-7, 20)
const Y = integer(2, 6)
const known = (cells: readonly Cell[]): bigint[] =>
  cells.filter(cell => cell !== null).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))

/** A percentile with `digits` decimals, times 10^digits when continuous; written with floor and remainder. */
const percentile = (
  cells: readonly Cell[],
  numerator: bigint,
  digits: number,
  continuous: boolean,
): bigint => {
  const values = known(cells)
  const n = BigInt(values.length)
  if (n === 0n) return 0n
  const b = 10n ** BigInt(digits)
  if (!continuous) {
    const rank = (numerator * n + b - 1n) / b
    return values[Number(rank === 0n ? 0n : rank - 1n)] as bigint
  }
  const at = numerator * (n - 1n)
  const [low, rest] = [at / b, at % b]
  const below = values[Number(low)] as bigint
  const above = values[Math.min(Number(low) + 1, values.length - 1)] as bigint
  return below * (b - rest) + above * rest
}

const CASES: readonly Case[] = [
  {
    slot: { name: 'rows', total: { kind: 'rows' } },
    type: integer(0, 200),
    expected: ({ x }) => BigInt(x.length),
  },
  {
    slot: { name: 'sum', total: { kind: 'value', of: reference('x') } },
    type: integer(-2000, 5000),
    expected: ({ x }) => known(x).reduce((a, b) => a + b, 0n),
  },
  {
    slot: {
      name: 'known',
      total: { kind: 'indicator', of: { kind: 'all', of: [{ kind: 'not-null', column: 'x' }] } },
    },
    type: integer(0, 200),
    expected: ({ x }) => BigInt(known(x).length),
  },
  ...(['x', 'y'] as const).flatMap((of): Case[] => [
    {
      slot: { name: `min-${of}`, total: { kind: 'min', of } },
      type: of === 'x' ? X : integer(0, 6),
      expected: values => known(values[of])[0] ?? 0n,
    },
    {
      slot: { name: `max-${of}`, total: { kind: 'max', of } },
      type: of === 'x' ? X : integer(0, 6),
      expected: values => known(values[of]).at(-1) ?? 0n,
    },
    {
      slot: { name: `distinct-${of}`, total: { kind: 'distinct', of } },
      type: integer(0, 200),
      expected: values => BigInt(new Set(known(values[of])).size),
    },
    ...(
      [
        [5, 1, true],
        [0, 1, true],
        [10, 1, true],
        [37, 2, true],
        [5, 1, false],
        [0, 1, false],
        [10, 1, false],
        [25, 2, false],
      ] as const
    ).map(
      ([numerator, digits, continuous]): Case => ({
        slot: {
          name: `${continuous ? 'cont' : 'disc'}-${numerator}-${digits}-${of}`,
          total: { kind: 'percentile', of, numerator, digits, continuous },
        },
        type: integer(-3000, 3000),
        expected: values => percentile(values[of], BigInt(numerator), digits, continuous),
      }),
    ),
  ]),
]

const run = async (shape: Random, random: Random, rows: number, keyed: boolean, padding: number) => {
  const nullable = () => shape.chance(0.5)
  const keys: Held[] = keyed
    ? [
        held(
          column('k', integer(3, 6), {
            nullable: nullable(),
            visibility: shape.chance(0.3) ? 'public' : 'secret',
          }),
        ),
        held(column('c', { kind: 'category', values: ['u', 'v'] }), { bits: true }),
      ]
    : []
  const x = held(column('x', X, { nullable: true }))
  const y = held(column('y', Y, { nullable: nullable() }))
  const input = randomTable(random, rows, [...keys, x, y], padding)
  const cases = CASES.filter(() => shape.chance(0.4))
  const holds = [
    ...keys.map(({ column: of }) =>
      held(
        { ...of, visibility: 'secret' },
        of.type.kind === 'category' ? { bits: true } : someDomains(shape),
      ),
    ),
    ...cases.map(({ slot, type }) => held(column(slot.name, type), someDomains(shape))),
  ]
  const node: Extract<TableNode, { operator: 'collect' }> = {
    name: 'groups',
    operator: 'collect',
    input: 'input',
    keys: keys.map(({ column: of }) => of.name),
    slots: cases.map(({ slot }) => slot),
    rows: keyed ? rows : 1,
    holds,
  }
  const ran = await runOperator(
    (session, [table]) => collect(session, table!, node),
    sideBySide(dealTable(random, input)),
    holds,
    `collect ${rows}`,
  )
  const groups = new Map<string, { key: Cell[]; x: Cell[]; y: Cell[] }>()
  if (!keyed) groups.set('', { key: [], x: [], y: [] })
  input.valid.forEach((counts, row) => {
    if (!counts) return
    const key = input.columns.slice(0, keys.length).map(({ values }) => values[row] as Cell)
    const name = key.map(cell => String(cell)).join()
    const group = groups.get(name) ?? { key, x: [], y: [] }
    groups.set(name, group)
    group.x.push(input.columns[keys.length]?.values[row] as Cell)
    group.y.push(input.columns[keys.length + 1]?.values[row] as Cell)
  })
  const expected = [...groups.values()].map(({ key, ...values }) => [
    ...key,
    ...cases.map(one => one.expected(values)),
  ])
  return { ran, expected, rows: node.rows }
}

const sorted = (rows: readonly (readonly Cell[])[]): readonly string[] =>
  rows.map(row => row.map(String).join()).sort()

test('random tables: groups in front, totals exact, the same shape whatever the data', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const shapes = new Set<string>()
    for (const data of [1, 2]) {
      const shape = createRandom(seed)
      const size = shape.pick([0, 1, 2, 13, 64, 65])
      const keyed = shape.chance(0.7)
      const random = createRandom(seed * 100 + data)
      const { ran, expected, rows } = await run(shape, random, size, keyed, random.pick([0, 0.3, 1]))
      expect(ran.rows.length).toBe(rows)
      const counted = ran.rows.filter(row => row !== null)
      expect(sorted(counted), `seed ${seed}, data ${data}`).toEqual(sorted(expected))
      expect(ran.rows.slice(0, counted.length).every(row => row !== null)).toBe(true)
      shapes.add(ran.shape)
    }
    expect(shapes.size, `seed ${seed}`).toBe(1)
  }
})
