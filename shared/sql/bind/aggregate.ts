/** COUNT, SUM and AVG over an expression of one row. */
import type { FuncCall, Node } from 'libpg-query'
import { type AggregateCall, typeOf } from '../expression.ts'
import type { Binder, Place } from './binder.ts'
import { nameOf } from './syntax.ts'

const inAggregate: Place = { clause: 'an aggregate', use: 'aggregate' }

export const bindAggregate = (binder: Binder, of: FuncCall, node: Node): AggregateCall => {
  const name = nameOf(of.funcname).join('.')
  if (!['count', 'sum', 'avg'].includes(name))
    binder.unsupported(`The function ${name.toUpperCase()}`, node, 'The functions are COUNT, SUM and AVG.')
  const upper = name.toUpperCase()
  if (of.over !== undefined) binder.unsupported(`A window function (${upper} … OVER)`, node)
  if (of.agg_filter !== undefined)
    binder.unsupported('FILTER', node, `Write ${upper}(CASE WHEN condition THEN x END) instead.`)
  if (of.agg_distinct) binder.unsupported(`${upper}(DISTINCT …)`, node)
  if (of.agg_order !== undefined) binder.unsupported('ORDER BY inside an aggregate', node)
  if (of.agg_within_group) binder.unsupported('WITHIN GROUP', node)
  if (of.func_variadic) binder.unsupported('VARIADIC', node)
  if (of.agg_star) {
    if (name !== 'count') binder.fail(`${upper}(*) has no meaning.`, node)
    return { kind: 'count-star' }
  }
  const [argument, second] = of.args ?? []
  if (argument === undefined || second !== undefined) return binder.fail(`${upper} takes one argument.`, node)
  const bound = binder.expression(argument, inAggregate)
  const type = typeOf(bound)
  if (name !== 'count' && type !== 'number' && type !== undefined)
    binder.fail(
      `${upper} of a ${type} has no meaning.`,
      node,
      type === 'boolean'
        ? `Write ${upper}(CASE WHEN condition THEN 1 ELSE 0 END).`
        : `${upper} takes numbers.`,
    )
  return { kind: name as 'count' | 'sum' | 'avg', of: bound }
}
