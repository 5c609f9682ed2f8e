/** The rows that the owners of an example hold, checked against its schemas as a client checks them before it deals. */
import { readdirSync, readFileSync } from 'node:fs'
import type { OwnerTable } from '../../docs/examples/owner-table.ts'
import { checkRows } from '../../shared/data/check-rows.ts'
import { type TableSchema, tableSchema } from '../../shared/data/schema.ts'
import type { TestTable } from '../sql/logic/database.ts'

const schemasOf = (folder: URL): readonly TableSchema[] =>
  readdirSync(folder)
    .filter(name => name.endsWith('.schema.json'))
    .map(name => tableSchema.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))))

const encoded = (schema: TableSchema, { owner, table, columns, rows }: OwnerTable) => {
  const cells = columns.map((_, i) => rows.map(row => row[i] ?? null))
  const checked = checkRows(schema, { names: columns, columns: cells })
  if (!checked.ok) throw new Error(`${owner}.${table}: ${JSON.stringify(checked.violations.slice(0, 5))}`)
  return checked.columns
}

/** Each table of the example with the rows of all its owners, one owner after the other. */
export const tablesOfExample = (folder: URL, owned: readonly OwnerTable[]): readonly TestTable[] =>
  schemasOf(folder).map(schema => {
    const parts = owned.filter(({ table }) => table === schema.table).map(part => encoded(schema, part))
    const columns = schema.columns.map(
      ({ name }, i) => [name, parts.flatMap(part => [...(part[i] ?? [])])] as const,
    )
    const count = columns[0]?.[1].length ?? 0
    return { schema, rows: { count, valid: Array<boolean>(count).fill(true), columns: new Map(columns) } }
  })
