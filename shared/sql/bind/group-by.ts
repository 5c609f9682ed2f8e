/** GROUP BY: the key columns, by name, alias or position. */
import type { Node, SelectStmt } from 'libpg-query'
import type { Column } from '../../data/schema.ts'
import { constructName } from './construct-name.ts'
import type { Scope } from './scope.ts'
import { get } from './syntax.ts'
import { ordinalOf, type Target } from './targets.ts'

export const bindKeys = (scope: Scope, select: SelectStmt, targets: readonly Target[]): readonly Column[] => {
  const keys: Column[] = []
  for (const node of select.groupClause ?? []) {
    const column = keyOf(scope, targets, node)
    if (!keys.includes(column)) keys.push(column)
  }
  return keys
}

const keyOf = (scope: Scope, targets: readonly Target[], node: Node): Column => {
  const ordinal = ordinalOf(scope, targets, node, 'GROUP BY')
  const bare = get(node, 'ColumnRef')
  let named = ordinal === undefined ? node : (targets[ordinal]?.node as Node)
  // An input column comes before an alias, as in PostgreSQL.
  if (bare !== undefined && bare.fields?.length === 1 && !scope.columns.has(scope.columnNamed(bare, node)))
    named = targets.find(target => target.alias === scope.columnNamed(bare, node))?.node ?? node
  if ('GroupingSet' in named) scope.unsupported(constructName(named), named)
  const ref = get(named, 'ColumnRef')
  if (ref === undefined) return scope.unsupported('GROUP BY an expression', node, 'GROUP BY takes columns.')
  const column = scope.columnOf(ref, node)
  scope.checkUse(column, 'group', node)
  return column
}
