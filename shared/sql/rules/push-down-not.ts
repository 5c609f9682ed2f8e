/**
 * Pushes NOT down to the comparisons, where it costs nothing, and flattens AND and OR. Afterwards NOT stands only inside
 * `negated` forms, so a condition is true exactly when the truth of its leaves says so: unknown can be treated as false.
 *
 * `IS TRUE` at a place where only truth matters is the condition itself; `IS FALSE` is its negation.
 */
import type { Comparison, Predicate } from '../expression.ts'
import { type Rule, rewriteConditions } from './rule.ts'

const OPPOSITE: Readonly<Record<Comparison, Comparison>> = {
  '=': '<>',
  '<>': '=',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
}

/** A condition that is true when `of` is true (or, negated, when `of` is false), and never true when it is unknown. */
const push = (of: Predicate, negated: boolean): Predicate => {
  switch (of.kind) {
    case 'literal':
      return { kind: 'literal', value: of.value === null ? null : of.value !== negated }
    case 'compare':
      return negated ? { ...of, comparison: OPPOSITE[of.comparison] } : of
    case 'between':
    case 'in':
    case 'is-null':
    case 'truth':
    case 'similar':
      return negated ? { ...of, negated: !of.negated } : of
    case 'not':
      return push(of.of, !negated)
    case 'and':
    case 'or': {
      const kind = (of.kind === 'and') !== negated ? 'and' : 'or'
      const parts = of.of.map(part => push(part, negated))
      return { kind, of: parts.flatMap(part => (part.kind === kind ? part.of : [part])) }
    }
    case 'is':
      return pushIs(of.of, of.value, of.negated !== negated)
  }
}

const pushIs = (of: Predicate, value: boolean | null, negated: boolean): Predicate => {
  if (value !== null) {
    const truth = push(of, !value)
    // "is not true" is true also where the condition is unknown: the complement of a two-valued truth.
    return negated ? { kind: 'is', of: truth, value: true, negated: true } : truth
  }
  const isTrue = push(of, false)
  const isFalse = push(of, true)
  return negated
    ? { kind: 'or', of: [isTrue, isFalse] }
    : {
        kind: 'and',
        of: [
          { kind: 'is', of: isTrue, value: true, negated: true },
          { kind: 'is', of: isFalse, value: true, negated: true },
        ],
      }
}

export const pushDownNot: Rule = {
  name: 'push-down-not',
  apply: query => rewriteConditions(query, of => push(of, false)),
}
