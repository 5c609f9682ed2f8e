/**
 * From SQL text to everything that is agreed before a run. Deterministic: three parties and every owner that compile the
 * same text over the same schema, row count, group size, stage size and network get the same digests.
 */
import type { Json } from '../base/canonical.ts'
import { InputError } from '../base/errors.ts'
import { digestOf } from '../crypto/hash.ts'
import { bind } from './bind/bind.ts'
import { choosePlan } from './choose.ts'
import { demandsOf, strictestGroupSize, type TableInput } from './demands.ts'
import { discloses } from './disclosure.ts'
import { DEFAULT_NETWORK, MEMORY_MAX, memoryOf, type Network } from './estimate.ts'
import { fitsCells } from './lower/cells.ts'
import { ownerColumn, withOwnerRules } from './owners.ts'
import { parseQuery } from './parse.ts'
import type { CompiledQuery, PhysicalPlan } from './plan.ts'
import { checkPrivacy } from './privacy.ts'
import { showQuery, tablesRead } from './query.ts'
import { proveRanges } from './ranges.ts'
import { rewrite } from './rewrite.ts'

export interface CompileOptions {
  readonly tables: readonly TableInput[]
  /** What is asked for; where an owner of a table that is read demands more, that holds. */
  readonly minimumGroupSize: number
  /** What the report may spend of privacy budgets; see `privacy.ts`. */
  readonly epsilon?: string | undefined
  /** The federation's bound on the rows of one stage, a multiple of 64. */
  readonly stageRowsMax?: number | undefined
  /** Between the parties, as their manifest says it. */
  readonly network?: Network | undefined
}

/** More rows than one run can hold; keeps every public number exact. */
const MOST_ROWS = 2 ** 40

const checkMemory = (plan: PhysicalPlan): void => {
  const { step, bytes } = memoryOf(plan)
  if (bytes > MEMORY_MAX)
    throw new InputError(
      `The step ${step} needs about ${Math.ceil(bytes / 1e9)} GB of memory at each party; no function has more than ${MEMORY_MAX / 1e9}.`,
      { hint: 'Read fewer columns or rows, filter before joining, or declare tighter bounds.' },
    )
}

/** Throws InputError with the place in the text, Refusal('column-use'), Refusal('range-exceeded') or Refusal('policy-owners'). */
export const compile = async (sql: string, options: CompileOptions): Promise<CompiledQuery> => {
  const { tables, minimumGroupSize, stageRowsMax, epsilon, network = DEFAULT_NETWORK } = options
  for (const { rows } of tables)
    if (!Number.isSafeInteger(rows) || rows < 0 || rows > MOST_ROWS)
      throw new InputError(`The number of rows must be an integer from 0 to ${MOST_ROWS}.`)
  if (!Number.isSafeInteger(minimumGroupSize) || minimumGroupSize < 1 || minimumGroupSize > MOST_ROWS)
    throw new InputError('The minimum group size must be a whole number of at least 1.')
  const bound = withOwnerRules(rewrite(bind(await parseQuery(sql), tables)), tables)
  const read = tablesRead(bound)
  const demands = demandsOf(tables.filter(({ schema }) => read.has(schema.table)))
  checkPrivacy(bound, epsilon, demands, fitsCells(bound))
  // Of a statement that cannot be computed exactly, no plan is made.
  const ranges = proveRanges(bound)
  const { query, plan, considered } = await choosePlan(
    bound,
    {
      minimumGroupSize: strictestGroupSize(minimumGroupSize, demands),
      demands,
      epsilon,
      stageRowsMax,
      tables: new Map(
        tables.map(({ schema, rows, owners = [] }) => [
          schema.table,
          { columns: [...schema.columns, ownerColumn(owners.length)], rows },
        ]),
      ),
    },
    network,
  )
  if (epsilon !== undefined && !plan.perCell.some(({ operator }) => operator === 'noise'))
    throw new Error('a report that spends a privacy budget has noise')
  checkMemory(plan)
  const disclosure = discloses(plan)
  return {
    sql,
    logical: showQuery(query),
    plan,
    ranges,
    considered,
    disclosure,
    digest: digestOf(plan as unknown as Json),
    disclosureDigest: digestOf(disclosure as unknown as Json),
  }
}
