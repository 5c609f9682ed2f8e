/**
 * Interval arithmetic over everything that is computed in F_p: every value must stay in (-2^60, 2^60), or the query is
 * refused by the expression and the bound. So nothing ever wraps around, whatever the data.
 */
import { Refusal } from '../base/errors.ts'
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
import { hull, type Interval, intervalOf, negate, plus, power, times, ZERO } from './interval.ts'
import type { ProvenRange } from './plan.ts'
import { columnsOfQuery, type Query, type Source } from './query.ts'

const NARROW = 'Tighter bounds in the schema, fewer decimals, or a smaller product make it fit.'

/** Throws Refusal('range-exceeded') or lists what was proven, for `explain`. Inner blocks come first. */
export const proveRanges = (query: Query): readonly ProvenRange[] => [
  ...[query.from, ...query.beside].flatMap(blocksOf).flatMap(proveRanges),
  ...proveBlock(query),
]

const blocksOf = (source: Source): readonly Query[] => {
  switch (source.kind) {
    case 'table':
      return []
    case 'derived':
      return [source.query]
    case 'union':
      return source.queries
    case 'filter':
      return blocksOf(source.input)
    case 'join':
      return [...blocksOf(source.left), ...blocksOf(source.right)]
  }
}

/** Conditions below joins, those of inner blocks left out: they speak of the columns of the block. */
const filtersOf = (source: Source): readonly Predicate[] => {
  if (source.kind === 'filter') return [source.where, ...filtersOf(source.input)]
  return source.kind === 'join' ? [...filtersOf(source.left), ...filtersOf(source.right)] : []
}

const proveBlock = (query: Query): readonly ProvenRange[] => {
  const scope = scopeOf(columnsOfQuery(query))
  const proven = new Map<string, Interval>()

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

  const rangeOfExpression = (of: Expression): Interval =>
    intervalOf(of, { column: scope.column, rows: query.from.rows }, (part, scale, range) => {
      within(`${show(part)}${scale > 0 ? `, times 10^${scale},` : ''}`, range, NARROW)
      if (
        scale === scaleOf(part) &&
        part.kind !== 'constant' &&
        part.kind !== 'column' &&
        part.kind !== 'null'
      )
        proven.set(show(part), range)
      if (part.kind === 'case') for (const branch of part.branches) checkPredicate(branch.when)
    })
  const at = (of: Expression, scale: number): Interval =>
    within(
      `${show(of)}, times 10^${scale},`,
      times(rangeOfExpression(of), power(scale - scaleOf(of))),
      NARROW,
    )

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

  for (const { of } of query.computed) rangeOfExpression(of)
  for (const call of query.windows) if (call.kind === 'sum') rangeOfExpression({ kind: 'sum', of: call.of })
  for (const aggregate of query.aggregates) rangeOfExpression(aggregate)
  for (const item of query.items) if (item.kind === 'value') rangeOfExpression(item.of)
  for (const where of filtersOf(query.from)) checkPredicate(where)
  if (query.where !== null) checkPredicate(query.where)
  if (query.having !== null) checkHaving(query.having)
  return [...proven].map(([what, { low, high }]) => ({ what, low: low.toString(), high: high.toString() }))
}
