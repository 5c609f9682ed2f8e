/**
 * The first rows of a table in an order; of equal rows those that came first. Where fewer count, the rest does not count.
 *
 * Secret: everything, which rows they are as well. Public: shapes, the uniform permutations of one sort and its move.
 * A sort of the order's width plus 1; then everything else works on the few rows that are left.
 */
import type { Session } from '../../session/session.ts'
import type { TableNode } from '../plan.ts'
import { conform } from './forms.ts'
import { sortTable } from './sort-key.ts'
import { firstOfTable, type Table } from './table.ts'

export const top = async (
  session: Session,
  table: Table,
  node: Extract<TableNode, { operator: 'top' }>,
): Promise<Table> => {
  const names = node.holds.map(({ column }) => column.name)
  const sorted = await sortTable(session.step('order'), table, node.order, names)
  return conform(session.step('holds'), firstOfTable(session.kernel, sorted, node.rows), node.holds)
}
