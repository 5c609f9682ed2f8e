/** The rows of FROM: tables, blocks, unions and joins, by their definitions. */
import { scaleOf } from '../../data/schema.ts'
import { truthOf } from '../formula.ts'
import type { Query, Source } from '../query.ts'
import { columnOf, everyRow, type PlainTables, pickRows, type Relation, rowOf } from './relation.ts'

/** What an inner block gives, by the place of its items. */
export type EvaluateBlock = (query: Query) => {
  readonly count: number
  readonly columns: readonly (readonly (bigint | null)[])[]
  /** Decimals of each item. */
  readonly scales: readonly number[]
}

export const rowsOfSource = (source: Source, tables: PlainTables, block: EvaluateBlock): Relation => {
  switch (source.kind) {
    case 'table':
      return readTable(source, tables)
    case 'derived':
      return byPlace(source, [source.query], block)
    case 'union':
      return byPlace(source, source.queries, block)
    case 'filter': {
      const rows = rowsOfSource(source.input, tables, block)
      return pickRows(
        rows,
        everyRow(rows).filter(row => truthOf(source.where, rowOf(rows, row)) === true),
      )
    }
    case 'join': {
      const left = rowsOfSource(source.left, tables, block)
      const right = rowsOfSource(source.right, tables, block)
      return joined(source, left, right)
    }
  }
}

const readTable = (source: Extract<Source, { kind: 'table' }>, tables: PlainTables): Relation => {
  const table = tables.get(source.schema.table)
  if (table === undefined) throw new Error(`no table ${source.schema.table} to evaluate`)
  const valid = Array.from({ length: table.count }, (_, i) => i).filter(row => table.valid[row])
  const columns = source.columns.map(({ column, inside }): [string, readonly (bigint | null)[]] => {
    const values = columnOf(table, inside)
    return [column.name, valid.map(row => values[row] as bigint | null)]
  })
  return { count: valid.length, columns: new Map(columns) }
}

/** Columns of blocks by place, all at the decimals that the source declares. */
const byPlace = (
  source: Extract<Source, { kind: 'derived' | 'union' }>,
  queries: readonly Query[],
  block: EvaluateBlock,
): Relation => {
  const first = queries[0] as Query
  const blocks = queries.map(block)
  const columns = source.columns.map(({ column, inside }): [string, readonly (bigint | null)[]] => {
    const place = first.items.findIndex(({ name }) => name === inside)
    if (place < 0) throw new Error(`the block ${source.alias} shows no ${inside}`)
    return [
      column.name,
      blocks.flatMap(({ columns, scales }) => {
        const shift = scaleOf(column.type) - (scales[place] as number)
        if (shift < 0) throw new Error(`${column.name} has fewer decimals than what it stands for`)
        return (columns[place] ?? []).map(value => (value === null ? null : value * 10n ** BigInt(shift)))
      }),
    ]
  })
  return { count: blocks.reduce((sum, { count }) => sum + count, 0), columns: new Map(columns) }
}

// ── joins ───────────────────────────────────────────────────────────────────────────────────────────────────────────

type Join = Extract<Source, { kind: 'join' }>

/** The key of every row as text; undefined where a part of it is NULL, which equals nothing. */
const keysOf = (
  relation: Relation,
  side: Source,
  names: readonly string[],
  scales: readonly number[],
): readonly (string | undefined)[] => {
  const parts = names.map((name, i) => {
    const type = side.columns.find(({ column }) => column.name === name)?.column.type
    if (type === undefined) throw new Error(`a join names ${name}, which its side lacks`)
    const factor = 10n ** BigInt((scales[i] as number) - scaleOf(type))
    return columnOf(relation, name).map(value => (value === null ? null : value * factor))
  })
  return everyRow(relation).map(row => {
    const key = parts.map(values => values[row] as bigint | null)
    return key.includes(null) ? undefined : key.join()
  })
}

const joined = (source: Join, left: Relation, right: Relation): Relation => {
  const { join, on, matchesMax } = source
  if (join === 'single') return beside(left, right, source)
  const scaleIn = (side: Source, name: string): number => {
    const found = side.columns.find(({ column }) => column.name === name)
    return found === undefined ? 0 : scaleOf(found.column.type)
  }
  const scales = on.map(pair => Math.max(scaleIn(source.left, pair.left), scaleIn(source.right, pair.right)))
  const leftKeys = keysOf(
    left,
    source.left,
    on.map(pair => pair.left),
    scales,
  )
  const rightKeys = keysOf(
    right,
    source.right,
    on.map(pair => pair.right),
    scales,
  )
  const matches = new Map<string, number[]>()
  rightKeys.forEach((key, row) => {
    if (key === undefined) return
    const rows = matches.get(key)
    if (rows === undefined) matches.set(key, [row])
    else rows.push(row)
  })
  const matchesOf = (row: number): readonly number[] => matches.get(leftKeys[row] ?? '') ?? []
  if (join === 'semi' || join === 'anti')
    return renamed(
      source,
      pickRows(
        left,
        everyRow(left).filter(row => matchesOf(row).length > 0 === (join === 'semi')),
      ),
    )
  if ([...matches.values()].some(rows => rows.length > matchesMax))
    throw new Error(`a row meets more than ${matchesMax} rows`)
  const pairs = everyRow(left).flatMap((row): readonly (readonly [number, number | undefined])[] => {
    const rows = matchesOf(row)
    if (rows.length === 0) return join === 'left' ? [[row, undefined]] : []
    return rows.map(match => [row, match] as const)
  })
  return renamed(source, {
    count: pairs.length,
    columns: new Map([
      ...Array.from(
        left.columns,
        ([name, values]) => [name, pairs.map(([row]) => values[row] as bigint | null)] as const,
      ),
      ...Array.from(
        right.columns,
        ([name, values]) =>
          [
            name,
            pairs.map(([, row]) => (row === undefined ? null : (values[row] as bigint | null))),
          ] as const,
      ),
    ]),
  })
}

const beside = (left: Relation, right: Relation, source: Join): Relation => {
  if (right.count > 1) throw new Error('a subquery that stands for one value gives several rows')
  const rows = right.count === 0 ? [] : everyRow(left)
  const picked = pickRows(left, rows)
  const single = Array.from(
    right.columns,
    ([name, values]) => [name, rows.map(() => values[0] as bigint | null)] as const,
  )
  return renamed(source, { count: rows.length, columns: new Map([...picked.columns, ...single]) })
}

const renamed = (source: Join, relation: Relation): Relation => ({
  count: relation.count,
  columns: new Map(
    source.columns.map(({ column, inside }) => [column.name, columnOf(relation, inside)] as const),
  ),
})
