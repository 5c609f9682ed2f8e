/**
 * The one row of a table beside every row of another: what a scalar subquery gives. A row counts when it counted before
 * and the single row counts.
 *
 * Secret: everything. Public: the number of rows. One round, one bit a row; with conversions of the one row, if it is
 * held otherwise, before that.
 */
import { and } from '../../protocol/and.ts'
import { prefixXor, repeat } from '../../protocol/prefix-sum.ts'
import { bitsConcat, isField, type Column as Vector } from '../../protocol/rows.ts'
import type { Session } from '../../session/session.ts'
import { type SharedBits, zeroBits } from '../../sharing/shared.ts'
import type { TableNode } from '../plan.ts'
import { conform } from './forms.ts'
import { type Table, vectorsOf, withVectors } from './table.ts'

export const attach = async (
  session: Session,
  input: Table,
  single: Table,
  node: Extract<TableNode, { operator: 'attach' }>,
): Promise<Table> => {
  if (single.rows !== 1) throw new Error(`attach: ${single.rows} rows beside every row`)
  const { kernel } = session
  const { rows } = input
  const isMine = (name: string): boolean => single.columns.has(name) || single.public.has(name)
  const spread = <V extends Vector>(vector: V): V =>
    (isField(vector)
      ? repeat(kernel, vector, rows)
      : rows === 0
        ? zeroBits(kernel, 0)
        : // The first bit, and no change after it.
          prefixXor(kernel, bitsConcat(kernel, vector as SharedBits, zeroBits(kernel, rows - 1)))) as V
  const [one, others] = await Promise.all([
    conform(
      session.step('single'),
      single,
      node.holds.filter(({ column }) => isMine(column.name)),
    ),
    conform(
      session.step('input'),
      input,
      node.holds.filter(({ column }) => !isMine(column.name)),
    ),
  ])
  const [valid] = await and(session.step('valid'), [input.valid], [spread(single.valid)])
  return {
    rows,
    valid: valid as SharedBits,
    columns: new Map([
      ...others.columns,
      ...[...one.columns].map(
        ([name, column]) => [name, withVectors(column, vectorsOf(column).map(spread))] as const,
      ),
    ]),
    public: new Map([
      ...others.public,
      ...[...one.public].map(
        ([name, { column, values }]) =>
          [name, { column, values: Array.from({ length: rows }, () => values[0] ?? null) }] as const,
      ),
    ]),
  }
}
