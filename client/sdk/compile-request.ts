/** The reader's own compilation of a request: nobody's digest is trusted before it was computed here. */
import { canonicalJson, type Json } from '../../shared/base/canonical.ts'
import { InputError } from '../../shared/base/errors.ts'
import type { TableSchema } from '../../shared/data/schema.ts'
import type { DatasetVersion } from '../../shared/governance/document/dataset-version.ts'
import type { Federation } from '../../shared/governance/document/federation.ts'
import { compile } from '../../shared/sql/compile.ts'
import { costOf } from '../../shared/sql/cost.ts'
import { parseQuery } from '../../shared/sql/parse.ts'
import type { CompiledQuery, Cost } from '../../shared/sql/plan.ts'

export interface Compilation {
  readonly query: CompiledQuery
  readonly cost: Cost
}

export interface CompileInput {
  readonly sql: string
  readonly versions: readonly DatasetVersion[]
  readonly minimumGroupSize: number
  readonly federation: Federation
}

/** The schema that all versions share. Throws InputError when they differ. */
const commonSchema = (versions: readonly DatasetVersion[]): TableSchema => {
  const [first, ...others] = versions
  if (first === undefined)
    throw new InputError('there is no data to compute on', { hint: 'Owners share data first.' })
  const text = canonicalJson(first.schema as unknown as Json)
  const other = others.find(({ schema }) => canonicalJson(schema as unknown as Json) !== text)
  if (other !== undefined)
    throw new InputError(`${first.owner} and ${other.owner} describe table ${first.table} differently`, {
      hint: 'All owners share their data under one and the same schema.',
    })
  return first.schema
}

export const compileFor = async (input: CompileInput): Promise<Compilation> => {
  const query = await compile(input.sql, {
    schema: commonSchema(input.versions),
    rows: input.versions.reduce((sum, version) => sum + version.rows, 0),
    minimumGroupSize: input.minimumGroupSize,
    stageRowsMax: input.federation.policy.stageRowsMax,
  })
  return { query, cost: await costOf(query) }
}

/** The table that a query reads, as it is written; undefined when that cannot be told. */
export const tableOf = async (sql: string): Promise<string | undefined> => {
  const { select } = await parseQuery(sql)
  const [from] = select.fromClause ?? []
  return from !== undefined && 'RangeVar' in from ? from.RangeVar.relname : undefined
}
