/** COUNT(x) of an x that is never NULL is COUNT(*), which every plan counts anyway. */
import { isAlways, notNullOf } from '../contributors.ts'
import type { Expression } from '../expression.ts'
import { columnsOfQuery } from '../query.ts'
import { type Rule, rewriteQuery } from './rule.ts'

export const countNeverNull: Rule = {
  name: 'count-never-null',
  apply: query => {
    const nullable = (name: string): boolean =>
      columnsOfQuery(query).find(column => column.name === name)?.nullable === true
    return rewriteQuery(query, {
      expression: (of): Expression =>
        of.kind === 'count' && isAlways(notNullOf(of.of, nullable)) ? { kind: 'count-star' } : of,
    })
  },
}
