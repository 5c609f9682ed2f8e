/** The SELECT list, and the numbers and names by which GROUP BY and ORDER BY speak of it. */
import type { Node, SelectStmt } from 'libpg-query'
import type { Column } from '../../data/schema.ts'
import type { AggregateCall } from '../expression.ts'
import type { Item } from '../query.ts'
import type { Binder } from './binder.ts'
import { constructName } from './construct-name.ts'
import type { Scope } from './scope.ts'
import { get, type NodeOf, nameOf } from './syntax.ts'

export interface Target {
  readonly node: Node
  readonly alias: string | undefined
}

export const targetsOf = (scope: Scope, select: SelectStmt): readonly Target[] => {
  const targets = (select.targetList ?? []).map(node => {
    const target = get(node, 'ResTarget') as NodeOf<'ResTarget'>
    return { node: target.val as Node, alias: target.name }
  })
  if (targets.length === 0) scope.fail('SELECT shows nothing.', 0)
  return targets
}

/** The target that a bare integer means in GROUP BY or ORDER BY. */
export const ordinalOf = (
  scope: Scope,
  targets: readonly Target[],
  node: Node,
  clause: string,
): number | undefined => {
  const value = get(node, 'A_Const')
  if (value === undefined) return undefined
  const ordinal = value.ival === undefined ? undefined : (value.ival.ival ?? 0)
  if (ordinal === undefined) return scope.unsupported(`A constant in ${clause}`, node)
  if (ordinal < 1 || ordinal > targets.length)
    return scope.fail(
      `${clause} position ${ordinal} is not in the SELECT list.`,
      node,
      `There are ${targets.length} positions.`,
    )
  return ordinal - 1
}

export interface Shown {
  readonly items: readonly Item[]
  readonly aggregates: readonly AggregateCall[]
}

export const bindTargets = (binder: Binder, targets: readonly Target[], keys: readonly Column[]): Shown => {
  const aggregates: AggregateCall[] = []
  const items = targets.map(({ node, alias }): Item => {
    if ('ColumnRef' in node) {
      const column = binder.columnOf(node.ColumnRef, node)
      const key = keys.indexOf(column)
      if (key < 0)
        binder.fail(
          `Column "${column.name}" must appear in GROUP BY or inside an aggregate.`,
          node,
          'Single rows are never shown.',
        )
      return { name: alias ?? column.name, kind: 'key', key }
    }
    if ('FuncCall' in node) {
      aggregates.push(binder.aggregate(node.FuncCall, node))
      return {
        name: alias ?? (nameOf(node.FuncCall.funcname).at(-1) as string),
        kind: 'aggregate',
        aggregate: aggregates.length - 1,
      }
    }
    if ('A_Const' in node) return binder.unsupported('A constant in SELECT', node)
    if ('A_Expr' in node || 'CaseExpr' in node)
      return binder.unsupported(
        'An expression in SELECT',
        node,
        'SELECT shows group keys and single aggregates; put arithmetic inside the aggregate.',
      )
    return binder.unsupported(constructName(node), node)
  })
  return { items, aggregates }
}
