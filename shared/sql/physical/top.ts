/**
 * The first rows of a table in an order; of equal rows those that came first. Where fewer count, the rest does not count.
 *
 * Secret: everything, which rows they are as well. Public: shapes, the uniform permutations of one sort and its move.
 * A sort of the order's width plus 1; then everything else works on the few rows that are left.
 */
import { firstRows } from '../../protocol/rows.ts'
import type { Session } from '../../session/session.ts'
import type { SharedBits } from '../../sharing/shared.ts'
import type { TableNode } from '../plan.ts'
import { conform } from './forms.ts'
import { sortTable } from './sort-key.ts'
import { type Table, vectorsOf, withVectors } from './table.ts'

export const top = async (
  session: Session,
  table: Table,
  node: Extract<TableNode, { operator: 'top' }>,
): Promise<Table> => {
  const { kernel } = session
  const names = node.holds.map(({ column }) => column.name)
  const sorted = await sortTable(session.step('order'), table, node.order, names)
  const [valid] = firstRows(kernel, [sorted.valid], node.rows) as [SharedBits]
  const columns = new Map(
    [...sorted.columns].map(([name, column]) => [
      name,
      withVectors(column, firstRows(kernel, vectorsOf(column), node.rows)),
    ]),
  )
  return conform(session.step('holds'), { rows: node.rows, valid, columns, public: new Map() }, node.holds)
}
