/** The reader's own compilation of a request: nobody's digest is trusted before it was computed here. */
import type { DatasetVersion } from '../../shared/governance/document/dataset-version.ts'
import type { Federation } from '../../shared/governance/document/federation.ts'
import { tablesOfVersions } from '../../shared/governance/tables-of-versions.ts'
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
  readonly epsilon?: string | undefined
  readonly federation: Federation
}

export const queryFor = (input: CompileInput): Promise<CompiledQuery> =>
  compile(input.sql, {
    tables: tablesOfVersions(input.versions),
    minimumGroupSize: input.minimumGroupSize,
    epsilon: input.epsilon,
    stageRowsMax: input.federation.policy.stageRowsMax,
    network: input.federation.policy.network,
  })

export const compileFor = async (input: CompileInput): Promise<Compilation> => {
  const query = await queryFor(input)
  return { query, cost: await costOf(query) }
}

/** The tables that a query names, in the order in which they first stand in its text. */
export const tablesIn = async (sql: string): Promise<readonly string[]> => {
  const { select } = await parseQuery(sql)
  const named = new Set<string>()
  const made = new Set<string>()
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const { RangeVar: table, CommonTableExpr: block } = node as {
      readonly RangeVar?: { readonly relname?: string }
      readonly CommonTableExpr?: { readonly ctename?: string }
    }
    if (table?.relname !== undefined) named.add(table.relname)
    if (block?.ctename !== undefined) made.add(block.ctename)
    for (const child of Object.values(node)) visit(child)
  }
  visit(select)
  return [...named].filter(name => !made.has(name))
}
