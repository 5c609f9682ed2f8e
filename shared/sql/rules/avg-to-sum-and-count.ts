/**
 * AVG(x) is SUM(x) / COUNT(x). In the result both are revealed and the recipient divides, so no secret division is
 * needed. In HAVING both sides are multiplied with the counts, which are positive wherever the condition is known.
 */
import type { AggregateCall, Expression, Predicate } from '../expression.ts'
import type { Item } from '../query.ts'
import { overOne, type Quotient } from '../quotient.ts'
import { type Rule, rewriteConditions, rewritePredicate } from './rule.ts'

const average = (of: Expression): Quotient | undefined =>
  of.kind === 'avg'
    ? { numerator: { kind: 'sum', of: of.of }, denominators: [{ kind: 'count', of: of.of }] }
    : undefined

const clear = (of: Predicate): Predicate => {
  if (of.kind !== 'compare') return of
  const { left, right, denominators } = overOne(of.left, of.right, average)
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
