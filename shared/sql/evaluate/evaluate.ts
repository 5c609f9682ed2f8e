/**
 * The planner's own plaintext evaluator: what the answer to a bound and rewritten query is, over rows that one place
 * holds. It knows nothing of plans, operators or shares, so that it can contradict them; it is what tests and previews
 * over one's own data compare with. Slow and plain on purpose: every value is an exact fraction, joins are by text.
 */
import { type ColumnType, scaleOf } from '../../data/schema.ts'
import { decodeValue } from '../../data/value.ts'
import type { Cell, Report } from '../finish.ts'
import type { Query } from '../query.ts'
import { evaluateBlock, typeOfItem } from './block.ts'
import type { Sortable } from './order.ts'
import type { PlainTables } from './relation.ts'

const cellOf = (type: ColumnType, value: Sortable): Cell =>
  value === undefined ? { suppressed: true } : value === null ? null : decodeValue(type, value)

/**
 * The report as the recipient would see it. Of groups that are not shown it knows only those that have rows. A minimum
 * group size of 0 is plain SQL: even totals over nothing are shown.
 */
export const evaluate = (
  query: Query,
  tables: PlainTables,
  { minimumGroupSize }: { readonly minimumGroupSize: number },
): Report => {
  const { lines, shown, hidden } = evaluateBlock(query, tables, minimumGroupSize)
  const types = query.items.map(item => typeOfItem(query, item))
  return {
    columns: query.items.map(({ name }, i) => {
      const type = types[i] as ColumnType
      return { name, type: type.kind, scale: scaleOf(type) }
    }),
    rows: lines.map(({ outputs }) => outputs.map((value, i) => cellOf(types[i] as ColumnType, value))),
    keys: query.keys.map(({ name }) => name),
    suppressedGroups: hidden.map(({ keys }) =>
      keys.map((value, i) => cellOf(query.keys[i]?.type as ColumnType, value)),
    ),
    counts: { shown, suppressed: hidden.length },
  }
}
