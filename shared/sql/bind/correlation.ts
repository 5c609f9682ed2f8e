/**
 * Conditions of a subquery that speak of the query around it. Equalities between a column inside and a column outside
 * become the keys of a join; everything else stays in the subquery, where columns from outside are unknown.
 */
import type { ColumnRef, Node, SelectStmt } from 'libpg-query'
import type { Environment } from './environment.ts'
import { type BindBlock, readFrom } from './from.ts'
import { createScope, type Scope } from './scope.ts'
import { conjunctsOf, get, nameOf } from './syntax.ts'

export interface Correlation {
  /** Columns of the block around, in the order of `keys`. */
  readonly on: readonly ColumnRef[]
  /** Columns of the subquery that equal them. */
  readonly keys: readonly Node[]
  /** The subquery's WHERE without these equalities. */
  readonly where: Node | undefined
  readonly isInside: (ref: ColumnRef) => boolean
}

/** Columns that a condition names, those of subqueries in it left out. */
const refsIn = (node: unknown): readonly ColumnRef[] => {
  if (typeof node !== 'object' || node === null || 'SubLink' in node) return []
  const ref = get(node as Node, 'ColumnRef')
  return ref === undefined ? Object.values(node).flatMap(refsIn) : [ref]
}

export const correlationOf = (
  outer: Scope,
  environment: Environment,
  select: SelectStmt,
  block: BindBlock,
): Correlation => {
  const { relations } = readFrom(environment, select, block)
  const inside = createScope(environment.parsed, relations, environment.complaints, new Map())
  const isInside = (ref: ColumnRef | undefined): boolean =>
    ref !== undefined && inside.findColumn(ref) !== undefined
  const isOutside = (ref: ColumnRef | undefined): boolean =>
    ref !== undefined && !isInside(ref) && outer.findColumn(ref) !== undefined
  const on: ColumnRef[] = []
  const keys: Node[] = []
  const rest: Node[] = []
  for (const part of conjunctsOf(select.whereClause)) {
    const of = get(part, 'A_Expr')
    const isEquality = of?.kind === 'AEXPR_OP' && nameOf(of.name).at(-1) === '='
    const [left, right] = [get(of?.lexpr, 'ColumnRef'), get(of?.rexpr, 'ColumnRef')]
    const [mine, theirs, node] =
      isInside(left) && isOutside(right)
        ? [left, right, of?.lexpr]
        : isInside(right) && isOutside(left)
          ? [right, left, of?.rexpr]
          : []
    if (!isEquality || mine === undefined || theirs === undefined) {
      if (refsIn(part).some(isOutside))
        outer.unsupported(
          'A condition of a subquery on the query around that is no equality of two columns',
          part,
          'Join an inner query that is grouped by what is equal, and compare with its totals.',
        )
      rest.push(part)
    } else {
      on.push(theirs)
      keys.push(node as Node)
    }
  }
  const where =
    rest.length <= 1
      ? rest[0]
      : ({ BoolExpr: { boolop: 'AND_EXPR', args: rest, location: -1 } } as unknown as Node)
  return { on, keys, where, isInside }
}
