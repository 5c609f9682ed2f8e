/**
 * Moves conditions of WHERE below joins. Rows that fail a condition stay where they are and count no more, so nothing gets
 * smaller by it; what is gained is that a column which only a condition names does not move through the join, that rows
 * which a join repeats are asked once, and that a condition on public columns is decided in the clear, which behind a join
 * it is not. Below a LEFT JOIN go conditions on its left side alone, below a semi or anti join likewise.
 *
 * Conditions of one WHERE are computed side by side, and so are those below joins. Where every one can be moved, all are.
 * Where one has to stay, moving another adds its rounds to those of the one that stays: then only those move that are on
 * public columns of a right side, which take no rounds, and over many rows, where bytes count and rounds do not.
 */
import { columnsOf, type Predicate, walkPredicate } from '../expression.ts'
import type { Query, Source } from '../query.ts'
import type { Rule } from './rule.ts'

/** From so many rows on, a column that moves through a join costs more than a few rounds. */
const ROWS_MANY = 1 << 18

const conjunctsOf = (of: Predicate | null): readonly Predicate[] =>
  of === null ? [] : of.kind === 'and' ? of.of : [of]

const allOf = ([first, ...others]: readonly Predicate[]): Predicate | null =>
  first === undefined ? null : others.length === 0 ? first : { kind: 'and', of: [first, ...others] }

const filtered = (input: Source, where: Predicate): Source =>
  input.kind === 'filter'
    ? { ...input, where: { kind: 'and', of: [...conjunctsOf(input.where), where] } }
    : {
        kind: 'filter',
        input,
        where,
        rows: input.rows,
        columns: input.columns.map(({ column }) => ({ column, inside: column.name })),
      }

/** The source with the condition inside of it; undefined where it has to stay, or may as well. */
const pushed = (source: Source, where: Predicate, all: boolean): Source | undefined => {
  const names = columnsOf(walkPredicate(where))
  if (source.kind !== 'join' || names.size === 0) return undefined
  const { left, right, join, matchesMax } = source
  const columnsIn = ({ columns }: Source) => columns.filter(({ column }) => names.has(column.name))
  const into = (side: Source, gains: boolean): Source | undefined =>
    all || gains ? (pushed(side, where, true) ?? filtered(side, where)) : pushed(side, where, false)
  const isMany = source.rows + right.rows >= ROWS_MANY
  if (columnsIn(left).length === names.size) {
    const inside = into(left, isMany && matchesMax > 1)
    return inside && { ...source, left: inside }
  }
  const found = columnsIn(right)
  if (join !== 'inner' || found.length < names.size || right.rows > source.rows) return undefined
  const inside = into(right, isMany || found.every(({ column }) => column.visibility === 'public'))
  return inside && { ...source, right: inside }
}

const push = (query: Query, all: boolean): Query => {
  const rest: Predicate[] = []
  const from = conjunctsOf(query.where).reduce((source, where) => {
    const inside = pushed(source, where, all)
    if (inside === undefined) rest.push(where)
    return inside ?? source
  }, query.from)
  return { ...query, from, where: allOf(rest) }
}

export const pushDownFilter: Rule = {
  name: 'push-down-filter',
  apply: query => {
    const whole = push(query, true)
    return whole.where === null ? whole : push(query, false)
  },
}
