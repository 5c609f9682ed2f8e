/** The tables that dataset versions make together: versions of one table, whoever owns them, are one table. */
import { canonicalJson, type Json } from '../base/canonical.ts'
import { Refusal } from '../base/errors.ts'
import type { TableSchema } from '../data/schema.ts'
import type { TableOwner } from '../sql/demands.ts'
import type { DatasetVersion } from './document/dataset-version.ts'

export interface VersionedTable {
  readonly schema: TableSchema
  /** Of all versions together, padding included. */
  readonly rows: number
  /** One a version, in the order in which their rows stand. */
  readonly owners: readonly TableOwner[]
}

/** What all owners of a table must say alike: everything but what each of them demands. */
const common = ({ policy: _, ...schema }: TableSchema): string => canonicalJson(schema as unknown as Json)

/** In the order of their first version. Throws Refusal('request-schemas-differ'). */
export const tablesOfVersions = (versions: readonly DatasetVersion[]): readonly VersionedTable[] => {
  const tables = new Map<string, { readonly first: DatasetVersion; rows: number; owners: TableOwner[] }>()
  for (const version of versions) {
    const known = tables.get(version.schema.table)
    const { policy } = version.schema
    const owner = { name: version.owner, ...(policy !== undefined && { policy }) }
    if (known === undefined)
      tables.set(version.schema.table, { first: version, rows: version.rows, owners: [owner] })
    else {
      if (common(known.first.schema) !== common(version.schema))
        throw new Refusal(
          'request-schemas-differ',
          `${known.first.owner} and ${version.owner} describe table ${version.schema.table} differently`,
          {
            hint: 'all owners of a table share their data under one and the same schema; only `policy` may differ',
          },
        )
      known.rows += version.rows
      known.owners.push(owner)
    }
  }
  return [...tables.values()].map(({ first, rows, owners }) => ({ schema: first.schema, rows, owners }))
}
