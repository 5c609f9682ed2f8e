/**
 * [NOT] EXISTS (SELECT …) and x [NOT] IN (SELECT …) as conditions of WHERE: a row counts when it has, or lacks, a match.
 * Equalities with the block around become the keys of the join, all else stays in the subquery.
 */
import type { ColumnRef, Node, SelectStmt } from 'libpg-query'
import type { Query, Source } from '../query.ts'
import type { Binder } from './binder.ts'
import { checkJoinable } from './block.ts'
import { correlationOf } from './correlation.ts'
import { columnsOfItems, rowsOfQuery } from './derived.ts'
import type { Environment } from './environment.ts'
import type { BindBlock } from './from.ts'
import { joined } from './join.ts'
import { get, nameOf } from './syntax.ts'
import { holdsAggregate } from './targets.ts'

interface Matched {
  readonly negated: boolean
  readonly kind: 'EXISTS' | 'IN'
  readonly link: { readonly subselect?: Node; readonly testexpr?: Node }
}

const matchedBy = (node: Node): Matched | undefined => {
  const not = get(node, 'BoolExpr')
  if (not?.boolop === 'NOT_EXPR') {
    const inner = matchedBy(not.args?.[0] as Node)
    return inner && { ...inner, negated: !inner.negated }
  }
  const link = get(node, 'SubLink')
  if (link?.subLinkType === 'EXISTS_SUBLINK') return { negated: false, kind: 'EXISTS', link }
  if (link?.subLinkType === 'ANY_SUBLINK' && nameOf(link.operName).length === 0)
    return { negated: false, kind: 'IN', link }
  return undefined
}

export const isSubqueryCondition = (node: Node): boolean => matchedBy(node) !== undefined

interface SubqueryJoin {
  readonly binder: Binder
  readonly environment: Environment
  readonly block: BindBlock
  readonly from: Source
  readonly node: Node
  /** Prefix of the columns of the subquery. */
  readonly name: string
}

export const joinSubquery = (join: SubqueryJoin): Source => {
  const { binder, from, node } = join
  const { negated, kind, link } = matchedBy(node) as Matched
  const select = get(link.subselect, 'SelectStmt') as SelectStmt
  const { query, on } =
    kind === 'EXISTS' ? existing(join, select) : listed(join, select, link.testexpr as Node)
  if (on.length === 0)
    binder.unsupported(
      `${kind} without an equality with the query around`,
      node,
      'Write … WHERE inner.key = outer.key.',
    )
  const columns = columnsOfItems(query)
  const right: Source = {
    kind: 'derived',
    rows: rowsOfQuery(query),
    columns: columns.map(column => ({
      column: { ...column, name: `${join.name}.${column.name}` },
      inside: column.name,
    })),
    query,
    alias: join.name,
  }
  const pairs = on.map((outer, i) => {
    const mine = columns[i]
    if (mine === undefined) throw new Error('a subquery lacks a column that is compared')
    const column = binder.columnOf(outer, node)
    if (kind === 'IN' && negated && (column.nullable || mine.nullable))
      binder.unsupported(
        'NOT IN over columns that may be NULL',
        node,
        'One NULL makes NOT IN unknown for every row. Write NOT EXISTS (SELECT … WHERE inner.key = outer.key).',
      )
    checkJoinable(binder, column, mine, node)
    return { left: column.name, right: `${join.name}.${mine.name}` }
  })
  return joined(negated ? 'anti' : 'semi', from, right, pairs, 1)
}

interface Bound {
  readonly query: Query
  /** Columns of the block around, in the order of the subquery's items. */
  readonly on: readonly ColumnRef[]
}

const listed = ({ binder, environment, block }: SubqueryJoin, select: SelectStmt, test: Node): Bound => {
  const ref = get(test, 'ColumnRef')
  if (ref === undefined) return binder.unsupported('IN (SELECT …) on anything but a column', test)
  const query = block(environment, select)
  if (query.items.length !== 1) binder.fail('The subquery of IN shows one column.', test)
  return { query, on: [ref] }
}

/** Inner = outer conditions are taken out, and their inner sides are what the subquery shows. */
const existing = ({ binder, environment, block, node }: SubqueryJoin, select: SelectStmt): Bound => {
  if (
    select.groupClause !== undefined ||
    select.limitCount !== undefined ||
    select.limitOffset !== undefined ||
    select.havingClause !== undefined
  )
    binder.unsupported('GROUP BY, HAVING, LIMIT or OFFSET in EXISTS', node)
  const { on, keys, where } = correlationOf(binder, environment, select, block)
  if (on.length === 0) return { query: block(environment, select), on }
  if (select.targetList?.some(holdsAggregate))
    binder.unsupported(
      'An aggregate in EXISTS',
      node,
      'It gives a row even where nothing matches: write SELECT 1.',
    )
  const { whereClause: _, targetList: __, ...others } = select
  const query = block(environment, {
    ...others,
    targetList: keys.map(
      (val, i) => ({ ResTarget: { name: `key${i + 1}`, val, location: -1 } }) as unknown as Node,
    ),
    ...(where !== undefined && { whereClause: where }),
  })
  return { query, on }
}
