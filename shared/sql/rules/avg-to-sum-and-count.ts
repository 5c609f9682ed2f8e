/**
 * AVG(x) is SUM(x) / COUNT(x). In the result both are revealed and the recipient divides, so no secret division is
 * needed. In HAVING both sides are multiplied with the counts, which are positive wherever the condition is known.
 */
import type { AggregateCall, Expression, Predicate } from '../expression.ts'
import { show } from '../expression.ts'
import type { Item } from '../query.ts'
import { type Rule, rewriteConditions, rewritePredicate } from './rule.ts'

/** numerator / (product of the denominators) */
interface Ratio {
  readonly numerator: Expression
  readonly denominators: readonly AggregateCall[]
}

const times = (of: Expression, factors: readonly AggregateCall[]): Expression =>
  factors.reduce<Expression>((left, right) => ({ kind: 'multiply', left, right }), of)

/** The factors of `wanted` that `have` lacks, as multisets. */
const missing = (
  wanted: readonly AggregateCall[],
  have: readonly AggregateCall[],
): readonly AggregateCall[] => {
  const rest = have.map(show)
  return wanted.filter(factor => {
    const at = rest.indexOf(show(factor))
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
}

const ratioOf = (of: Expression): Ratio => {
  switch (of.kind) {
    case 'avg':
      return { numerator: { kind: 'sum', of: of.of }, denominators: [{ kind: 'count', of: of.of }] }
    case 'negate': {
      const { numerator, denominators } = ratioOf(of.of)
      return { numerator: { kind: 'negate', of: numerator }, denominators }
    }
    case 'multiply': {
      const [left, right] = [ratioOf(of.left), ratioOf(of.right)]
      return {
        numerator: { kind: 'multiply', left: left.numerator, right: right.numerator },
        denominators: [...left.denominators, ...right.denominators],
      }
    }
    case 'add':
    case 'subtract': {
      const { left, right, denominators } = overOne(of.left, of.right)
      return { numerator: { kind: of.kind, left, right }, denominators }
    }
    default:
      return { numerator: of, denominators: [] }
  }
}

/** Both numerators over one common denominator. */
const overOne = (a: Expression, b: Expression) => {
  const [left, right] = [ratioOf(a), ratioOf(b)]
  const denominators = [...left.denominators, ...missing(right.denominators, left.denominators)]
  return {
    left: times(left.numerator, missing(denominators, left.denominators)),
    right: times(right.numerator, missing(denominators, right.denominators)),
    denominators,
  }
}

const clear = (of: Predicate): Predicate => {
  if (of.kind !== 'compare') return of
  const { left, right, denominators } = overOne(of.left, of.right)
  return denominators.length === 0 ? of : { ...of, left, right }
}

export const avgToSumAndCount: Rule = {
  name: 'avg-to-sum-and-count',
  apply: query => {
    const aggregates: AggregateCall[] = []
    const add = (aggregate: AggregateCall): number => aggregates.push(aggregate) - 1
    const items = query.items.map((item): Item => {
      if (item.kind !== 'aggregate') return item
      const aggregate = query.aggregates[item.aggregate] as AggregateCall
      if (aggregate.kind !== 'avg') return { ...item, aggregate: add(aggregate) }
      const { of } = aggregate
      return {
        name: item.name,
        kind: 'ratio',
        sum: add({ kind: 'sum', of }),
        count: add({ kind: 'count', of }),
      }
    })
    const cleared = rewriteConditions({ ...query, where: null }, whole =>
      rewritePredicate(whole, { predicate: clear }),
    )
    return { ...query, items, aggregates, having: cleared.having }
  },
}
