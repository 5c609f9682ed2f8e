/** The SELECT list, and the numbers and names by which GROUP BY and ORDER BY speak of it. */
import type { FuncCall, Node, SelectStmt } from 'libpg-query'
import type { Column } from '../../data/schema.ts'
import {
  type AggregateCall,
  type Expression,
  isAggregate,
  show,
  typeOf,
  type ValueType,
  walk,
} from '../expression.ts'
import type { Item } from '../query.ts'
import { rewriteExpression } from '../rules/rule.ts'
import type { Binder } from './binder.ts'
import { isScalarCall } from './scalar.ts'
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

/** Whether a block gives groups: it says so, or it shows an aggregate. */
export const isGrouped = (select: SelectStmt, targets: readonly Target[]): boolean =>
  select.groupClause !== undefined ||
  select.havingClause !== undefined ||
  select.distinctClause !== undefined ||
  targets.some(({ node }) => holdsAggregate(node)) ||
  targets.every(({ node }) => !['ColumnRef', 'FuncCall', 'SubLink'].some(kind => holds(node, kind)))

/** Not within subqueries, which are blocks of their own. */
const holds = (node: unknown, kind: string): boolean =>
  typeof node === 'object' &&
  node !== null &&
  (kind in node || (!('SubLink' in node) && Object.values(node).some(child => holds(child, kind))))
export const isAggregateCall = (of: FuncCall): boolean => of.over === undefined && !isScalarCall(of)

/** A function over rows of this block that is no window function. */
export const holdsAggregate = (node: unknown): boolean =>
  typeof node === 'object' &&
  node !== null &&
  !('SubLink' in node) &&
  ('FuncCall' in node && isAggregateCall(node.FuncCall as FuncCall)
    ? true
    : Object.values(node).some(holdsAggregate))

/** A word of a text says nothing to its reader, neither by itself nor by its order. */
export const requireReadable = ({ fail }: Binder, { name, type }: Column, node: Node): void => {
  if (type.kind === 'text')
    fail(
      `"${name}" is a text, and texts are shared as words that cannot be read back.`,
      node,
      'Group by it in an inner query and show totals over the groups, or declare a category with its values.',
    )
}

/** Words and bigrams are in no order that the texts would be in. */
export const requireOrder = ({ fail }: Binder, type: ValueType | undefined, node: Node): void => {
  if (type === 'text' || type === 'grams')
    fail(
      'Texts have no order here: they are shared as words that are in another order than the texts.',
      node,
      'Order by a number, a date or a category.',
    )
}

export const bindTargets = (
  binder: Binder,
  targets: readonly Target[],
  keys: readonly Column[],
  grouped: boolean,
): Shown => {
  const aggregates: AggregateCall[] = []
  const nameFor = ({ node, alias }: Target): string =>
    alias ??
    ('ColumnRef' in node
      ? binder.columnNamed(node.ColumnRef, node)
      : 'FuncCall' in node
        ? (nameOf(node.FuncCall.funcname).at(-1) as string)
        : 'column')
  // Rows are shown column by column, each under its name; of groups, keys and totals have names of their own.
  const names = targets.map(nameFor)
  const twice = names.findIndex((name, place) => names.indexOf(name) !== place)
  if (!grouped && twice >= 0)
    binder.fail(
      `Column "${names[twice]}" stands twice in SELECT.`,
      (targets[twice] as Target).node,
      'Give every column a name of its own with AS.',
    )
  const items = targets.map((target): Item => {
    const { node } = target
    const name = nameFor(target)
    if ('A_Const' in node) return binder.unsupported('A constant in SELECT', node)
    if (!grouped) {
      const of = binder.expression(node, { clause: 'SELECT', use: binder.isOutermost ? 'show' : 'carried' })
      if (of.kind === 'divide') binder.unsupported('A quotient of single rows', node)
      return { name, kind: 'value', of }
    }
    if ('ColumnRef' in node) {
      const column = binder.columnOf(node.ColumnRef, node)
      const key = keys.findIndex(one => one.name === column.name)
      if (key < 0)
        binder.fail(
          `Column "${column.name}" must appear in GROUP BY or inside an aggregate.`,
          node,
          'A grouped query shows groups, not single rows.',
        )
      if (binder.isOutermost) requireReadable(binder, column, node)
      return { name, kind: 'key', key }
    }
    if (!holdsAggregate(node) && !holds(node, 'SubLink') && keys.length > 0) {
      const text = show(binder.expression(node, { clause: 'WHERE', use: 'group' }))
      const key = keys.findIndex(one => one.name === text)
      if (key >= 0) return { name, kind: 'key', key }
    }
    const of = binder.expression(node, { clause: 'SELECT', use: 'group', keys })
    if (isAggregate(of)) {
      if (of.kind === 'avg' && !binder.isOutermost)
        binder.unsupported('AVG in an inner query', node, 'Show SUM(x) and COUNT(x) and compare products.')
      aggregates.push(of)
      return { name, kind: 'aggregate', aggregate: aggregates.length - 1 }
    }
    // A report shows what is made of totals as numbers.
    if (binder.isOutermost && typeOf(of) === 'date')
      binder.unsupported(
        'A date computed of groups',
        node,
        'Compute it in every row: MAX(day + 1), or GROUP BY day + 1.',
      )
    if (!binder.isOutermost && walk(of).some(part => part.kind === 'avg'))
      binder.unsupported('AVG in an inner query', node, 'Show SUM(x) and COUNT(x) and compare products.')
    return { name, kind: 'formula', of: averagesAsQuotients(of) }
  })
  return { items, aggregates }
}

/** AVG within arithmetic or CASE: the recipient divides there. */
const averagesAsQuotients = (whole: Expression): Expression =>
  rewriteExpression(whole, {
    expression: of =>
      of.kind === 'avg'
        ? { kind: 'divide', left: { kind: 'sum', of: of.of }, right: { kind: 'count', of: of.of } }
        : of,
  })
