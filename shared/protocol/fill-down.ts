/**
 * Fill down: every row gets what the last marked row at or above it holds, zero where there is none.
 *
 * Marked rows are brought to the front, where the marked row before is the row before; the differences between them are
 * taken (zero behind them), brought back to their rows, and summed up from the top: what a row sums to is the value of
 * the last marked row above. Reference 2.7, in F_p.
 *
 * With it, sums over sorted groups can stop at every row: the running sum within a group is the prefix sum over all rows
 * less the prefix sum before the group's first row. A running count is the row number within the group.
 *
 * Secret: everything. Public: shapes, one uniform permutation. Nine rounds.
 */
import { fieldFill } from '../field/field.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Shape } from '../session/encoding.ts'
import type { Session } from '../session/session.ts'
import { type SharedBits, type SharedField, shareOfField, subtract } from '../sharing/shared.ts'
import { bitToField, bitToFieldCost } from './bit-to-field.ts'
import { clearRows, clearRowsCost } from './clear-rows.ts'
import { type Cost, inSequence } from './cost.ts'
import { partitionPositions, partitionPositionsCost } from './partition.ts'
import { applyPermutationCost, moveRows } from './permutation.ts'
import { bitDifferences, differences, prefixSum, prefixXor } from './prefix-sum.ts'
import { type Column, isField } from './rows.ts'
import { unshuffleCost } from './shuffle.ts'

export const fillDownCost = (rows: number, shapes: readonly Shape[]): Cost =>
  inSequence(
    bitToFieldCost(rows),
    partitionPositionsCost(rows),
    applyPermutationCost(
      [{ domain: 'boolean', length: rows }, { domain: 'field', length: rows }, ...shapes],
      rows,
    ),
    clearRowsCost(shapes),
    unshuffleCost(shapes),
  )

/** By domain: what a row adds to the row before, and the sum of that over all rows so far. */
const stepsOf = <C extends Column>(kernel: Kernel, column: C): C =>
  (isField(column) ? differences(kernel, column) : bitDifferences(kernel, column as SharedBits)) as C
const sumOf = <C extends Column>(kernel: Kernel, column: C): C =>
  (isField(column) ? prefixSum(kernel, column) : prefixXor(kernel, column as SharedBits)) as C

export const fillDown = async <C extends Column>(
  session: Session,
  marked: SharedBits,
  columns: readonly C[],
): Promise<C[]> => {
  const { kernel } = session
  const flags = await bitToField(session.step('flags'), marked)
  const positions = await partitionPositions(session.step('positions'), flags)
  const moved = await moveRows<Column>(session.step('move'), positions, [marked, flags, ...columns])
  const [bits, elements, ...values] = moved.columns as [SharedBits, SharedField, ...C[]]
  const steps = await clearRows(
    session.step('clear'),
    { bits, elements },
    values.map(value => stepsOf(kernel, value)),
  )
  const back = await moved.moveBack(session.step('back'), steps)
  return back.map(step => sumOf(kernel, step))
}

export const runningTotalsCost = (rows: number, values: number): Cost =>
  fillDownCost(
    rows,
    Array.from({ length: values + 1 }, () => ({ domain: 'field', length: rows })),
  )

/** Row number within the group, from 1, and running sums of the values; `starts` as from `groupStarts`. */
export const runningTotals = async (
  session: Session,
  starts: SharedBits,
  values: readonly SharedField[],
): Promise<{ readonly numbers: SharedField; readonly sums: SharedField[] }> => {
  const { kernel, party } = session
  const ones = shareOfField(kernel, party, fieldFill(kernel, starts.own.length, 1n))
  const all = [ones, ...values]
  const running = all.map(value => prefixSum(kernel, value))
  const before = await fillDown(
    session,
    starts,
    running.map((total, i) => subtract(kernel, total, all[i] as SharedField)),
  )
  const [numbers, ...sums] = running.map((total, i) => subtract(kernel, total, before[i] as SharedField))
  return { numbers: numbers as SharedField, sums }
}
