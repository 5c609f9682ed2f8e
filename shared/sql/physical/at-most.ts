/**
 * That a declared bound holds: no row is over it. Otherwise the run aborts, and nothing has been revealed.
 *
 * Opened: the number of rows over the bound times a random element of F_p that no party knows. That is 0 when there are
 * none, and a uniform element other than 0 when there are some, which tells that there are, not how many. A wrong "none"
 * has probability 2^-61.
 *
 * Secret: which rows, and how many. Public: the outcome. Four rounds, 8 bytes a row.
 */
import { Abort } from '../../base/errors.ts'
import { bitToField } from '../../protocol/bit-to-field.ts'
import { multiply } from '../../protocol/multiply.ts'
import { open } from '../../protocol/open.ts'
import type { Session } from '../../session/session.ts'
import { type SharedBits, sum } from '../../sharing/shared.ts'

export const requireNone = async (
  session: Session,
  over: SharedBits,
  { columns, rowsMax }: { readonly columns: readonly string[]; readonly rowsMax: number },
): Promise<void> => {
  const flags = await bitToField(session.step('flags'), over)
  const blind = session.step('blind').maskField('blind', 1)
  const product = await multiply(session.step('product'), sum(session.kernel, flags), blind)
  const { words } = await open(session.step('open'), product)
  // In a dry session there are no words.
  if (words.some(word => word !== 0n))
    throw new Abort(
      'key-not-unique',
      `more than ${rowsMax} rows have the same values in ${columns.join(', ')}, which was declared impossible`,
      { where: session.address },
    )
}
