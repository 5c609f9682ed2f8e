/**
 * Rows times a secret flag: where it is 0, every column becomes zero. The flag is given in both domains, as one column of
 * bits and one of elements, so bits and elements are cleared in the same round.
 *
 * Secret: everything. Public: the shapes. One round; 8 bytes an element, or one bit a bit.
 */
import type { Shape } from '../session/encoding.ts'
import type { Session } from '../session/session.ts'
import type { SharedBits, SharedField } from '../sharing/shared.ts'
import { and, andCost } from './and.ts'
import { type Cost, inParallel } from './cost.ts'
import { multiplyAll, multiplyAllCost } from './multiply.ts'
import { type Column, isField } from './rows.ts'

export interface RowFlags {
  readonly bits: SharedBits
  readonly elements: SharedField
}

export const clearRowsCost = (shapes: readonly Shape[]): Cost => {
  const ofDomain = (domain: Shape['domain']): number[] =>
    shapes.filter(shape => shape.domain === domain).map(({ length }) => length)
  return inParallel(multiplyAllCost(...ofDomain('field')), andCost(...ofDomain('boolean')))
}

export const clearRows = async <C extends Column>(
  session: Session,
  flags: RowFlags,
  columns: readonly C[],
): Promise<C[]> => {
  const elements = columns.filter((column): column is C & SharedField => isField(column))
  const slices = columns.filter((column): column is C & SharedBits => !isField(column))
  const [clearedElements, clearedSlices] = await Promise.all([
    multiplyAll(
      session.step('elements'),
      elements,
      elements.map(() => flags.elements),
    ),
    and(
      session.step('bits'),
      slices,
      slices.map(() => flags.bits),
    ),
  ])
  let nextElement = 0
  let nextSlice = 0
  return columns.map(
    column => (isField(column) ? clearedElements[nextElement++] : clearedSlices[nextSlice++]) as C,
  )
}
