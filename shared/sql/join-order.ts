/**
 * Another order of the same inner joins: (a ⋈ b) ⋈ c, where c meets columns of b alone, is a ⋈ (b ⋈ c). The first sorts the
 * rows of a twice, the second those of b, so a large table of facts over a chain of look-ups wants the second, and a small
 * one over large look-ups the first. Which one is cheaper the planner counts (`choose.ts`).
 *
 * Only where every row of a meets at most one of b, and every row of b at most one of c: then b's keys are keys of b ⋈ c,
 * rows stay as many, and columns keep their order. Nothing else is opened by either than the bounds that both check.
 */
import { joined } from './bind/join.ts'
import type { Query, Source } from './query.ts'

type Join = Extract<Source, { kind: 'join' }>

const isLookUp = (source: Source): source is Join =>
  source.kind === 'join' && source.join === 'inner' && source.matchesMax === 1

/** Look-ups behind look-ups are done first, wherever that can be. */
const lookUpsFirst = (source: Source): Source => {
  if (source.kind === 'derived') return { ...source, query: withLookUpsFirst(source.query) }
  if (source.kind === 'union') return { ...source, queries: source.queries.map(withLookUpsFirst) }
  if (source.kind === 'filter') return { ...source, input: lookUpsFirst(source.input) }
  if (source.kind !== 'join') return source
  const whole: Join = { ...source, left: lookUpsFirst(source.left), right: lookUpsFirst(source.right) }
  const { left, right, on } = whole
  if (!isLookUp(whole) || !isLookUp(left)) return whole
  const inner = new Set(left.right.columns.map(({ column }) => column.name))
  if (!on.every(pair => inner.has(pair.left))) return whole
  const behind = lookUpsFirst(joined('inner', left.right, right, on, 1))
  return { ...joined('inner', left.left, behind, left.on, 1), columns: source.columns }
}

const withLookUpsFirst = (query: Query): Query => ({
  ...query,
  from: lookUpsFirst(query.from),
  beside: query.beside.map(lookUpsFirst),
})

/** The query as it is, and with look-ups first where that is another one. */
export const joinOrders = (query: Query): readonly Query[] => {
  const other = withLookUpsFirst(query)
  return JSON.stringify(other.from) === JSON.stringify(query.from) &&
    JSON.stringify(other.beside) === JSON.stringify(query.beside)
    ? [query]
    : [query, other]
}
