/** The pay report of `examples/payroll` as one operation: filter, one-hot groups, sums, suppression, reveal. */
import { readFileSync } from 'node:fs'
import type { PublicColumn, Relation, SecretColumn } from '../shared/data/relation.ts'
import {
  type Column,
  columnWidth,
  hasField,
  publicColumns,
  rangeOf,
  secretColumns,
  tableSchema,
} from '../shared/data/schema.ts'
import type { Session } from '../shared/session/session.ts'
import { compile } from '../shared/sql/compile.ts'
import { costOf } from '../shared/sql/cost.ts'
import { execute } from '../shared/sql/execute.ts'
import type { Operation } from './operations.ts'

const example = (file: string): string =>
  readFileSync(new URL(`../examples/payroll/${file}`, import.meta.url), 'utf8')

const compiledFor = async (rows: number) => {
  const schema = tableSchema.parse(JSON.parse(example('schema.json')))
  const query = await compile(example('report.sql'), { tables: [{ schema, rows }], minimumGroupSize: 10 })
  return { schema, query }
}

/** Secret columns hold masks; values outside the declared ranges cost what values inside cost. */
const secretColumn = (session: Session, column: Column, rows: number): SecretColumn => ({
  column,
  slices: Array.from({ length: columnWidth(column) }, (_, slice) =>
    session.maskBits(`${column.name}-${slice}`, rows),
  ),
  ...(hasField(column.type) && { field: session.maskField(`${column.name}-field`, rows) }),
  ...(column.nullable && {
    notNull: {
      bit: session.maskBits(`${column.name}-not-null`, rows),
      field: session.maskField(`${column.name}-not-null-field`, rows),
    },
  }),
})

/** Public columns go round their domain, so that the groups are of equal size. */
const publicColumn = (column: Column, rows: number): PublicColumn => {
  const { low, high } = rangeOf(column.type)
  const domain = Array.from({ length: Number(high - low) + 1 }, (_, i) => low + BigInt(i))
  return { column, values: Array.from({ length: rows }, (_, row) => domain[row % domain.length] as bigint) }
}

export const payReport: Operation = {
  name: 'pay report (rows)',
  n: 1_000_000,
  lowerBound: async n => {
    const { query } = await compiledFor(n)
    const { bytesPerParty } = await costOf(query)
    return bytesPerParty.reduce((total, bytes) => total + bytes, 0) / 3
  },
  prepare: async (session, rows) => {
    const { schema, query } = await compiledFor(rows)
    const relation: Relation = {
      rows,
      valid: session.maskBits('valid', rows),
      secret: new Map(
        secretColumns(schema).map(column => [column.name, secretColumn(session, column, rows)]),
      ),
      public: new Map(publicColumns(schema).map(column => [column.name, publicColumn(column, rows)])),
    }
    return timed => execute(timed, query.plan, new Map([[schema.table, relation]]))
  },
}
