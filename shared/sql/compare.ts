/** The ways to compare, cheapest first; the range analysis and the filter operator must choose alike. */
import { type Column, rangeOf } from '../data/schema.ts'
import {
  columnsOf,
  type Expression,
  isAggregate,
  type Predicate,
  scaleOf,
  walk,
  walkPredicate,
} from './expression.ts'

/** What is known about a name: its column, and whether its values are in the clear. */
export interface Scope {
  column(name: string): Column | undefined
  isPublic(name: string): boolean
}

export const scopeOf = (columns: readonly Column[]): Scope => {
  const named = new Map(columns.map(column => [column.name, column]))
  return { column: name => named.get(name), isPublic: name => named.get(name)?.visibility === 'public' }
}

export type Compare = Extract<Predicate, { kind: 'compare' }>

const isPublic = (all: readonly Expression[], scope: Scope): boolean =>
  all.every(of => !isAggregate(of)) && [...columnsOf(all)].every(name => scope.isPublic(name))

/** Nothing secret is read: every party computes it by itself. */
export const isPublicPredicate = (of: Predicate, scope: Scope): boolean => isPublic(walkPredicate(of), scope)
export const isPublicExpression = (of: Expression, scope: Scope): boolean => isPublic(walk(of), scope)

/**
 *  - `constant`: bits of a secret column against a public constant;
 *  - `slices`: bits of two columns with one range;
 *  - `difference`: the sign of left - right in F_p, for everything else.
 */
export const methodOf = ({ left, right }: Compare, scope: Scope): 'constant' | 'slices' | 'difference' => {
  const a = left.kind === 'column' ? scope.column(left.column) : undefined
  if (a === undefined) return 'difference'
  if (right.kind === 'constant') return 'constant'
  const b = right.kind === 'column' ? scope.column(right.column) : undefined
  if (b === undefined) return 'difference'
  const [x, y] = [rangeOf(a.type), rangeOf(b.type)]
  return x.low === y.low && x.high === y.high && scaleOf(left) === scaleOf(right) ? 'slices' : 'difference'
}
