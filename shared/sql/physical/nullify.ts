/** A total over no values is NULL and not 0. Secret: which are. One comparison a count: the rounds of `is-negative`. */
import { isNegative } from '../../protocol/is-negative.ts'
import type { Session } from '../../session/session.ts'
import { addConstant, not, type SharedBits, type SharedField } from '../../sharing/shared.ts'
import type { TableNode } from '../plan.ts'
import { conform } from './forms.ts'
import { columnNamed, type Table } from './table.ts'

export const nullify = async (
  session: Session,
  table: Table,
  node: Extract<TableNode, { operator: 'nullify' }>,
): Promise<Table> => {
  const { kernel, party } = session
  const counts = [...new Set(node.nulls.map(({ count }) => count))]
  const some = new Map(
    await Promise.all(
      counts.map(async (count, i): Promise<[string, SharedBits]> => {
        const { field } = columnNamed(table, count)
        const less = addConstant(kernel, party, field as SharedField, -1n)
        return [count, not(kernel, party, await isNegative(session.step(`count-${i}`), less))]
      }),
    ),
  )
  const columns = new Map(table.columns)
  for (const { column, count } of node.nulls) {
    const held = table.columns.get(column)
    if (held === undefined) continue
    const bit = some.get(count) as SharedBits
    columns.set(column, {
      ...held,
      column: { ...held.column, nullable: true },
      notNull: { bit, field: undefined },
    })
  }
  return conform(session.step('hold'), { ...table, columns }, node.holds)
}
