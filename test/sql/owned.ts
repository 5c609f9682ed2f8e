/** Rows of several owners with policies: the same statement asked of three parties, of the evaluator, and of DuckDB. */
import { type TableSchema, tableSchema } from '../../shared/data/schema.ts'
import { bind } from '../../shared/sql/bind/bind.ts'
import { compile } from '../../shared/sql/compile.ts'
import { costOf } from '../../shared/sql/cost.ts'
import type { TableOwner } from '../../shared/sql/demands.ts'
import { evaluate } from '../../shared/sql/evaluate/evaluate.ts'
import { OWNER_COLUMN, ownerColumn, withOwnerRules } from '../../shared/sql/owners.ts'
import { parseQuery } from '../../shared/sql/parse.ts'
import { rewrite } from '../../shared/sql/rewrite.ts'
import { runDealt } from './ask.ts'
import { dealRows, type Rows } from './table.ts'

export interface OwnedTable {
  readonly schema: TableSchema
  readonly rows: Rows
  readonly owners: readonly TableOwner[]
  /** Place of the owner of each row. */
  readonly places: readonly number[]
}

const withPlaces = ({ rows, places }: OwnedTable): Rows => ({
  ...rows,
  columns: new Map([...rows.columns, [OWNER_COLUMN, places.map(BigInt)]]),
})

/** As DuckDB knows it: whose row it is stands in a column of its own. */
export const asKnown = (table: OwnedTable): { readonly schema: TableSchema; readonly rows: Rows } => ({
  schema: tableSchema.parse({
    ...table.schema,
    columns: [...table.schema.columns, { ...ownerColumn(table.owners.length), name: 'owner_place' }],
  }),
  rows: {
    ...table.rows,
    columns: new Map([...table.rows.columns, ['owner_place', table.places.map(BigInt)]]),
  },
})

export const askOwned = async (
  sql: string,
  tables: readonly OwnedTable[],
  minimumGroupSize: number,
  epsilon?: string,
) => {
  const inputs = tables.map(({ schema, rows, owners }) => ({ schema, rows: rows.count, owners }))
  const compiled = await compile(sql, { tables: inputs, minimumGroupSize, epsilon })
  const dealt = tables.map(table => {
    const columns = [...table.schema.columns, ownerColumn(table.owners.length)]
    return [table.schema.table, dealRows(withPlaces(table), { ...table.schema, columns })] as const
  })
  const { report, cost: measured } = await runDealt(compiled, dealt)
  const query = withOwnerRules(rewrite(bind(await parseQuery(sql), inputs)), inputs)
  const evaluated = evaluate(query, new Map(tables.map(table => [table.schema.table, withPlaces(table)])), {
    minimumGroupSize: compiled.plan.minimumGroupSize,
  })
  const cost = await costOf(compiled)
  return {
    compiled,
    report,
    evaluated,
    announced: { rounds: cost.rounds, bytesPerParty: cost.bytesPerParty },
    measured,
  }
}
