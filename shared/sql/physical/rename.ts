/** The same columns under other names, in another order, or fewer. Local, but for conversions. */
import type { Session } from '../../session/session.ts'
import type { HeldColumn, TableNode } from '../plan.ts'
import { conform } from './forms.ts'
import { columnNamed, type PublicValues, type Table, type TableColumn } from './table.ts'

export const rename = (
  session: Session,
  table: Table,
  node: Extract<TableNode, { operator: 'rename' }>,
): Promise<Table> => {
  const columns = new Map<string, TableColumn>()
  const open = new Map<string, PublicValues>()
  node.holds.forEach(({ column }: HeldColumn, i) => {
    const from = node.from[i] as string
    const values = table.public.get(from)
    if (values !== undefined) open.set(column.name, { column, values: values.values })
    else columns.set(column.name, { ...columnNamed(table, from), column })
  })
  return conform(session, { ...table, columns, public: open }, node.holds)
}
