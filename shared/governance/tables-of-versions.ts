/** The tables that dataset versions make together: versions of one table, whoever owns them, are one table. */
import { canonicalJson, type Json } from '../base/canonical.ts'
import { Refusal } from '../base/errors.ts'
import type { TableSchema } from '../data/schema.ts'
import type { DatasetVersion } from './document/dataset-version.ts'

export interface VersionedTable {
  readonly schema: TableSchema
  /** Of all versions together, padding included. */
  readonly rows: number
}

/** In the order of their first version. Throws Refusal('request-schemas-differ'). */
export const tablesOfVersions = (versions: readonly DatasetVersion[]): readonly VersionedTable[] => {
  const tables = new Map<string, { readonly first: DatasetVersion; rows: number }>()
  for (const version of versions) {
    const known = tables.get(version.schema.table)
    if (known === undefined) tables.set(version.schema.table, { first: version, rows: version.rows })
    else {
      const [text, other] = [known.first, version].map(one => canonicalJson(one.schema as unknown as Json))
      if (text !== other)
        throw new Refusal(
          'request-schemas-differ',
          `${known.first.owner} and ${version.owner} describe table ${version.schema.table} differently`,
          { hint: 'all owners of a table share their data under one and the same schema' },
        )
      known.rows += version.rows
    }
  }
  return [...tables.values()].map(({ first, rows }) => ({ schema: first.schema, rows }))
}
