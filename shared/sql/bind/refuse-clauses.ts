/** Whole clauses that have no meaning here. */
import type { ParsedQuery } from '../parse.ts'
import type { Complaints } from './complaints.ts'

export const refuseClauses = ({ select, keyword: at }: ParsedQuery, { unsupported }: Complaints): void => {
  if (select.op !== undefined && select.op !== 'SETOP_NONE') {
    const word = select.op.replace('SETOP_', '')
    unsupported(`${word} at the top of a query`, at(word), 'Write SELECT … FROM (… UNION ALL …) AS x.')
  }
  if (select.valuesLists !== undefined) unsupported('VALUES', at('VALUES'))
  if (select.intoClause !== undefined) unsupported('SELECT INTO', at('INTO'))
  if (select.windowClause !== undefined) unsupported('WINDOW', at('WINDOW'))
  if (select.lockingClause !== undefined) unsupported('FOR UPDATE or FOR SHARE', at('FOR'))
  if (select.groupDistinct) unsupported('GROUP BY DISTINCT', at('GROUP'))
  if (select.limitOption === 'LIMIT_OPTION_WITH_TIES') unsupported('WITH TIES', at('TIES'))
}
