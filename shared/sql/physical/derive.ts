/** Columns that are computed of the others in their row: values in F_p, 0 where NULL. The rows stay as they are. */
import { rangeOf } from '../../data/schema.ts'
import type { Session } from '../../session/session.ts'
import { notNullOf } from '../contributors.ts'
import { amountOrZero, indicatorTruth } from '../operator/expression.ts'
import { sharedAmount, sharedTruth } from '../operator/value.ts'
import type { TableNode } from '../plan.ts'
import { conform } from './forms.ts'
import { frameOf, type Table, type TableColumn } from './table.ts'

export const derive = async (
  session: Session,
  table: Table,
  node: Extract<TableNode, { operator: 'derive' }>,
): Promise<Table> => {
  const frame = frameOf(table)
  const made = await Promise.all(
    node.computed.map(async ({ name, of }, i): Promise<readonly [string, TableColumn][]> => {
      const column = node.holds.find(held => held.column.name === name)?.column
      if (column === undefined) return []
      const here = session.step(`column-${i}`)
      const [amount, known] = await Promise.all([
        amountOrZero(here.step('value'), frame, of),
        column.nullable
          ? indicatorTruth(here.step('known'), frame, notNullOf(of, frame.isNullable))
          : undefined,
      ])
      const notNull = known && { bit: sharedTruth(session, known), field: undefined }
      const field = sharedAmount(session, amount)
      return [[name, { column, slices: [], low: rangeOf(column.type).low, field, notNull }]]
    }),
  )
  const columns = new Map([...table.columns, ...made.flat()])
  return conform(session.step('hold'), { ...table, columns }, node.holds)
}
