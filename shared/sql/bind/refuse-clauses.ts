/** Whole clauses that have no meaning here. */
import type { ParsedQuery } from '../parse.ts'
import type { Complaints } from './complaints.ts'

const DISTINCT_GROUPS = 'Group by what is shown: then groups differ.'

export const refuseClauses = ({ select, keyword: at }: ParsedQuery, { unsupported }: Complaints): void => {
  if (select.op !== undefined && select.op !== 'SETOP_NONE') {
    const word = select.op.replace('SETOP_', '')
    unsupported(`${word} at the top of a query`, at(word), 'Write SELECT … FROM (… UNION ALL …) AS x.')
  }
  if (select.valuesLists !== undefined) unsupported('VALUES', at('VALUES'))
  if (select.intoClause !== undefined) unsupported('SELECT INTO', at('INTO'))
  if (select.windowClause !== undefined) unsupported('WINDOW', at('WINDOW'))
  if (select.lockingClause !== undefined) unsupported('FOR UPDATE or FOR SHARE', at('FOR'))
  // The grammar writes plain DISTINCT as a list of one empty node.
  if (select.distinctClause?.some(node => Object.keys(node).length > 0))
    unsupported(
      'DISTINCT ON',
      at('DISTINCT'),
      'Number the rows with ROW_NUMBER() OVER (…) and keep number 1.',
    )
  if (select.distinctClause !== undefined && (select.groupClause ?? select.havingClause) !== undefined)
    unsupported('DISTINCT beside GROUP BY or HAVING', at('DISTINCT'), DISTINCT_GROUPS)
  if (select.groupDistinct) unsupported('GROUP BY DISTINCT', at('GROUP'))
  if (select.limitOption === 'LIMIT_OPTION_WITH_TIES') unsupported('WITH TIES', at('TIES'))
}
