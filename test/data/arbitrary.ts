/** Random schemas and rows that fit them. */
import fc from 'fast-check'
import { formatDate, formatScaled } from '../../shared/data/exact.ts'
import {
  type Column,
  type ColumnType,
  rangeOf,
  type TableSchema,
  tableSchema,
} from '../../shared/data/schema.ts'

const LIMIT = (1n << 60n) - 1n

const bounds = (low: bigint, high: bigint): fc.Arbitrary<[bigint, bigint]> =>
  fc
    .tuple(fc.bigInt(low, high), fc.bigInt(low, high))
    .map(([a, b]): [bigint, bigint] => (a <= b ? [a, b] : [b, a]))

const integerBounds = fc.oneof(
  bounds(-LIMIT, LIMIT),
  bounds(-100n, 100n),
  fc.constant<[bigint, bigint]>([-LIMIT, LIMIT]),
)

const anyType: fc.Arbitrary<ColumnType> = fc.oneof(
  integerBounds.map(([min, max]): ColumnType => ({ kind: 'integer', min: `${min}`, max: `${max}` })),
  fc.tuple(fc.integer({ min: 0, max: 18 }), integerBounds).map(
    ([scale, [min, max]]): ColumnType => ({
      kind: 'decimal',
      scale,
      min: formatScaled(min, scale),
      max: formatScaled(max, scale),
    }),
  ),
  fc.constant<ColumnType>({ kind: 'boolean' }),
  bounds(-719_528n, 2_932_896n).map(
    ([min, max]): ColumnType => ({ kind: 'date', min: formatDate(min), max: formatDate(max) }),
  ),
  fc
    .uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 20 })
    .map((values): ColumnType => ({ kind: 'category', values })),
)

const anyColumn: fc.Arbitrary<Omit<Column, 'name'>> = fc.record({
  type: anyType,
  nullable: fc.boolean(),
  visibility: fc.constantFrom('public' as const, 'secret' as const, 'secret' as const),
  uses: fc.constant([]),
})

export const anySchema: fc.Arbitrary<TableSchema> = fc
  .array(anyColumn, { minLength: 1, maxLength: 5 })
  .map(columns =>
    tableSchema.parse({ table: 't', columns: columns.map((column, i) => ({ name: `c${i}`, ...column })) }),
  )

/** Encoded rows, column-major. */
export const columnsOf = (schema: TableSchema, rowsMax = 150): fc.Arbitrary<(bigint | null)[][]> =>
  fc.integer({ min: 0, max: rowsMax }).chain(rows =>
    fc.tuple(
      ...schema.columns.map(({ type, nullable }) => {
        const { low, high } = rangeOf(type)
        const value = fc.oneof(fc.bigInt(low, high), fc.constantFrom(low, high))
        return fc.array(nullable ? fc.option(value, { freq: 4 }) : value, {
          minLength: rows,
          maxLength: rows,
        })
      }),
    ),
  )

export const schemaAndColumns = anySchema.chain(schema => fc.tuple(fc.constant(schema), columnsOf(schema)))
