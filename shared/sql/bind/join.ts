/**
 * The source of a block: its relations joined in an order in which every join has a bound. The side that may have many
 * rows of a key stands left; the other one must have few rows a key, proved by the query or declared by its owners.
 */
import type { Node } from 'libpg-query'
import type { Column } from '../../data/schema.ts'
import type { JoinKind, Source } from '../query.ts'
import { keysOf } from '../unique.ts'
import type { Complaints } from './complaints.ts'
import type { At } from './syntax.ts'

/** Two columns of different relations that must be equal, by the names that the block uses. */
export interface Equality {
  readonly a: string
  readonly b: string
  readonly node: Node
  /** The relations among which its names were looked up; all where absent. */
  readonly places?: readonly number[]
}

/** More matches a row than this make a plan nobody wants to run. */
const MATCHES_MAX = 1000

const has = (source: Source, name: string): boolean =>
  source.columns.some(({ column }) => column.name === name)

/** Equalities between two sources, as pairs (left, right). */
const between = (left: Source, right: Source, equalities: readonly Equality[]) =>
  equalities.flatMap(({ a, b }) =>
    has(left, a) && has(right, b)
      ? [{ left: a, right: b }]
      : has(left, b) && has(right, a)
        ? [{ left: b, right: a }]
        : [],
  )

const nullableColumn = (column: Column): Column => ({ ...column, nullable: true })

export const joined = (
  join: JoinKind,
  left: Source,
  right: Source,
  on: readonly { readonly left: string; readonly right: string }[],
  matchesMax: number,
): Source => {
  const withRight = join === 'inner' || join === 'left' || join === 'single'
  const columns = [
    ...left.columns.map(({ column }) => column),
    ...(withRight
      ? right.columns.map(({ column }) => (join === 'left' ? nullableColumn(column) : column))
      : []),
  ]
  return {
    kind: 'join',
    join,
    left,
    right,
    on,
    matchesMax,
    rows: left.rows * (withRight ? matchesMax : 1),
    columns: columns.map(column => ({ column, inside: column.name })),
  }
}

/** How many rows of `right` one row may meet; undefined where nothing says. */
const matchesOf = (
  right: Source,
  on: readonly { readonly left: string; readonly right: string }[],
): number | undefined => {
  if (right.rows <= 1) return 1
  const names = new Set(on.map(pair => pair.right))
  const bounds = keysOf(right).filter(
    ({ columns }) => columns.length > 0 && columns.every(name => names.has(name)),
  )
  const least = Math.min(right.rows, ...bounds.map(({ rowsMax }) => Math.max(1, rowsMax)))
  return bounds.length > 0 && least <= MATCHES_MAX ? least : undefined
}

/** Inner joins in the order with the fewest rows. Throws InputError when there is none with bounds. */
export const joinInner = (
  parts: readonly Source[],
  equalities: readonly Equality[],
  { fail }: Complaints,
  at: At,
): Source => {
  const orders = parts.map(start => joinFrom(start, parts, equalities)).filter(one => one !== undefined)
  const [best] = orders.toSorted((a, b) => a.rows - b.rows)
  if (best !== undefined) return best
  const sides = equalities.map(({ a, b }) => `${a} = ${b}`)
  return fail(
    sides.length === 0
      ? 'A join without an equality between two columns has no bound.'
      : `The join on ${sides.join(' and ')} has no bound: both sides may have many rows of a key.`,
    at,
    'Declare "keys" in the schema of one side (columns, and how many rows may have the same values), or group one side by the join columns first.',
  )
}

const joinFrom = (
  start: Source,
  parts: readonly Source[],
  equalities: readonly Equality[],
): Source | undefined => {
  let source = start
  const waiting = parts.filter(part => part !== start)
  while (waiting.length > 0) {
    const options = waiting.flatMap(part => {
      const on = between(source, part, equalities)
      const matches = matchesOf(part, on)
      return matches === undefined || (on.length === 0 && part.rows > 1) ? [] : [{ part, on, matches }]
    })
    const [next] = options.toSorted((a, b) => a.matches - b.matches || b.on.length - a.on.length)
    if (next === undefined) return undefined
    waiting.splice(waiting.indexOf(next.part), 1)
    source = joined(next.on.length === 0 ? 'single' : 'inner', source, next.part, next.on, next.matches)
  }
  return source
}

/** A LEFT JOIN: the left side keeps every row. */
export const joinLeft = (
  left: Source,
  right: Source,
  equalities: readonly Equality[],
  { fail }: Complaints,
  at: At,
): Source => {
  const on = between(left, right, equalities)
  if (on.length === 0)
    return fail('LEFT JOIN needs an equality between a column of either side.', at, 'Write ON a.key = b.key.')
  const matches = matchesOf(right, on)
  if (matches === undefined)
    return fail(
      `LEFT JOIN on ${on.map(pair => `${pair.left} = ${pair.right}`).join(' and ')} has no bound: the right side may have many rows of a key.`,
      at,
      'Declare "keys" in the schema of the right side, or group it by the join columns first.',
    )
  return joined('left', left, right, on, matches)
}
