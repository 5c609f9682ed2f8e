/**
 * A join with one row is a comparison: listed JOIN applicant ON listed.person = applicant.person, where applicant has one
 * row, sets that row beside every row of listed and filters. An equality of w bits costs w - 1 ANDs a row and log w rounds,
 * sorting both sides about a thousand bytes a row and fifty rounds; and a declared key needs no check then, so one bit less
 * is opened. Rows that may have a match are those of the other side, so nothing behind it sees more rows than the join read.
 *
 * Only along inner joins at the front of a block, so that the equality may stand in WHERE; and for numbers, dates and texts.
 */
import { joined } from '../bind/join.ts'
import { type Predicate, referenceTo } from '../expression.ts'
import type { Query, Source } from '../query.ts'
import type { Rule } from './rule.ts'

interface Found {
  readonly source: Source
  readonly equalities: readonly Predicate[]
}

const COMPARED: ReadonlySet<string> = new Set(['integer', 'decimal', 'date', 'text'])

const columnOf = ({ columns }: Source, name: string) =>
  columns.map(({ column }) => column).find(column => column.name === name)

const equalitiesOf = ({ left, right, on }: Extract<Source, { kind: 'join' }>): readonly Predicate[] =>
  on.flatMap(pair => {
    const [a, b] = [columnOf(left, pair.left), columnOf(right, pair.right)]
    return a !== undefined && b !== undefined && COMPARED.has(a.type.kind)
      ? [{ kind: 'compare', comparison: '=', left: referenceTo(a), right: referenceTo(b) } as const]
      : []
  })

const find = (source: Source): Found => {
  if (source.kind !== 'join') return { source, equalities: [] }
  const before = find(source.left)
  const whole = { ...source, left: before.source }
  const { left, right, on, join, columns } = whole
  const equalities = equalitiesOf(whole)
  const isOne = left.rows === 1 || right.rows === 1
  if (join !== 'inner' || !isOne || equalities.length < on.length)
    return { source: whole, equalities: before.equalities }
  const beside =
    right.rows === 1 ? joined('single', left, right, [], 1) : joined('single', right, left, [], 1)
  return { source: { ...beside, columns }, equalities: [...before.equalities, ...equalities] }
}

const filtered = (query: Query): Query => {
  const { source, equalities } = find(query.from)
  if (equalities.length === 0) return query
  const conditions = [...(query.where === null ? [] : [query.where]), ...equalities]
  return {
    ...query,
    from: source,
    where: conditions.length === 1 ? (conditions[0] as Predicate) : { kind: 'and', of: conditions },
  }
}

export const compareWithOneRow: Rule = { name: 'compare-with-one-row', apply: filtered }
