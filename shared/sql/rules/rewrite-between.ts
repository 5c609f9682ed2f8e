/** x BETWEEN a AND b becomes x >= a AND x <= b, and NOT BETWEEN its negation, which is also what SQL says about NULL. */
import type { Predicate } from '../expression.ts'
import { type Rule, rewriteQuery } from './rule.ts'

export const rewriteBetween: Rule = {
  name: 'rewrite-between',
  apply: query =>
    rewriteQuery(query, {
      predicate: of => {
        if (of.kind !== 'between') return of
        const both: Predicate = {
          kind: 'and',
          of: [
            { kind: 'compare', comparison: '>=', left: of.of, right: of.low },
            { kind: 'compare', comparison: '<=', left: of.of, right: of.high },
          ],
        }
        return of.negated ? { kind: 'not', of: both } : both
      },
    }),
}
