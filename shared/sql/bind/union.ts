/** UNION ALL: rows of several blocks below each other, columns by place, with bounds that hold for all of them. */
import { formatDate, formatScaled } from '../../data/exact.ts'
import { type Column, type ColumnType, rangeOf, scaleOf } from '../../data/schema.ts'
import { hull } from '../interval.ts'
import type { Query, Source } from '../query.ts'
import type { Complaints } from './complaints.ts'
import { columnsOfItems, rowsOfQuery } from './derived.ts'
import type { At } from './syntax.ts'

const isNumeric = ({ kind }: ColumnType): boolean => kind === 'integer' || kind === 'decimal'

/** A type that has the values of both; undefined where there is none. */
const commonType = (a: ColumnType, b: ColumnType): ColumnType | undefined => {
  if (JSON.stringify(a) === JSON.stringify(b)) return a
  if (a.kind === 'date' && b.kind === 'date') {
    const { low, high } = hull(rangeOf(a), rangeOf(b))
    return { kind: 'date', min: formatDate(low), max: formatDate(high) }
  }
  if (!isNumeric(a) || !isNumeric(b) || scaleOf(a) !== scaleOf(b)) return undefined
  const { low, high } = hull(rangeOf(a), rangeOf(b))
  const scale = scaleOf(a)
  return scale === 0
    ? { kind: 'integer', min: low.toString(), max: high.toString() }
    : { kind: 'decimal', scale, min: formatScaled(low, scale), max: formatScaled(high, scale) }
}

const commonColumn = (a: Column, b: Column, { fail }: Complaints, at: At): Column => {
  const type = commonType(a.type, b.type)
  if (type === undefined)
    return fail(
      `UNION ALL joins column "${a.name}" with "${b.name}", and their types differ.`,
      at,
      'Columns at the same place have one type: the same categories, or the same decimals.',
    )
  return {
    name: a.name,
    type,
    nullable: a.nullable || b.nullable,
    visibility: a.visibility === b.visibility ? a.visibility : 'secret',
    uses: a.uses.filter(use => b.uses.includes(use)),
  }
}

export const unionOf = (
  queries: readonly Query[],
  alias: string,
  complaints: Complaints,
  at: At,
): Extract<Source, { kind: 'union' }> => {
  const [first, ...others] = queries.map(columnsOfItems) as [readonly Column[], ...(readonly Column[])[]]
  if (others.some(columns => columns.length !== first.length))
    complaints.fail('The parts of UNION ALL have different numbers of columns.', at)
  const columns = others.reduce<readonly Column[]>(
    (before, next) =>
      before.map((column, place) => commonColumn(column, next[place] as Column, complaints, at)),
    first,
  )
  return {
    kind: 'union',
    rows: queries.reduce((sum, query) => sum + rowsOfQuery(query), 0),
    columns: columns.map(column => ({ column, inside: column.name })),
    queries,
    alias,
  }
}
