/** Plain rows, as the evaluator sees them: encoded integers by column, null for NULL. Nothing here is secret. */
import type { LeafValue } from '../formula.ts'

/** A table as its owners hold it together; rows that are not valid are padding and do not count. */
export interface PlainTable {
  readonly count: number
  readonly valid: readonly boolean[]
  readonly columns: ReadonlyMap<string, readonly (bigint | null)[]>
}

export type PlainTables = ReadonlyMap<string, PlainTable>

/** Rows that all count. */
export interface Relation {
  readonly count: number
  readonly columns: ReadonlyMap<string, readonly (bigint | null)[]>
}

export const columnOf = ({ columns }: Relation, name: string): readonly (bigint | null)[] => {
  const values = columns.get(name)
  if (values === undefined) throw new Error(`no column ${name} to evaluate`)
  return values
}

/** The values of one row by column name. */
export const rowOf =
  ({ columns }: Relation, row: number): LeafValue =>
  name =>
    columns.get(name)?.[row]

export const pickRows = ({ columns }: Relation, rows: readonly number[]): Relation => ({
  count: rows.length,
  columns: new Map(
    Array.from(columns, ([name, values]) => [name, rows.map(row => values[row] as bigint | null)]),
  ),
})

export const withColumn = (
  { count, columns }: Relation,
  name: string,
  values: readonly (bigint | null)[],
): Relation => ({ count, columns: new Map([...columns, [name, values]]) })

export const everyRow = ({ count }: Relation): readonly number[] => Array.from({ length: count }, (_, i) => i)

/** Rows with equal values, NULL equal to NULL, in the order of their first row. */
export const partitionRows = (
  relation: Relation,
  names: readonly string[],
): readonly (readonly number[])[] => {
  const columns = names.map(name => columnOf(relation, name))
  const parts = new Map<string, number[]>()
  for (const row of everyRow(relation)) {
    const key = columns.map(values => `${values[row]}`).join()
    const part = parts.get(key)
    if (part === undefined) parts.set(key, [row])
    else part.push(row)
  }
  return [...parts.values()]
}
