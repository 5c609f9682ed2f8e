/**
 * Which columns of a source have at most so many rows a value: what a join may rely on, and how sure that is. A key says
 * that no more than `rowsMax` rows have the same values in its columns, none of them NULL; a key without columns bounds
 * the rows altogether.
 *
 * `proved`: it holds for any data, by the form of the query. Otherwise it follows from what owners have declared, and a
 * join that relies on it has to check it. A bound that another join checks holds wherever that join has run.
 */
import { type Column, rangeOf } from '../data/schema.ts'
import { type Expression, type Predicate, scaleOf } from './expression.ts'
import { columnsOfQuery, type Query, type Source, type SourceColumn } from './query.ts'

export interface SourceKey {
  readonly columns: readonly string[]
  readonly rowsMax: number
  readonly proved: boolean
}

/** Keys of the rows of a source, by its column names; none of them follows from another. */
export const keysOf = (source: Source): readonly SourceKey[] => {
  const whole: SourceKey = { columns: [], rowsMax: source.rows, proved: true }
  switch (source.kind) {
    case 'table':
      return strongest([
        whole,
        ...renamed(
          (source.schema.keys ?? []).map(key => ({ ...key, proved: false })),
          namesInside(source.columns),
        ),
      ])
    case 'derived':
      return strongest([whole, ...renamed(keysOfBlock(source.query), namesInside(source.columns))])
    case 'union':
      return strongest([whole, ...keysOfUnion(source.queries, source.columns)])
    case 'filter': {
      const columns = source.columns.map(({ column }) => column)
      return strongest([whole, ...keysOf(source.input).flatMap(key => narrowed(key, source.where, columns))])
    }
    case 'join':
      return strongest([whole, ...renamed(keysOfJoin(source), namesInside(source.columns))])
  }
}

/** The least number of rows that a value of these columns is known to have, proved ones first. */
export const boundOf = (source: Source, columns: readonly string[]): SourceKey | undefined =>
  keysOf(source)
    .filter(key => key.columns.every(name => columns.includes(name)))
    .toSorted((a, b) => a.rowsMax - b.rowsMax || Number(b.proved) - Number(a.proved))[0]

// ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The names that a column has outside; a column may be shown twice, or not at all. */
type Names = ReadonlyMap<string, readonly string[]>

const namesFrom = (pairs: readonly (readonly [inside: string, outside: string])[]): Names => {
  const names = new Map<string, string[]>()
  for (const [inside, outside] of pairs) names.set(inside, [...(names.get(inside) ?? []), outside])
  return names
}

const namesInside = (columns: readonly SourceColumn[]): Names =>
  namesFrom(columns.map(({ column, inside }) => [inside, column.name]))

/** Keys of which every column can be seen, under the first of its names. */
const renamed = (keys: readonly SourceKey[], names: Names): readonly SourceKey[] =>
  keys.flatMap(key => {
    const columns = key.columns.flatMap(name => names.get(name)?.[0] ?? [])
    return columns.length === key.columns.length ? [{ ...key, columns }] : []
  })

/**
 * Whether `a` says at least as much as `b`. A bound on all rows never stands for a key: what an owner has declared lets
 * tables be joined, however few rows they have now.
 */
const implies = (a: SourceKey, b: SourceKey): boolean =>
  a.rowsMax <= b.rowsMax &&
  (a.proved || !b.proved) &&
  (a.columns.length > 0 || b.columns.length === 0) &&
  a.columns.every(name => b.columns.includes(name))

const strongest = (keys: readonly SourceKey[]): readonly SourceKey[] =>
  keys.reduce<readonly SourceKey[]>(
    (kept, key) =>
      kept.some(other => implies(other, key)) ? kept : [...kept.filter(other => !implies(key, other)), key],
    [],
  )

// ── blocks ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const keysOfBlock = (query: Query): readonly SourceKey[] => {
  const { from, windows, where, grouped, keys, items, limit } = query
  const filtered = keysOf(from).flatMap(key => narrowed(key, where, columnsOfQuery(query)))
  const numbered = windows.flatMap((call): SourceKey[] =>
    call.kind === 'row-number'
      ? [{ columns: [...call.partition, call.column.name], rowsMax: 1, proved: true }]
      : [],
  )
  // As many groups have one value as rows have.
  const ofGroups: SourceKey = { columns: keys.map(({ name }) => name), rowsMax: 1, proved: true }
  const shown = namesFrom(
    items.flatMap((item): (readonly [string, string])[] => {
      if (item.kind === 'key') return [[keys[item.key]?.name as string, item.name]]
      return item.kind === 'value' && item.of.kind === 'column' ? [[item.of.column, item.name]] : []
    }),
  )
  return strongest([
    ...renamed(grouped ? [ofGroups, ...filtered] : [...filtered, ...numbered], shown),
    ...(limit === null ? [] : [{ columns: [], rowsMax: limit, proved: true }]),
  ])
}

/** The key, and what follows from it where a condition leaves few values of a column: so many times the rows without it. */
const narrowed = (key: SourceKey, where: Predicate | null, columns: readonly Column[]): SourceKey[] => {
  const conditions = where === null ? [] : where.kind === 'and' ? where.of : [where]
  const keys: SourceKey[] = [key]
  for (const name of key.columns) {
    const column = columns.find(one => one.name === name)
    const left = column ? Math.min(...conditions.map(of => valuesLeft(of, column))) : Number.POSITIVE_INFINITY
    if (!Number.isFinite(left)) continue
    for (const of of [...keys])
      keys.push({ ...of, columns: of.columns.filter(other => other !== name), rowsMax: of.rowsMax * left })
  }
  return keys
}

/** How many values a condition leaves of a column; infinite when it says nothing about it. */
const valuesLeft = (of: Predicate, { name, type }: Column): number => {
  const isIt = (side: Expression): boolean => side.kind === 'column' && side.column === name
  const whole = (side: Expression): bigint | undefined =>
    side.kind === 'constant' && scaleOf(side) === 0 && type.kind !== 'decimal'
      ? BigInt(side.value)
      : undefined
  const between = (low: bigint, high: bigint): number => Math.max(0, Number(high - low + 1n))
  const { low, high } = rangeOf(type)
  switch (of.kind) {
    case 'compare': {
      if (of.comparison === '=' && isIt(of.right) && of.left.kind === 'constant') return 1
      if (!isIt(of.left) || of.right.kind !== 'constant') return Number.POSITIVE_INFINITY
      const bound = whole(of.right)
      if (of.comparison === '=') return 1
      if (bound === undefined || of.comparison === '<>') return Number.POSITIVE_INFINITY
      return {
        '<': between(low, bound - 1n),
        '<=': between(low, bound),
        '>': between(bound + 1n, high),
        '>=': between(bound, high),
      }[of.comparison]
    }
    case 'in':
      return isIt(of.of) &&
        !of.negated &&
        of.list.every(one => one.kind === 'constant' || one.kind === 'null')
        ? of.list.length
        : Number.POSITIVE_INFINITY
    case 'between': {
      const [from, to] = [whole(of.low), whole(of.high)]
      return isIt(of.of) && !of.negated && from !== undefined && to !== undefined
        ? between(from, to)
        : Number.POSITIVE_INFINITY
    }
    default:
      return Number.POSITIVE_INFINITY
  }
}

// ── unions and joins ────────────────────────────────────────────────────────────────────────────────────────────────

/** A value may stand in every part: the bounds of all parts together, for columns at the same places. */
const keysOfUnion = (queries: readonly Query[], columns: readonly SourceColumn[]): readonly SourceKey[] => {
  const [first, ...others] = queries
  if (first === undefined) return []
  const outside = namesInside(columns)
  const byPlace = (query: Query): readonly SourceKey[] =>
    renamed(
      renamed(
        keysOfBlock(query),
        namesFrom(query.items.map(({ name }, place) => [name, first.items[place]?.name as string])),
      ),
      outside,
    )
  return others.reduce(
    (sums, query) =>
      sums.flatMap(sum =>
        byPlace(query).map(key => ({
          columns: [...new Set([...sum.columns, ...key.columns])],
          rowsMax: sum.rowsMax + key.rowsMax,
          proved: sum.proved && key.proved,
        })),
      ),
    byPlace(first),
  )
}

/** By the names inside of the two sides. */
const keysOfJoin = ({
  join,
  left,
  right,
  on,
  matchesMax,
}: Extract<Source, { kind: 'join' }>): readonly SourceKey[] => {
  const ofLeft = keysOf(left)
  if (join === 'semi' || join === 'anti' || join === 'single') return ofLeft
  // Bounds on all rows of a side bound nothing of a left join's rows that have met nothing.
  const ofRight = keysOf(right).filter(key => key.columns.length > 0)
  const met = ofLeft.map(key => ({ ...key, rowsMax: key.rowsMax * matchesMax }))
  const meetsAtMost = boundOf(
    left,
    on.map(pair => pair.left),
  )
  const meeting = ofRight.map(key => ({
    ...key,
    rowsMax: key.rowsMax * (meetsAtMost?.rowsMax ?? Number.POSITIVE_INFINITY),
    proved: key.proved && meetsAtMost?.proved === true,
  }))
  const pairs = ofLeft.flatMap(a =>
    ofRight.map(b => ({
      columns: [...a.columns, ...b.columns],
      rowsMax: a.rowsMax * b.rowsMax,
      proved: a.proved && b.proved,
    })),
  )
  const keys = strongest([...met, ...meeting, ...pairs])
  // What has met has the same values on both sides. A left row that has met nothing has none on the right.
  const exchanged = (from: 'left' | 'right', to: 'left' | 'right') =>
    keys.map(key => ({
      ...key,
      columns: [...new Set(key.columns.map(name => on.find(pair => pair[from] === name)?.[to] ?? name))],
    }))
  return [...keys, ...exchanged('left', 'right'), ...(join === 'inner' ? exchanged('right', 'left') : [])]
}
