/**
 * The dot product of every row of two tables in F_p, which are held row by row.
 *
 *     z_{r,i} = Σ_j (x_i y_i + x_i y_{i+1} + x_{i+1} y_i)_{r,j} + m_{r,i} - m_{r,i+1};   P_i sends z_i to P_{i-1}
 *
 * As in `dot-products.ts`, the sum is taken before the mask, so a row costs 8 bytes whatever its width. Secret:
 * everything. Public: number and width of the rows. One round.
 */
import { type Field, field } from '../field/field.ts'
import type { Session } from '../session/session.ts'
import type { SharedField } from '../sharing/shared.ts'
import { type Cost, evenCost } from './cost.ts'

export const dotRowsCost = (rows: number): Cost => evenCost(1, 8 * rows)

export const dotRows = async (
  session: Session,
  x: SharedField,
  y: SharedField,
  columns: number,
): Promise<SharedField> => {
  const rows = x.own.length / columns
  if (!Number.isInteger(rows) || y.own.length !== x.own.length)
    throw new RangeError(`dot rows: ${x.own.length} elements with ${y.own.length} in rows of ${columns}`)
  const masks = session.masks('gate', rows)
  const own = field(
    session.kernel.dotRowsLocal(x.own.words, x.next.words, y.own.words, y.next.words, columns, masks),
    rows,
  )
  const { fromNext } = await session.exchange({
    toPrevious: [own],
    fromNext: [{ domain: 'field', length: rows }],
  })
  const z = { own, next: fromNext[0] as Field }
  session.tape.dotRows(session.address, x, y, columns, z)
  return z
}
