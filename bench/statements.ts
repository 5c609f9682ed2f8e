/**
 * Statements over whole tables as operations: groups with secret keys, medians, joins, intersections. Rows are public
 * values in the form of shares, which costs what secret ones cost and keeps declared keys unique.
 */

import { bits, bitsOnes } from '../shared/bits/bits.ts'
import type { PublicColumn, Relation, SecretColumn } from '../shared/data/relation.ts'
import { type Column, columnWidth, hasField, rangeOf, type TableSchema } from '../shared/data/schema.ts'
import { encodeInteger, field } from '../shared/field/field.ts'
import type { Session } from '../shared/session/session.ts'
import { shareOfBits, shareOfField } from '../shared/sharing/shared.ts'
import { compile } from '../shared/sql/compile.ts'
import { costOf } from '../shared/sql/cost.ts'
import { execute } from '../shared/sql/execute.ts'
import type { Operation } from './operations.ts'

const secretColumn = ({ kernel, party }: Session, column: Column, rows: number): SecretColumn => {
  const { low, high } = rangeOf(column.type)
  const size = high - low + 1n
  const offsets = BigUint64Array.from({ length: rows }, (_, row) => BigInt(row) % size)
  return {
    column,
    slices: kernel
      .toSlices(offsets, columnWidth(column))
      .map(slice => shareOfBits(kernel, party, bits(slice, rows))),
    ...(hasField(column.type) && {
      field: shareOfField(
        kernel,
        party,
        field(
          offsets.map(offset => encodeInteger(low + offset)),
          rows,
        ),
      ),
    }),
  }
}

const nullable = ({ kernel, party }: Session, rows: number) => ({
  notNull: {
    bit: shareOfBits(kernel, party, bitsOnes(kernel, rows)),
    field: shareOfField(kernel, party, field(new BigUint64Array(rows).fill(1n), rows)),
  },
})

/** Public columns go round their domain. */
const publicColumn = (column: Column, rows: number): PublicColumn => {
  const { low, high } = rangeOf(column.type)
  const size = high - low + 1n
  return { column, values: Array.from({ length: rows }, (_, row) => low + (BigInt(row) % size)) }
}

const relationOf = (session: Session, { columns }: Pick<TableSchema, 'columns'>, rows: number): Relation => {
  const seen = (visibility: Column['visibility']): readonly Column[] =>
    columns.filter(column => column.visibility === visibility)
  return {
    rows,
    valid: shareOfBits(session.kernel, session.party, bitsOnes(session.kernel, rows)),
    secret: new Map(
      seen('secret').map(column => [
        column.name,
        { ...secretColumn(session, column, rows), ...(column.nullable && nullable(session, rows)) },
      ]),
    ),
    public: new Map(seen('public').map(column => [column.name, publicColumn(column, rows)])),
  }
}

const integer = (name: string, size: number): Column => ({
  name,
  type: { kind: 'integer', min: 0, max: size - 1 },
  nullable: false,
  visibility: 'secret',
  uses: ['filter', 'group', 'join', 'aggregate'],
})

const ID = 2 ** 32
const FACTS: TableSchema = {
  table: 'facts',
  columns: [integer('id', ID), integer('grp', 1000), integer('amount', 100_000)],
}
const PERSONS: TableSchema = {
  table: 'persons',
  columns: [integer('id', ID), integer('ward', 5000)],
  keys: [{ columns: ['id'], rowsMax: 1 }],
}

interface TableOf {
  readonly schema: TableSchema
  /** Rows for n of the operation. */
  readonly rows: (n: number) => number
}

interface StatementOptions {
  /** Of the operation, at full size. */
  readonly n: number
  readonly minimumGroupSize: number
}

export const statement = (
  name: string,
  sql: string,
  tables: readonly TableOf[],
  { n: full, minimumGroupSize }: StatementOptions = { n: 1_000_000, minimumGroupSize: 10 },
): Operation => {
  const compiled = (n: number) =>
    compile(sql, {
      tables: tables.map(({ schema, rows }) => ({ schema, rows: rows(n) })),
      minimumGroupSize,
    })
  return {
    name,
    n: full,
    lowerBound: async n => {
      const { bytesPerParty } = await costOf(await compiled(n))
      return bytesPerParty.reduce((total, bytes) => total + bytes, 0) / 3
    },
    prepare: async (session, n) => {
      const { plan } = await compiled(n)
      const relations = new Map(
        tables.map(({ schema, rows }) => {
          const read = plan.tables.find(({ table }) => table === schema.table)
          return [
            schema.table,
            relationOf(session, { columns: [...(read?.columns ?? [])] }, rows(n)),
          ] as const
        }),
      )
      return timed => execute(timed, plan, relations)
    },
  }
}

const all = (n: number): number => n
const tenth = (n: number): number => Math.max(1, Math.floor(n / 10))

export const STATEMENTS: readonly Operation[] = [
  // A million groups are possible, a thousand are there: too many for cells.
  statement('group by, secret keys (rows)', 'SELECT id, COUNT(*), SUM(amount) FROM facts GROUP BY id', [
    { schema: FACTS, rows: all },
  ]),
  statement('median (rows)', 'SELECT MEDIAN(amount) FROM facts', [{ schema: FACTS, rows: all }]),
  statement(
    'join, a tenth of keys, grouped (rows)',
    'SELECT ward, COUNT(*), SUM(amount) FROM facts f JOIN persons p ON f.id = p.id GROUP BY ward',
    [
      { schema: FACTS, rows: all },
      { schema: PERSONS, rows: tenth },
    ],
  ),
  statement(
    'intersection, counted (rows a side)',
    'SELECT COUNT(*) FROM facts WHERE id IN (SELECT id FROM persons)',
    [
      { schema: FACTS, rows: all },
      { schema: PERSONS, rows: all },
    ],
  ),
]
