/** The table that the SQL tests ask about, random rows for it, and the shares that three parties would hold. */
import type { Relation, SecretColumn } from '../../shared/data/relation.ts'
import { type Column, columnWidth, hasField, rangeOf, type TableSchema } from '../../shared/data/schema.ts'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { dealBits, dealField, dealSlices } from '../support/three-parties.ts'

const ALL: Column['uses'] = ['filter', 'group', 'aggregate']

export const PAY: TableSchema = {
  table: 'pay',
  columns: [
    {
      name: 'country',
      type: { kind: 'category', values: ['FR', 'DE', 'IT'] },
      nullable: false,
      visibility: 'public',
      uses: ALL,
    },
    {
      name: 'site',
      type: { kind: 'integer', min: 1, max: 3 },
      nullable: true,
      visibility: 'public',
      uses: ALL,
    },
    {
      name: 'budget',
      type: { kind: 'decimal', scale: 1, min: '-50', max: '100' },
      nullable: true,
      visibility: 'public',
      uses: ALL,
    },
    {
      name: 'grade',
      type: { kind: 'integer', min: 1, max: 5 },
      nullable: false,
      visibility: 'secret',
      uses: ALL,
    },
    {
      name: 'gender',
      type: { kind: 'category', values: ['f', 'm', 'x'] },
      nullable: true,
      visibility: 'secret',
      uses: ALL,
    },
    {
      name: 'team',
      type: { kind: 'category', values: ['f', 'm', 'x'] },
      nullable: false,
      visibility: 'secret',
      uses: ALL,
    },
    {
      name: 'salary',
      type: { kind: 'decimal', scale: 2, min: '-100.50', max: '9999.99' },
      nullable: true,
      visibility: 'secret',
      uses: ALL,
    },
    {
      name: 'bonus',
      type: { kind: 'integer', min: -20, max: 100 },
      nullable: true,
      visibility: 'secret',
      uses: ALL,
    },
    {
      name: 'hours',
      type: { kind: 'integer', min: 0, max: 60 },
      nullable: false,
      visibility: 'secret',
      uses: ALL,
    },
    {
      name: 'hired',
      type: { kind: 'date', min: '2000-01-01', max: '2024-12-31' },
      nullable: false,
      visibility: 'secret',
      uses: ALL,
    },
    {
      name: 'left_on',
      type: { kind: 'date', min: '2000-01-01', max: '2024-12-31' },
      nullable: true,
      visibility: 'secret',
      uses: ALL,
    },
    { name: 'full_time', type: { kind: 'boolean' }, nullable: false, visibility: 'secret', uses: ALL },
    { name: 'remote', type: { kind: 'boolean' }, nullable: true, visibility: 'secret', uses: ALL },
    {
      name: 'secret_note',
      type: { kind: 'integer', min: 0, max: 9 },
      nullable: false,
      visibility: 'secret',
      uses: [],
    },
  ],
}

/** Encoded integers, by column; `valid` false marks padding rows. */
export interface Rows {
  readonly count: number
  readonly valid: readonly boolean[]
  readonly columns: ReadonlyMap<string, readonly (bigint | null)[]>
}

/** A small deterministic generator, so that a printed seed gives the same rows and queries. */
export const createRandom = (seed: number) => {
  let state = (seed ^ 0x9e3779b9) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number): number => Math.floor(next() * count)
  return {
    below,
    between: (low: number, high: number): number => low + below(high - low + 1),
    chance: (probability: number): boolean => next() < probability,
    pick: <T>(list: readonly T[]): T => list[below(list.length)] as T,
  }
}
export type Random = ReturnType<typeof createRandom>

/** Values lean to the ends of their ranges and repeat often, where mistakes live. */
export const randomRows = (random: Random, count: number, padding = 0, schema: TableSchema = PAY): Rows => {
  const valid = Array.from({ length: count + padding }, (_, i) => i < count)
  const columns = schema.columns.map(({ name, type, nullable }): [string, (bigint | null)[]] => {
    const { low, high } = rangeOf(type)
    const few = Array.from({ length: 6 }, () => low + BigInt(random.between(0, Number(high - low))))
    return [
      name,
      valid.map(isValid => {
        if (!isValid || (nullable && random.chance(0.25))) return null
        if (random.chance(0.1)) return random.pick([low, high])
        return random.chance(0.5) ? random.pick(few) : low + BigInt(random.between(0, Number(high - low)))
      }),
    ]
  })
  return { count: count + padding, valid, columns: new Map(columns) }
}

export const dealRows = (rows: Rows, schema: TableSchema = PAY): readonly [Relation, Relation, Relation] => {
  const valid = dealBits(rows.valid)
  const secret = schema.columns
    .filter(column => column.visibility === 'secret')
    .map(column => {
      const values = rows.columns.get(column.name) as readonly (bigint | null)[]
      const { low } = rangeOf(column.type)
      const known = values.map(value => value !== null)
      return {
        column,
        slices: dealSlices(
          values.map(value => (value ?? low) - low),
          columnWidth(column),
        ),
        field: dealField(values.map(value => value ?? 0n)),
        bit: dealBits(known),
        indicator: dealField(known.map(value => (value ? 1n : 0n))),
      }
    })
  const open = schema.columns
    .filter(column => column.visibility === 'public')
    .map(
      column =>
        [
          column.name,
          { column, values: rows.columns.get(column.name) as readonly (bigint | null)[] },
        ] as const,
    )
  const [a, b, c] = PARTIES.map(
    (party): Relation => ({
      rows: rows.count,
      valid: valid[party],
      secret: new Map(
        secret.map(({ column, slices, field, bit, indicator }): [string, SecretColumn] => [
          column.name,
          {
            column,
            slices: slices[party],
            ...(hasField(column.type) && { field: field[party] }),
            ...(column.nullable && { notNull: { bit: bit[party], field: indicator[party] } }),
          },
        ]),
      ),
      public: new Map(open),
    }),
  )
  return [a as Relation, b as Relation, c as Relation]
}
