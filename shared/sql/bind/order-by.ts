/** ORDER BY, LIMIT and OFFSET: what the recipient does with the groups that are shown to it. */
import type { Node, SelectStmt } from 'libpg-query'
import type { Column } from '../../data/schema.ts'
import { type AggregateCall, type Expression, referenceTo, show, typeOf } from '../expression.ts'
import type { OrderBy } from '../query.ts'
import type { Binder } from './binder.ts'
import { columnsNotAllowed } from './derived.ts'
import type { Scope } from './scope.ts'
import { directionOf, get, type NodeOf } from './syntax.ts'
import { ordinalOf, requireOrder, requireReadable, type Shown, type Target } from './targets.ts'

export const bindOrder = (
  binder: Binder,
  select: SelectStmt,
  targets: readonly Target[],
  keys: readonly Column[],
  { items, aggregates }: Shown,
): readonly OrderBy[] => {
  const orderTarget = (node: Node): OrderBy['by'] => {
    const ordinal = ordinalOf(binder, targets, node, 'ORDER BY')
    if (ordinal !== undefined) return { kind: 'output', index: ordinal }
    const ref = get(node, 'ColumnRef')
    if (ref !== undefined) {
      const name = binder.columnNamed(ref, node)
      const output = ref.fields?.length === 1 ? items.findIndex(item => item.name === name) : -1
      if (output >= 0) return { kind: 'output', index: output }
      const column = binder.columnOf(ref, node)
      const shown = items.findIndex(item => item.kind === 'value' && show(item.of) === column.name)
      if (shown >= 0) return { kind: 'output', index: shown }
      const key = keys.findIndex(one => one.name === column.name)
      if (key >= 0) {
        requireReadable(binder, keys[key] as Column, node)
        return { kind: 'key', index: key }
      }
    }
    if ('FuncCall' in node) {
      const text = show(binder.aggregate(node.FuncCall, node))
      const output = items.findIndex(
        item => item.kind === 'aggregate' && show(aggregates[item.aggregate] as AggregateCall) === text,
      )
      if (output >= 0) return { kind: 'output', index: output }
    }
    return binder.fail(
      'ORDER BY names something that is not shown.',
      node,
      'Order by an output column, its alias, its position, or a group key.',
    )
  }

  /** The first rows of an inner block are chosen by their values, as by a condition, and nobody shows the values. */
  const isChoice = !binder.isOutermost && select.limitCount !== undefined
  const columns = [...binder.columns.values()]
  const orderedBy = ({ kind, index }: OrderBy['by']): Expression => {
    const item = kind === 'output' ? items[index] : undefined
    return item?.kind === 'aggregate'
      ? (aggregates[item.aggregate] as AggregateCall)
      : item?.kind === 'value' || item?.kind === 'formula'
        ? item.of
        : referenceTo(keys[item?.kind === 'key' ? item.key : index] as Column)
  }
  const checkChoice = (of: Expression, node: Node): void => {
    for (const column of columnsNotAllowed(of, 'filter', columns)) binder.checkUse(column, 'filter', node)
  }

  return (select.sortClause ?? []).map((node): OrderBy => {
    const sort = get(node, 'SortBy') as NodeOf<'SortBy'>
    if (sort.sortby_dir === 'SORTBY_USING') binder.unsupported('ORDER BY … USING', node)
    const by = orderTarget(sort.node as Node)
    const of = orderedBy(by)
    requireOrder(binder, typeOf(of), sort.node as Node)
    if (isChoice) checkChoice(of, sort.node as Node)
    return { by, ...directionOf(sort) }
  })
}

export const countOf = (scope: Scope, node: Node | undefined, clause: string): number | null => {
  if (node === undefined) return null
  const value = get(node, 'A_Const')
  if (value?.isnull) return null
  const count = value?.ival === undefined ? -1 : (value.ival.ival ?? 0)
  if (count < 0) return scope.fail(`${clause} takes a whole number, written out.`, node)
  return count
}
