/** Whether an owner dominates a sum over some rows, by the rules' own words: owners' totals sorted, the largest first. */
import type { DominanceRule } from '../../data/policy.ts'
import type { Expression } from '../expression.ts'
import { evaluateFormula } from '../formula.ts'
import { termsOf } from '../magnitude.ts'
import type { Query } from '../query.ts'
import { columnOf, type Relation, rowOf } from './relation.ts'

const sumOf = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n)

const isWithin = (rule: DominanceRule, sorted: readonly bigint[]): boolean => {
  const total = sumOf(sorted)
  if (rule.rule === 'n-k') return 100n * sumOf(sorted.slice(0, rule.n)) <= BigInt(rule.k) * total
  return 100n * sumOf(sorted.slice(2)) >= BigInt(rule.p) * (sorted[0] ?? 0n)
}

export const isDominated = (
  query: Query,
  relation: Relation,
  rows: readonly number[],
  of: Expression,
): boolean =>
  (query.ownerRules ?? []).some(({ column, owners, dominance }) => {
    const places = columnOf(relation, column.name)
    return (dominance.length === 0 ? [] : termsOf(query, of)).some(term => {
      const totals = owners.map((_, place) =>
        sumOf(
          rows
            .filter(row => places[row] === BigInt(place))
            .map(row => evaluateFormula(term, rowOf(relation, row)).value ?? 0n),
        ),
      )
      const sorted = totals.toSorted((a, b) => Number(b > a) - Number(b < a))
      return !dominance.every(rule => isWithin(rule, sorted))
    })
  })
