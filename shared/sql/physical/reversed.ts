/** The last row first: what looks back then looks ahead. Local. */
import type { Kernel } from '../../kernel/kernel.ts'
import { type Column, permuteColumns, rowsOf } from '../../protocol/rows.ts'

export const reversed = <C extends Column>(kernel: Kernel, columns: readonly C[]): C[] => {
  const rows = rowsOf(columns)
  return permuteColumns(
    kernel,
    columns,
    Uint32Array.from({ length: rows }, (_, row) => rows - 1 - row),
  )
}
