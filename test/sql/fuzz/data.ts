/** Random tables that fit together: things with a unique key, what they point at, and what points at them. */
import { type Column, type ColumnType, rangeOf, type TableSchema } from '../../../shared/data/schema.ts'
import { encodeValue } from '../../../shared/data/value.ts'
import type { TestTable } from '../logic/database.ts'
import type { Random } from '../table.ts'

const USES: Column['uses'] = ['filter', 'group', 'join', 'aggregate', 'show']

const column = (random: Random, name: string, type: ColumnType, nullable: boolean): Column => ({
  name,
  type,
  nullable,
  visibility: random.chance(0.2) ? 'public' : 'secret',
  uses: USES,
})

const key = (name: string, max: number): Column => ({
  name,
  type: { kind: 'integer', min: 1, max },
  nullable: false,
  visibility: 'secret',
  uses: USES,
})

/** Ranges that are narrow, wide, negative, or lie at the ends of what two factors may have. */
const numberType = (random: Random): ColumnType =>
  random.pick<ColumnType>([
    { kind: 'integer', min: 0, max: 1 },
    { kind: 'integer', min: -3, max: 4 },
    { kind: 'integer', min: 1000, max: 1007 },
    { kind: 'integer', min: -100_000, max: 100_000 },
    { kind: 'decimal', scale: 1, min: '-2.5', max: '9.9' },
    { kind: 'decimal', scale: 2, min: '0.00', max: '9999.99' },
  ])

/** Numbers n1, n2, …; a date d, a category c, a boolean f. */
const moreColumns = (random: Random, prefix: string): readonly Column[] => [
  ...[1, 2].map(i => column(random, `${prefix}_n${i}`, numberType(random), random.chance(0.5))),
  column(random, `${prefix}_c`, { kind: 'category', values: ['red', 'blue', 'green'] }, random.chance(0.4)),
  column(random, `${prefix}_d`, { kind: 'date', min: '2019-12-28', max: '2020-03-02' }, random.chance(0.3)),
  column(random, `${prefix}_f`, { kind: 'boolean' }, random.chance(0.4)),
  textColumn(random, prefix),
]

const MATCHES = 3

const TEXT: ColumnType = { kind: 'text', key: 'AAECAwQFBgcICQoLDA0ODw', folds: ['case', 'space'] }

/** A text x is never public and never shown. */
const textColumn = (random: Random, prefix: string): Column => ({
  ...key(`${prefix}_x`, 1),
  type: TEXT,
  nullable: random.chance(0.4),
  uses: ['filter', 'group', 'join', 'aggregate'],
})

const WORDS: ReadonlyMap<string, bigint> = new Map(
  ['anna', 'bo', 'zoe', 'nobody'].map(text => [text, encodeValue(TEXT, text)]),
)

/** A statement for DuckDB, which holds words: every text that is compared is its word. */
export const withWords = (sql: string): string =>
  sql.replace(/'([a-z]+)'/g, (quoted, text: string) => String(WORDS.get(text) ?? quoted))

const valueIn = (random: Random, type: ColumnType): bigint => {
  if (type.kind === 'text') return random.pick([...WORDS.values()].slice(0, 3))
  const { low, high } = rangeOf(type)
  if (random.chance(0.15)) return random.pick([low, high])
  return (
    low +
    BigInt(random.between(0, Number(high - low < 6n ? high - low : random.chance(0.6) ? 5n : high - low)))
  )
}

const tableOf = (
  random: Random,
  schema: TableSchema,
  count: number,
  fixed: Readonly<Record<string, readonly (bigint | null)[]>>,
): TestTable => {
  // Some rows that do not count, as padding of what an owner deals.
  const padding = random.below(3)
  const valid = Array.from({ length: count + padding }, (_, i) => i < count)
  const columns = schema.columns.map(({ name, type, nullable }): [string, readonly (bigint | null)[]] => [
    name,
    valid.map((isValid, i) => {
      const given = fixed[name]?.[i]
      if (given !== undefined) return given
      return !isValid || (nullable && random.chance(0.25))
        ? nullable
          ? null
          : rangeOf(type).low
        : valueIn(random, type)
    }),
  ])
  return { schema, rows: { count: count + padding, valid, columns: new Map(columns) } }
}

const shuffledKeys = (random: Random, count: number, max: number): readonly bigint[] => {
  const keys = Array.from({ length: max }, (_, i) => BigInt(i + 1))
  for (let i = keys.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const [a, b] = [keys[i] as bigint, keys[j] as bigint]
    keys[i] = b
    keys[j] = a
  }
  return keys.slice(0, count)
}

/** `t` points at `u` by t_u, and `w` at `t` by w_t, at most MATCHES times at the same row. */
export const randomTables = (random: Random): readonly TestTable[] => {
  const sizes = { t: random.between(0, 24), u: random.between(0, 8), w: random.between(0, 20) }
  const t: TableSchema = {
    table: 't',
    columns: [
      key('t_id', 30),
      column(random, 't_u', { kind: 'integer', min: 1, max: random.pick([9, 12]) }, random.chance(0.5)),
      ...moreColumns(random, 't'),
    ],
    keys: [{ columns: ['t_id'], rowsMax: 1 }],
  }
  const u: TableSchema = {
    table: 'u',
    columns: [key('u_id', 10), ...moreColumns(random, 'u')],
    keys: [{ columns: ['u_id'], rowsMax: 1 }],
  }
  const w: TableSchema = {
    table: 'w',
    columns: [key('w_t', 32), ...moreColumns(random, 'w')],
    keys: [{ columns: ['w_t'], rowsMax: MATCHES }],
  }
  const pointers = shuffledKeys(random, 32, 32).flatMap(id =>
    Array.from({ length: random.between(0, MATCHES) }, () => id),
  )
  const count = Math.min(sizes.w, pointers.length)
  return [
    tableOf(random, t, sizes.t, { t_id: shuffledKeys(random, sizes.t, 30) }),
    tableOf(random, u, sizes.u, { u_id: shuffledKeys(random, sizes.u, 10) }),
    tableOf(random, w, count, { w_t: pointers.slice(0, count) }),
  ]
}
