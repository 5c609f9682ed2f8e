/** Asks a query of three parties in memory, as the recipient would see it. */

import type { Relation } from '../../shared/data/relation.ts'
import type { TableSchema } from '../../shared/data/schema.ts'
import { decodeInteger } from '../../shared/field/field.ts'
import { referenceKernel } from '../../shared/kernel/reference.ts'
import { reconstructField } from '../../shared/sharing/reconstruct.ts'
import { compile } from '../../shared/sql/compile.ts'
import type { Network } from '../../shared/sql/estimate.ts'
import { execute, type Relations } from '../../shared/sql/execute.ts'
import { finish } from '../../shared/sql/finish.ts'
import type { CompiledQuery } from '../../shared/sql/plan.ts'
import { measuredCost, runThree, type ThreeOptions } from '../support/three-parties.ts'
import { dealRows, PAY, type Rows } from './table.ts'

/** The one table of a query, as `execute` takes it. */
export const tablesOf = (relation: Relation, schema: TableSchema = PAY): Relations =>
  new Map([[schema.table, relation]])

type Machine = Pick<ThreeOptions, 'kernel' | 'keystream' | 'createHash'>

export const runCompiled = (compiled: CompiledQuery, rows: Rows, schema: TableSchema = PAY) =>
  runDealt(compiled, [[schema.table, dealRows(rows, schema)]])

export const ask = async (sql: string, rows: Rows, minimumGroupSize: number, schema: TableSchema = PAY) => {
  const compiled = await compile(sql, { tables: [{ schema, rows: rows.count }], minimumGroupSize })
  return { compiled, ...(await runCompiled(compiled, rows, schema)) }
}

/** Runs a plan over what each party holds of each table, and reads the result as its recipient. */
export const runDealt = async (
  compiled: CompiledQuery,
  dealt: readonly (readonly [table: string, relations: ReturnType<typeof dealRows>])[],
  machine: Machine = {},
) => {
  const run = await runThree(
    session =>
      execute(
        session,
        compiled.plan,
        new Map(dealt.map(([table, relations]) => [table, relations[session.party]])),
      ),
    { ...machine, seed: compiled.digest },
  )
  const values = Array.from(reconstructField(referenceKernel, run.results).words, decodeInteger)
  return { values, cost: measuredCost(run), report: finish(compiled, values) }
}

/** The same over several tables. */
export const askTables = async (
  sql: string,
  tables: readonly { readonly schema: TableSchema; readonly rows: Rows }[],
  minimumGroupSize: number,
  network?: Network,
  machine: Machine = {},
) => {
  const compiled = await compile(sql, {
    tables: tables.map(({ schema, rows }) => ({ schema, rows: rows.count })),
    minimumGroupSize,
    network,
  })
  const dealt = tables.map(({ schema, rows }) => [schema.table, dealRows(rows, schema)] as const)
  return { compiled, ...(await runDealt(compiled, dealt, machine)) }
}
