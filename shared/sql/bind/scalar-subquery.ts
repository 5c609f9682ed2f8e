/**
 * (SELECT aggregate …) as a value. The subquery becomes a block of its own that shows its totals, and the value is an
 * expression over them in the block around: so an average stays the quotient of two exact totals, and no total leaves the
 * computation. Without a correlation the one row of totals stands beside every row, or every group. Equalities with the
 * block around group the subquery by its side of them, and each row looks up its group: a left join, since a row without
 * one has NULL there, and a count of 0.
 */
import type { ColumnRef, FuncCall, Node, SelectStmt } from 'libpg-query'
import type { Column } from '../../data/schema.ts'
import { constant, type Expression, referenceTo } from '../expression.ts'
import type { Source } from '../query.ts'
import type { Binder, Place } from './binder.ts'
import { checkJoinable } from './block.ts'
import { correlationOf } from './correlation.ts'
import { columnsOfItems, rowsOfQuery } from './derived.ts'
import type { Environment } from './environment.ts'
import type { BindBlock } from './from.ts'
import { functionName, get, type NodeOf } from './syntax.ts'
import { isAggregateCall } from './targets.ts'

export interface ScalarSubquery {
  readonly value: Expression
  /** Its totals, under names that begin with `name`. */
  readonly source: Source
  /** Columns of the block around and of `source` that must be equal; none: one row. */
  readonly on: readonly { readonly left: string; readonly right: string }[]
}

interface Given {
  /** Of the block around. */
  readonly binder: Binder
  readonly environment: Environment
  readonly block: BindBlock
  readonly node: Node
  readonly place: Place
  /** Prefix of the columns that come of it. */
  readonly name: string
  /** Of the block around: its totals become columns there. */
  readonly known: Map<string, Column>
}

const AGGREGATE = 'A subquery that stands for one value shows an aggregate: (SELECT MAX(x) FROM t WHERE …).'

/** Aggregates of an expression, those of subqueries within it left out. */
const aggregatesIn = (node: unknown): readonly FuncCall[] => {
  if (typeof node !== 'object' || node === null || 'SubLink' in node) return []
  const call = get(node as Node, 'FuncCall')
  return call !== undefined && isAggregateCall(call) ? [call] : Object.values(node).flatMap(aggregatesIn)
}

/** Columns that stand outside of aggregates and subqueries. */
const columnsOutside = (node: unknown): readonly ColumnRef[] => {
  if (typeof node !== 'object' || node === null || 'SubLink' in node) return []
  const ref = get(node as Node, 'ColumnRef')
  if (ref !== undefined) return [ref]
  const call = get(node as Node, 'FuncCall')
  return call !== undefined && isAggregateCall(call) ? [] : Object.values(node).flatMap(columnsOutside)
}

const holdsSubquery = (node: unknown): boolean =>
  typeof node === 'object' && node !== null && ('SubLink' in node || Object.values(node).some(holdsSubquery))

const target = (name: string, val: Node): Node =>
  ({ ResTarget: { name, val, location: -1 } }) as unknown as Node
const called = (call: FuncCall, name: string): Node =>
  ({ FuncCall: { ...call, funcname: [{ String: { sval: name } }] } }) as unknown as Node

export const bindScalarSubquery = (given: Given): ScalarSubquery => {
  const { binder, environment, block, node, place, name } = given
  const link = get(node, 'SubLink') as NodeOf<'SubLink'>
  const select = get(link.subselect, 'SelectStmt') as SelectStmt
  const { on, keys, where, isInside } = correlationOf(binder, environment, select, block)
  const [only, another] = select.targetList ?? []
  const shown = get(only, 'ResTarget')?.val
  if (shown === undefined || another !== undefined)
    return binder.fail('A subquery that stands for one value shows one column.', node)
  const calls = aggregatesIn(shown)
  if (calls.length === 0) binder.unsupported('A subquery that stands for a value of one row', node, AGGREGATE)
  if (
    (select.op !== undefined && select.op !== 'SETOP_NONE') ||
    select.groupClause !== undefined ||
    select.havingClause !== undefined ||
    select.distinctClause !== undefined ||
    select.limitCount !== undefined ||
    select.limitOffset !== undefined
  )
    binder.unsupported(
      'GROUP BY, HAVING, DISTINCT, LIMIT, OFFSET or UNION in a subquery that stands for one value',
      node,
      'Put it into the FROM of the subquery.',
    )
  if (select.withClause !== undefined && holdsSubquery(shown))
    binder.unsupported('WITH around a subquery in SELECT', node)
  for (const ref of columnsOutside(shown))
    if (isInside(ref))
      binder.fail(
        'A column of a subquery that stands for one value must stand inside an aggregate.',
        node,
        AGGREGATE,
      )
  if (on.length > 0 && place.keys !== undefined)
    binder.unsupported(
      'A subquery of groups that depends on the query around',
      node,
      'Group in an inner query, and compare its rows.',
    )

  if (place.keys !== undefined && place.clause === 'SELECT' && binder.isOutermost)
    binder.unsupported(
      'A subquery among what a report shows of groups',
      node,
      'Nothing would ask how many rows stand behind its total: ask for it by a query of its own, or compare with it.',
    )

  const targets = keys.map((key, i) => target(`key${i}`, key))
  const partsOf = calls.map((call, i) => {
    const isAverage = functionName(call) === 'avg'
    const parts = isAverage ? [called(call, 'sum'), called(call, 'count')] : [{ FuncCall: call } as Node]
    return parts.map((part, j) => {
      targets.push(target(`total${i}.${j}`, part))
      return {
        name: `${name}.total${i}.${j}`,
        isCount: functionName(get(part, 'FuncCall') as FuncCall) === 'count',
      }
    })
  })
  const { whereClause: _, ...others } = select
  const query = block(environment, {
    ...others,
    targetList: targets,
    ...(where !== undefined && { whereClause: where }),
    ...(keys.length > 0 && { groupClause: [...keys] }),
  })
  const inner = columnsOfItems(query)
  const columns = inner.map((column): Column => ({ ...column, name: `${name}.${column.name}` }))
  const source: Source = {
    kind: 'derived',
    rows: rowsOfQuery(query),
    columns: columns.map((column, i) => ({ column, inside: (inner[i] as Column).name })),
    query,
    alias: name,
  }
  const pairs = on.map((outer, i) => {
    const [column, mine] = [binder.columnOf(outer, node), columns[i] as Column]
    checkJoinable(binder, column, mine, node)
    return { left: column.name, right: mine.name }
  })

  const reference = (of: string): Expression => {
    const column = columns.find(one => one.name === of) as Column
    binder.checkUse(column, place.use, node)
    return referenceTo(column)
  }
  for (const [i, call] of calls.entries()) {
    const [first, second] = partsOf[i] as [{ name: string; isCount: boolean }, { name: string } | undefined]
    const total = reference(first.name)
    if (second !== undefined) {
      if (!place.quotients)
        binder.unsupported(
          'AVG of a subquery anywhere but in a comparison',
          node,
          'Compare with it, or show SUM and COUNT of an inner query.',
        )
      binder.totals.set(call, { kind: 'divide', left: total, right: reference(second.name) })
    } else if (first.isCount && on.length > 0) {
      binder.totals.set(call, {
        kind: 'case',
        branches: [{ when: { kind: 'is-null', of: total, negated: true }, value: total }],
        otherwise: constant(0n),
      })
    } else binder.totals.set(call, total)
  }
  for (const column of columns) given.known.set(column.name, column)
  return { value: binder.expression(shown, place), source, on: pairs }
}
