/**
 * Interval arithmetic over everything that is computed in F_p: every value must stay in (-2^60, 2^60), or the query is
 * refused by the expression and the bound. So nothing ever wraps around, whatever the data.
 */
import { Refusal } from '../base/errors.ts'
import { rangeOf } from '../data/schema.ts'
import { FIELD_LIMIT } from '../field/field.ts'
import { isPublicPredicate, methodOf, scopeOf } from './compare.ts'
import {
  type Expression,
  isAggregate,
  type Predicate,
  scaleOf,
  show,
  showPredicate,
  walk,
  walkPredicate,
} from './expression.ts'
import type { ProvenRange } from './plan.ts'
import type { Query } from './query.ts'

interface Interval {
  readonly low: bigint
  readonly high: bigint
}

const least = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b < a ? b : a))
const greatest = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b > a ? b : a))
const hull = (...all: readonly Interval[]): Interval => ({
  low: least(all.map(one => one.low)),
  high: greatest(all.map(one => one.high)),
})
const ZERO: Interval = { low: 0n, high: 0n }
const times = (a: Interval, b: Interval): Interval => {
  const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]
  return { low: least(corners), high: greatest(corners) }
}
const exactly = (value: bigint): Interval => ({ low: value, high: value })
const negate = (a: Interval): Interval => ({ low: -a.high, high: -a.low })
const plus = (a: Interval, b: Interval): Interval => ({ low: a.low + b.low, high: a.high + b.high })
const power = (digits: number): Interval => exactly(10n ** BigInt(digits))

/** Throws Refusal('range-exceeded') or lists what was proven, for `explain`. */
export const proveRanges = (query: Query, rows: number): readonly ProvenRange[] => {
  const scope = scopeOf(query.schema.columns)
  const proven = new Map<string, Interval>()
  const allRows = exactly(BigInt(rows))

  const within = (what: string, range: Interval, hint: string): Interval => {
    const bound = -range.low > range.high ? range.low : range.high
    if (range.low <= -FIELD_LIMIT || range.high >= FIELD_LIMIT)
      throw new Refusal(
        'range-exceeded',
        `${what} may reach ${bound}, outside of (-2^60, 2^60) = ±${FIELD_LIMIT}.`,
        { hint },
      )
    return range
  }
  const NARROW = 'Tighter bounds in the schema, fewer decimals, or a smaller product make it fit.'

  /** The integer that stands for an expression. A column is 0 where it is NULL and in padding rows. */
  const rangeOfExpression = (of: Expression): Interval => {
    const range = within(
      `${show(of)}${scaleOf(of) > 0 ? `, times 10^${scaleOf(of)},` : ''}`,
      compute(of),
      NARROW,
    )
    if (of.kind !== 'constant' && of.kind !== 'column' && of.kind !== 'null') proven.set(show(of), range)
    return range
  }
  const at = (of: Expression, scale: number): Interval =>
    within(
      `${show(of)}, times 10^${scale},`,
      times(rangeOfExpression(of), power(scale - scaleOf(of))),
      NARROW,
    )

  const compute = (of: Expression): Interval => {
    switch (of.kind) {
      case 'constant':
        return exactly(BigInt(of.value))
      case 'null':
        return ZERO
      case 'column': {
        const column = scope.column(of.column)
        if (column === undefined) throw new Error(`column ${of.column} is not in scope`)
        return hull(rangeOf(column.type), ZERO)
      }
      case 'negate':
        return negate(rangeOfExpression(of.of))
      case 'add':
      case 'subtract': {
        const [left, right] = [at(of.left, scaleOf(of)), at(of.right, scaleOf(of))]
        return plus(left, of.kind === 'add' ? right : negate(right))
      }
      case 'multiply':
        return hull(times(rangeOfExpression(of.left), rangeOfExpression(of.right)), ZERO)
      case 'case':
        for (const branch of of.branches) checkPredicate(branch.when)
        return hull(
          ZERO,
          ...[...of.branches.map(branch => branch.value), of.otherwise].map(value => at(value, scaleOf(of))),
        )
      case 'count-star':
      case 'count':
        if (of.kind === 'count') rangeOfExpression(of.of)
        return { low: 0n, high: BigInt(rows) }
      case 'sum':
      case 'avg':
        return times(hull(rangeOfExpression(of.of), ZERO), allRows)
    }
  }

  /** Conditions inside CASE are computed wherever the expression's value or its NULLs are. */
  const checkConditions = (of: Expression): void => {
    for (const part of walk(of))
      if (part.kind === 'case') for (const branch of part.branches) checkPredicate(branch.when)
  }

  const checkPredicate = (of: Predicate): void => {
    if (isPublicPredicate(of, scope)) return
    switch (of.kind) {
      case 'compare': {
        if (methodOf(of, scope) !== 'difference') return
        const scale = Math.max(scaleOf(of.left), scaleOf(of.right))
        const difference = plus(at(of.left, scale), negate(at(of.right, scale)))
        // The sign of d is read from 2d + 1, and equality needs the sign of -d as well.
        const farthest = hull(difference, negate(difference), ZERO).high
        const twice = { low: -2n * farthest - 1n, high: 2n * farthest + 1n }
        proven.set(
          `2 * difference + 1 in ${showPredicate(of)}`,
          within(`Comparing ${showPredicate(of)}: twice the difference`, twice, NARROW),
        )
        return
      }
      case 'is-null':
        checkConditions(of.of)
        return
      case 'is':
      case 'not':
        checkPredicate(of.of)
        return
      case 'and':
      case 'or':
        for (const part of of.of) checkPredicate(part)
        return
      default:
        return
    }
  }

  /** Aggregates are secret totals; conditions on keys alone are decided when the plan is made. */
  const checkHaving = (of: Predicate): void => {
    if (of.kind === 'and' || of.kind === 'or') for (const part of of.of) checkHaving(part)
    else if (of.kind === 'is') checkHaving(of.of)
    else if (walkPredicate(of).some(isAggregate)) checkPredicate(of)
  }

  for (const aggregate of query.aggregates) rangeOfExpression(aggregate)
  if (query.where !== null) checkPredicate(query.where)
  if (query.having !== null) checkHaving(query.having)
  return [...proven].map(([what, { low, high }]) => ({ what, low: low.toString(), high: high.toString() }))
}
