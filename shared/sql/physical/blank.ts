/** A table of the same columns with so many rows that do not count. Local. */
import { columnWidth } from '../../data/schema.ts'
import { fieldZeros } from '../../field/field.ts'
import type { Session } from '../../session/session.ts'
import { type SharedField, zeroBits } from '../../sharing/shared.ts'
import { secretTable } from './forms.ts'
import type { Table } from './table.ts'

export const blankTable = (session: Session, table: Table, rows: number): Table => {
  const { kernel } = session
  const zeros = (): SharedField => ({ own: fieldZeros(kernel, rows), next: fieldZeros(kernel, rows) })
  const { columns } = secretTable(session, table)
  return {
    rows,
    valid: zeroBits(kernel, rows),
    columns: new Map(
      [...columns].map(([name, held]) => [
        name,
        {
          ...held,
          slices:
            held.slices.length === 0
              ? []
              : Array.from({ length: columnWidth(held.column) }, () => zeroBits(kernel, rows)),
          field: held.field && zeros(),
          notNull: held.notNull && {
            bit: zeroBits(kernel, rows),
            field: held.notNull.field && zeros(),
          },
        },
      ]),
    ),
    public: new Map(),
  }
}
