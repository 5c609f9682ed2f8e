/**
 * One row a group, from rows sorted by the group's key: sums, the number of rows, and whatever the group's last row holds.
 *
 * A sum over a group is the prefix sum at its end less the prefix sum at the end of the group before. So prefix sums are
 * taken over all rows (local), the ends of groups are brought to the front (`partition.ts`), where the group before is
 * the row before, and differences are taken (local); what stands behind the groups is multiplied by zero. Asharov et al.
 * 2023 (CCS), reference 2.6. No scan in log n rounds is needed.
 *
 * Smallest and largest values of a group: sort by key and value, and the group's last row holds the largest.
 *
 * Secret: everything, the number of groups as well: as many rows come out as went in. `firstRows` cuts them where the
 * plan declares a bound. Public: shapes, one uniform permutation. Seven rounds.
 */
import { fieldFill } from '../field/field.ts'
import type { Shape } from '../session/encoding.ts'
import type { Session } from '../session/session.ts'
import { type SharedBits, type SharedField, shareOfField } from '../sharing/shared.ts'
import { bitToField, bitToFieldCost } from './bit-to-field.ts'
import { clearRows, clearRowsCost } from './clear-rows.ts'
import { type Cost, inSequence } from './cost.ts'
import { partitionPositions, partitionPositionsCost } from './partition.ts'
import { applyPermutation, applyPermutationCost } from './permutation.ts'
import { differences, prefixSum } from './prefix-sum.ts'
import type { Column } from './rows.ts'

export interface Groups {
  /** 1 for every row that is a group; these come first. */
  readonly valid: SharedBits
  /** Rows of the group. */
  readonly counts: SharedField
  readonly sums: readonly SharedField[]
  /** What the last row of the group holds, zero behind the groups. */
  readonly kept: readonly Column[]
}

export const groupTotalsCost = (rows: number, sums: number, kept: readonly Shape[]): Cost => {
  const element: Shape = { domain: 'field', length: rows }
  const cleared = [...Array.from({ length: sums + 1 }, () => element), ...kept]
  return inSequence(
    bitToFieldCost(rows),
    partitionPositionsCost(rows),
    applyPermutationCost([{ domain: 'boolean', length: rows }, element, ...cleared], rows),
    clearRowsCost(cleared),
  )
}

/** `ends` as from `groupEnds`. */
export const groupTotals = async (
  session: Session,
  ends: SharedBits,
  values: readonly SharedField[],
  kept: readonly Column[],
): Promise<Groups> => {
  const { kernel, party } = session
  const rows = ends.own.length
  const flags = await bitToField(session.step('flags'), ends)
  const positions = await partitionPositions(session.step('positions'), flags)
  const ones = shareOfField(kernel, party, fieldFill(kernel, rows, 1n))
  const running = [ones, ...values].map(value => prefixSum(kernel, value))
  const moved = await applyPermutation<Column>(session.step('move'), positions, [
    ends,
    flags,
    ...running,
    ...kept,
  ])
  const [valid, elements, ...columns] = moved as [SharedBits, SharedField, ...Column[]]
  const totals = columns.slice(0, running.length).map(total => differences(kernel, total as SharedField))
  const held = columns.slice(running.length)
  const cleared = await clearRows<Column>(session.step('clear'), { bits: valid, elements }, [
    ...totals,
    ...held,
  ])
  const [counts, ...sums] = cleared.slice(0, totals.length) as [SharedField, ...SharedField[]]
  return { valid, counts, sums, kept: cleared.slice(totals.length) }
}
