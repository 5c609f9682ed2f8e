/**
 * Syntax tree to logical plan: names become columns, literals take the type of what they meet, and every construct that
 * is not supported is refused by name and place.
 */
import type { TableSchema } from '../../data/schema.ts'
import type { ParsedQuery } from '../parse.ts'
import type { Query } from '../query.ts'
import { bindAggregate } from './aggregate.ts'
import type { Binder } from './binder.ts'
import { complaintsAbout } from './complaints.ts'
import { bindExpression } from './expression.ts'
import { bindKeys } from './group-by.ts'
import { bindOrder, countOf } from './order-by.ts'
import { bindComparison, bindPredicate } from './predicate.ts'
import { refuseClauses } from './refuse-clauses.ts'
import { createScope } from './scope.ts'
import { bindTargets, targetsOf } from './targets.ts'

export const bind = (
  parsed: ParsedQuery,
  tables: readonly { readonly schema: TableSchema; readonly rows: number }[],
): Query => {
  const [{ schema, rows }] = tables as [{ schema: TableSchema; rows: number }]
  const { select } = parsed
  const complaints = complaintsAbout(parsed)
  refuseClauses(parsed, complaints)
  const scope = createScope(parsed, schema, complaints)
  const binder: Binder = {
    ...scope,
    expression: (...of) => bindExpression(binder, ...of),
    predicate: (...of) => bindPredicate(binder, ...of),
    comparison: (...of) => bindComparison(binder, ...of),
    aggregate: (...of) => bindAggregate(binder, ...of),
  }
  const { whereClause, havingClause, limitCount, limitOffset } = select
  const targets = targetsOf(scope, select)
  const keys = bindKeys(scope, select, targets)
  const where = whereClause ? binder.predicate(whereClause, { clause: 'WHERE', use: 'filter' }) : null
  const shown = bindTargets(binder, targets, keys)
  const having = havingClause
    ? binder.predicate(havingClause, { clause: 'HAVING', use: 'group', keys })
    : null
  return {
    from: {
      kind: 'table',
      rows,
      columns: schema.columns.map(column => ({ column, inside: column.name })),
      schema,
      alias: schema.table,
    },
    computed: [],
    where,
    windows: [],
    grouped: true,
    keys,
    aggregates: shown.aggregates,
    having,
    items: shown.items,
    order: bindOrder(binder, select, targets, keys, shown),
    limit: countOf(scope, limitCount, 'LIMIT'),
    offset: countOf(scope, limitOffset, 'OFFSET') ?? 0,
  }
}
