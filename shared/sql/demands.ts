/**
 * What the owners of the tables that a query reads demand of its result. Each owner signs its own policy; of several the
 * strictest holds, and the plan says whose it is.
 */
import type { Policy } from '../data/policy.ts'
import type { TableSchema } from '../data/schema.ts'

/** An owner of some rows of a table, in the order in which their rows stand. */
export interface TableOwner {
  readonly name: string
  readonly policy?: Policy
}

/** A table that a query may read. */
export interface TableInput {
  readonly schema: TableSchema
  /** Public: rows of all dataset versions together. */
  readonly rows: number
  /** Left out where nobody has shared it yet: then the schema's own policy is that of all owners. */
  readonly owners?: readonly TableOwner[]
}

/** One owner's policy for one table, as it stands in the plan. */
export interface Demand {
  readonly table: string
  readonly owner: string
  readonly policy: Policy
}

export const demandsOf = (tables: readonly TableInput[]): readonly Demand[] =>
  tables.flatMap(({ schema: { table, policy: own }, owners }) =>
    (owners ?? [{ name: `every owner of ${table}`, ...(own !== undefined && { policy: own }) }]).flatMap(
      ({ name, policy }) => (policy === undefined ? [] : [{ table, owner: name, policy }]),
    ),
  )

/** The strictest of what was asked for and what is demanded. */
export const strictestGroupSize = (asked: number, demands: readonly Demand[]): number =>
  Math.max(asked, ...demands.map(({ policy }) => policy.minimumGroupSize ?? 1))
