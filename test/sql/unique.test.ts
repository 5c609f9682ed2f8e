/**
 * Keys of sources: what follows from declarations and from the form of a query, by example; and that no bound is ever
 * exceeded, over random sources and rows, counted in what the plaintext evaluator gives.
 */
import { expect, test } from 'vitest'
import type { Column, TableSchema } from '../../shared/data/schema.ts'
import { evaluateBlock } from '../../shared/sql/evaluate/block.ts'
import type { PlainTable } from '../../shared/sql/evaluate/relation.ts'
import { constant, type Expression, type Predicate } from '../../shared/sql/expression.ts'
import type { Item, Query, Source, WindowCall } from '../../shared/sql/query.ts'
import { boundOf, keysOf, type SourceKey } from '../../shared/sql/unique.ts'
import { createRandom, type Random } from './table.ts'

const integer = (name: string, min: number, max: number, nullable = false): Column => ({
  name,
  type: { kind: 'integer', min, max },
  nullable,
  visibility: 'secret',
  uses: ['join', 'group', 'filter', 'aggregate', 'show'],
})

const SCHEMA: TableSchema = {
  table: 't',
  columns: [integer('id', 0, 40, true), integer('a', 0, 3), integer('b', 0, 2, true)],
  keys: [
    { columns: ['id'], rowsMax: 1 },
    { columns: ['a', 'b'], rowsMax: 3 },
  ],
}

const table = (alias: string, rows = 20): Source => ({
  kind: 'table',
  schema: SCHEMA,
  alias,
  rows,
  columns: SCHEMA.columns.map(column => ({
    column: { ...column, name: `${alias}.${column.name}` },
    inside: column.name,
  })),
})

const of = (column: string): Expression => ({ kind: 'column', column, type: 'number', scale: 0 })
const compare = (comparison: '=' | '<=', column: string, value: number): Predicate => ({
  kind: 'compare',
  comparison,
  left: of(column),
  right: constant(BigInt(value)),
})

const rowNumber = (name: string, partition: readonly string[], rows: number): WindowCall => ({
  kind: 'row-number',
  column: integer(name, 1, rows),
  partition,
  order: [],
})

interface Options {
  readonly where?: Predicate
  readonly windows?: readonly WindowCall[]
  readonly group?: readonly string[]
  readonly limit?: number
}

/** Names without their prefix, or with it where they would be the same. */
const shortNames =
  (columns: readonly Column[]) =>
  (name: string): string => {
    const short = name.replace(/^.*\./, '')
    const isAlone = columns.filter(column => column.name.endsWith(`.${short}`)).length < 2
    return isAlone ? short : name.replace('.', '_')
  }

/** A block that shows all columns of its source (or all its keys) without their prefix. */
const block = (from: Source, { where, windows = [], group, limit }: Options = {}): Query => {
  const columns = [...from.columns.map(({ column }) => column), ...windows.map(({ column }) => column)]
  const short = shortNames(columns)
  const keys = (group ?? []).map(name => columns.find(column => column.name === name) as Column)
  const items: Item[] = group
    ? keys.map((key, i) => ({ name: short(key.name), kind: 'key', key: i }))
    : columns.map(({ name }) => ({ name: short(name), kind: 'value', of: of(name) }))
  return {
    from,
    beside: [],
    computed: [],
    where: where ?? null,
    windows,
    grouped: group !== undefined,
    keys,
    aggregates: [],
    having: null,
    items: items.length > 0 ? items : [{ name: 'n', kind: 'formula', of: constant(1n) }],
    order: [],
    limit: limit ?? null,
    offset: 0,
  }
}

const typeOf = (query: Query, { name }: Item): Column => {
  const all = [
    ...query.from.columns.map(({ column }) => column),
    ...query.windows.map(({ column }) => column),
  ]
  const found = all.find(column => column.name.replace(/^.*\./, '') === name)
  return { ...(found ?? integer(name, 1, 1)), name }
}

const derived = (alias: string, query: Query): Source => ({
  kind: 'derived',
  query,
  alias,
  rows: Math.min(query.limit ?? query.from.rows, query.from.rows),
  columns: query.items.map(item => ({
    column: { ...typeOf(query, item), name: `${alias}.${item.name}` },
    inside: item.name,
  })),
})

const union = (alias: string, queries: readonly Query[]): Source => ({
  kind: 'union',
  queries,
  alias,
  rows: queries.reduce((sum, { from }) => sum + from.rows, 0),
  columns: (queries[0] as Query).items.map(item => ({
    column: { ...typeOf(queries[0] as Query, item), name: `${alias}.${item.name}` },
    inside: item.name,
  })),
})

type JoinSource = Extract<Source, { kind: 'join' }>
const joined = (
  join: JoinSource['join'],
  left: Source,
  right: Source,
  on: JoinSource['on'],
  matchesMax = 1,
): Source => ({
  kind: 'join',
  join,
  left,
  right,
  on,
  matchesMax,
  rows: left.rows * matchesMax,
  columns: [...left.columns, ...(join === 'semi' || join === 'anti' ? [] : right.columns)].map(
    ({ column }) => ({
      column: { ...column, nullable: true },
      inside: column.name,
    }),
  ),
})

const show = (keys: readonly SourceKey[]): string[] =>
  keys
    .filter(({ columns }) => columns.length > 0)
    .map(key => `${key.columns.toSorted().join()} ${key.rowsMax} ${key.proved ? 'proved' : 'declared'}`)
    .sort()

test('a table has what was declared; a filter, other names and a limit take nothing away', () => {
  expect(show(keysOf(table('t')))).toEqual(['t.a,t.b 3 declared', 't.id 1 declared'])
  const inner = block(table('t'), { limit: 7 })
  expect(show(keysOf(derived('d', inner)))).toEqual(['d.a,d.b 3 declared', 'd.id 1 declared'])
  expect(boundOf(derived('d', inner), [])).toEqual({ columns: [], rowsMax: 7, proved: true })
  expect(boundOf(table('t', 1), ['t.b'])).toEqual({ columns: [], rowsMax: 1, proved: true })
})

test('groups are unique by form; a condition with few values left takes a column out of a key', () => {
  expect(show(keysOf(derived('g', block(table('t'), { group: ['t.a', 't.b'] }))))).toEqual([
    'g.a,g.b 1 proved',
  ])
  expect(show(keysOf(derived('f', block(table('t'), { where: compare('=', 't.a', 2) }))))).toContain(
    'f.b 3 declared',
  )
  expect(show(keysOf(derived('f', block(table('t'), { where: compare('<=', 't.a', 1) }))))).toContain(
    'f.b 6 declared',
  )
  expect(boundOf(derived('n', block(table('t'), { group: [] })), [])?.rowsMax).toBe(1)
})

test('the first rows of every partition: the partition is a key with as many rows', () => {
  const numbered = derived('w', block(table('t'), { windows: [rowNumber('rn', ['t.a'], 20)] }))
  expect(show(keysOf(numbered))).toContain('w.a,w.rn 1 proved')
  const first = derived('x', block(numbered, { where: compare('=', 'w.rn', 1) }))
  expect(boundOf(first, ['x.a'])).toEqual({ columns: ['x.a'], rowsMax: 1, proved: true })
  const three = derived('x', block(numbered, { where: compare('<=', 'w.rn', 3) }))
  expect(boundOf(three, ['x.a', 'x.b'])).toEqual({ columns: ['x.a'], rowsMax: 3, proved: true })
})

test('a union adds bounds up; a join keeps the keys of the side that meets at most one row', () => {
  expect(show(keysOf(union('u', [block(table('s')), block(table('t'))])))).toContain('u.id 2 declared')
  const groups = derived('g', block(table('s'), { group: ['s.a'] }))
  const on = [{ left: 't.a', right: 'g.a' }]
  expect(show(keysOf(joined('inner', table('t'), groups, on)))).toContain('t.id 1 declared')
  expect(show(keysOf(joined('left', table('t'), groups, on)))).toContain('t.id 1 declared')
  expect(show(keysOf(joined('inner', table('t'), groups, on)))).toContain('g.a,t.b 3 declared')
  const one = joined('inner', table('t'), table('s'), [{ left: 't.id', right: 's.id' }])
  expect(boundOf(one, ['s.id'])).toEqual({ columns: ['s.id'], rowsMax: 1, proved: false })
  const many = joined('inner', groups, table('s'), [{ left: 'g.a', right: 's.a' }], 9)
  expect(boundOf(many, ['g.a'])).toEqual({ columns: ['g.a'], rowsMax: 9, proved: true })
  // Every row of s meets one group, so its keys stay.
  expect(boundOf(many, ['s.id'])).toEqual({ columns: ['s.id'], rowsMax: 1, proved: false })
})

test('left rows that have met nothing are not bounded by what the right side holds', () => {
  const numbered = derived('w', block(table('s'), { windows: [rowNumber('rn', ['s.a'], 20)] }))
  const first = derived('x', block(numbered, { where: compare('=', 'w.rn', 1) }))
  const on = [
    { left: 't.a', right: 'x.a' },
    { left: 't.id', right: 'x.id' },
  ]
  expect(boundOf(joined('inner', table('t'), first, on), ['t.a'])?.rowsMax).toBe(1)
  expect(boundOf(joined('left', table('t'), first, on), ['t.a'])?.rowsMax).toBe(20)
})

const randomSource = (random: Random, depth: number, alias: string): Source => {
  if (depth === 0) return table(alias)
  const inner = (side: string): Source => randomSource(random, depth - 1, alias + side)
  const column = (source: Source): string => random.pick(source.columns).column.name
  const randomBlock = (source: Source): Query =>
    block(source, {
      ...(random.chance(0.5) && {
        where: compare(random.pick(['=', '<=']), column(source), random.between(0, 2)),
      }),
      ...random.pick([
        {},
        { group: [...new Set([column(source), column(source)])] },
        { windows: [rowNumber(`${alias}rn`, [column(source)], source.rows)] },
        { limit: random.between(1, 5) },
      ]),
    })
  switch (random.below(4)) {
    case 0:
      return union(
        alias,
        ['x', 'y', 'z']
          .slice(random.below(3))
          .map(side => block(table(alias + side), random.pick([{}, { limit: random.between(1, 5) }]))),
      )
    case 1:
      return derived(alias, randomBlock(inner('x')))
    default: {
      const [left, right] = [inner('x'), inner('y')]
      const on = [{ left: column(left), right: column(right) }]
      // As few as can be: the evaluator refuses when a row meets more.
      const most = boundOf(right, [on[0]?.right as string])?.rowsMax
      return joined(random.pick(['inner', 'left', 'semi', 'anti']), left, right, on, most)
    }
  }
}

/** Rows that keep what the schema declares. */
const randomTable = (random: Random): PlainTable => {
  const pairs = new Map<string, number>()
  const rows = Array.from({ length: 20 }, (_, i) => {
    const row = [random.chance(0.2) ? null : BigInt(i), BigInt(random.below(4)), null as bigint | null]
    if (random.chance(0.8)) row[2] = BigInt(random.below(3))
    const pair = String(row.slice(1))
    const count = (pairs.get(pair) ?? 0) + 1
    pairs.set(pair, count)
    return row[2] !== null && count > 3 ? [row[0] as bigint | null, row[1] as bigint, null] : row
  })
  return {
    count: 20,
    valid: rows.map(() => !random.chance(0.1)),
    columns: new Map(SCHEMA.columns.map(({ name }, c) => [name, rows.map(row => row[c] as bigint | null)])),
  }
}

test('no value has more rows than its bound, in random sources over random rows', () => {
  let keysWithColumns = 0
  for (let seed = 1; seed <= 400; seed++) {
    const random = createRandom(seed)
    const source = randomSource(random, 2, 'r')
    const tables = new Map([['t', randomTable(random)]])
    const { lines } = evaluateBlock(wide(source), tables, 0)
    const names = source.columns.map(({ column }) => column.name)
    for (const key of keysOf(source)) {
      const counts = new Map<string, number>()
      for (const { outputs } of lines) {
        const values = key.columns.map(name => outputs[names.indexOf(name)])
        if (!values.includes(null)) counts.set(String(values), (counts.get(String(values)) ?? 0) + 1)
      }
      const most = Math.max(0, ...counts.values())
      expect(most, `seed ${seed}: ${JSON.stringify(key)}`).toBeLessThanOrEqual(key.rowsMax)
      if (key.columns.length > 0 && key.rowsMax < 20) keysWithColumns++
    }
  }
  expect(keysWithColumns).toBeGreaterThan(200)
})

/** All columns of a source under their own names. */
const wide = (source: Source): Query => ({
  ...block(source),
  items: source.columns.map(({ column: { name } }) => ({ name, kind: 'value', of: of(name) })),
})
