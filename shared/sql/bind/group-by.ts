/** GROUP BY: the key columns, by name, alias or position; an expression is made a column first. DISTINCT groups by all. */
import type { Node, SelectStmt } from 'libpg-query'
import type { Column } from '../../data/schema.ts'
import type { Binder } from './binder.ts'
import { constructName } from './construct-name.ts'
import { get } from './syntax.ts'
import { holdsAggregate, ordinalOf, type Target } from './targets.ts'

export const bindKeys = (
  binder: Binder,
  select: SelectStmt,
  targets: readonly Target[],
): readonly Column[] => {
  const keys: Column[] = []
  const distinct = select.distinctClause === undefined ? [] : targets.map(({ node }) => node)
  const counted = distinct.find(holdsAggregate)
  if (counted !== undefined)
    binder.unsupported('DISTINCT beside an aggregate', counted, 'Leave DISTINCT out, or use an inner query.')
  for (const node of [...(select.groupClause ?? []), ...distinct]) {
    const column = keyOf(binder, targets, node)
    if (!keys.some(key => key.name === column.name)) keys.push(column)
  }
  return keys
}

const keyOf = (binder: Binder, targets: readonly Target[], node: Node): Column => {
  const ordinal = ordinalOf(binder, targets, node, 'GROUP BY')
  const bare = get(node, 'ColumnRef')
  let named = ordinal === undefined ? node : (targets[ordinal]?.node as Node)
  // An input column comes before an alias, as in PostgreSQL.
  if (bare !== undefined && bare.fields?.length === 1 && binder.findColumn(bare) === undefined)
    named = targets.find(target => target.alias === binder.columnNamed(bare, node))?.node ?? node
  if ('GroupingSet' in named) binder.unsupported(constructName(named), named)
  const ref = get(named, 'ColumnRef')
  if (ref !== undefined) {
    const column = binder.columnOf(ref, node)
    binder.checkUse(column, 'group', node)
    return column
  }
  const computed = binder.compute(binder.expression(named, { clause: 'WHERE', use: 'group' }), node)
  return binder.columns.get((computed as { column: string }).column) as Column
}
