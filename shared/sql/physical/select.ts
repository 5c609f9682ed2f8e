/** Rows that fulfil a condition count, the others stay where they are and count no more. Secret: which. */
import type { Session } from '../../session/session.ts'
import { truthOf } from '../operator/predicate.ts'
import { andTruths, secretTruth, sharedTruth, type Truth } from '../operator/value.ts'
import type { TableNode } from '../plan.ts'
import { conform } from './forms.ts'
import { frameOf, type Table } from './table.ts'

export const select = async (
  session: Session,
  table: Table,
  node: Extract<TableNode, { operator: 'select' }>,
): Promise<Table> => {
  const truth = await truthOf(session.step('where'), frameOf(table), node.predicate)
  const [kept] = await andTruths(session.step('valid'), [secretTruth(table.valid)], [truth])
  return conform(session.step('hold'), { ...table, valid: sharedTruth(session, kept as Truth) }, node.holds)
}
