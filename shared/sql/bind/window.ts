/** Window functions: ROW_NUMBER, SUM and LAG over partitions, as columns of the rows that they stand in. */
import type { FuncCall, Node } from 'libpg-query'
import { rangeOf } from '../../data/schema.ts'
import { type Expression, scaleOf, typeOf } from '../expression.ts'
import { columnOfExpression } from '../interval.ts'
import type { RowOrdering } from '../plan.ts'
import type { Source, WindowCall } from '../query.ts'
import { keysOf } from '../unique.ts'
import type { Binder, Place } from './binder.ts'
import { usesOf } from './derived.ts'
import { directionOf, functionName, get, type NodeOf } from './syntax.ts'
import { requireOrder } from './targets.ts'

/** The grammar's bits for RANGE or ROWS from the first row of the partition to this one. */
const FRAME_RANGE = 0x2
const FRAME_ROWS = 0x4
const FRAME_TO_HERE = 0x20 | 0x400
const FRAME_KNOWN = FRAME_RANGE | FRAME_ROWS | FRAME_TO_HERE
const FRAME_NAMED = 0x1
const FRAME_BETWEEN = 0x10
const FRAME_EXCLUDE = 0x8000 | 0x10000 | 0x20000

const partitioned: Place = { clause: 'WHERE', use: 'group' }

/** The call under `name`, over rows of `from`. */
export const bindWindow = (
  binder: Binder,
  of: FuncCall,
  node: Node,
  name: string,
  from: Source,
): WindowCall => {
  const { rows } = from
  const called = functionName(of)
  const upper = called.toUpperCase()
  const over = of.over
  if (over === undefined) throw new Error('no window')
  if (over.name !== undefined || over.refname !== undefined)
    binder.unsupported('A named window', node, 'Write OVER (PARTITION BY … ORDER BY …).')
  if (of.agg_filter !== undefined || of.agg_distinct)
    binder.unsupported(`FILTER or DISTINCT in ${upper} OVER`, node)
  const columnFor = (of: Expression): string =>
    (binder.compute(of, node) as { readonly column: string }).column
  const partition = (over.partitionClause ?? []).map(part => columnFor(binder.expression(part, partitioned)))
  const order = (over.orderClause ?? []).map((part): RowOrdering => {
    const sort = get(part, 'SortBy') as NodeOf<'SortBy'>
    const by = binder.expression(sort.node as Node, partitioned)
    requireOrder(binder, typeOf(by), node)
    return { column: columnFor(by), ...directionOf(sort) }
  })
  const scope = { column: (one: string) => binder.columns.get(one), rows }
  const [argument, second] = of.args ?? []
  const value = (): Expression => {
    if (argument === undefined || second !== undefined)
      return binder.fail(`${upper} takes one argument.`, node)
    return binder.expression(argument, { clause: 'WHERE', use: 'aggregate' })
  }
  const frame = (over.frameOptions ?? 0) & ~FRAME_BETWEEN
  switch (called) {
    case 'row_number': {
      if (order.length === 0)
        binder.fail(
          'ROW_NUMBER without ORDER BY has no meaning.',
          node,
          'Write OVER (PARTITION BY … ORDER BY …).',
        )
      const type = { kind: 'integer', min: 1, max: rows } as const
      const column = {
        name,
        type,
        nullable: false,
        visibility: 'secret',
        uses: ['filter', 'group', 'join', 'aggregate'],
      } as const
      return { kind: 'row-number', column: { ...column, uses: [...column.uses] }, partition, order }
    }
    case 'lag': {
      const bound = binder.compute(value(), node)
      const given = binder.columns.get((bound as { readonly column: string }).column)
      if (given === undefined || order.length === 0)
        return binder.fail(
          'LAG takes a column and an order.',
          node,
          'Write LAG(x) OVER (PARTITION BY … ORDER BY …).',
        )
      const column = { ...given, name, nullable: true, visibility: 'secret' } as const
      return { kind: 'lag', of: given.name, column, partition, order }
    }
    case 'sum': {
      const bound = value()
      if (typeOf(bound) !== 'number') binder.fail('SUM takes numbers.', node)
      if ((frame & FRAME_EXCLUDE) !== 0) binder.unsupported('EXCLUDE in a frame', node)
      const isToHere =
        (frame & (FRAME_RANGE | FRAME_ROWS)) !== 0 && (frame & ~FRAME_NAMED) === (frame & FRAME_KNOWN)
      if (order.length > 0 && !(isToHere && (frame & FRAME_TO_HERE) === FRAME_TO_HERE))
        binder.unsupported(
          'SUM OVER with another frame than from the first row to this one',
          node,
          'Write OVER (… ORDER BY …), or OVER (… ORDER BY … ROWS UNBOUNDED PRECEDING) to count equal rows one by one.',
        )
      if (order.length === 0 && (frame & FRAME_NAMED) !== 0)
        binder.unsupported('A frame without an order', node)
      const mayBeNull = [...binder.columns.values()].some(
        ({ name: one, nullable }) => nullable && mentions(bound, one),
      )
      if (mayBeNull || bound.kind === 'null')
        binder.unsupported(
          'SUM OVER of what may be NULL',
          node,
          'Write SUM(COALESCE(x, 0)) as CASE WHEN x IS NULL THEN 0 ELSE x END.',
        )
      const column = columnOfExpression(name, { kind: 'sum', of: bound }, scope, {
        nullable: false,
        uses: usesOf(bound, [...binder.columns.values()]).filter(use => use !== 'show'),
      })
      const { low, high } = rangeOf(column.type)
      if (high - low >= 1n << 60n)
        binder.fail(
          `SUM OVER may reach ${high}, at ${scaleOf(bound)} decimals.`,
          node,
          'Tighter bounds make it fit.',
        )
      // Where no two rows of a partition are equal in the order, RANGE is ROWS.
      const told = new Set([...partition, ...order.map(by => by.column)])
      const isUnique = keysOf(from).some(
        key => key.proved && key.rowsMax <= 1 && key.columns.every(one => told.has(one)),
      )
      const peers = order.length > 0 && (frame & FRAME_ROWS) === 0 && !isUnique
      return { kind: 'sum', of: bound, column, partition, order, peers }
    }
    default:
      return binder.unsupported(
        `The window function ${upper}`,
        node,
        'Window functions: ROW_NUMBER, SUM, LAG.',
      )
  }
}

const mentions = (of: unknown, column: string): boolean =>
  typeof of === 'object' &&
  of !== null &&
  ((of as { readonly column?: unknown }).column === column ||
    Object.values(of).some(part => mentions(part, column)))
