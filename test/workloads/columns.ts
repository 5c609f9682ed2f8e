/** Short words for the schemas of the workloads. Every use is allowed: what is tested is the answer. */
import type { Column, ColumnType } from '../../shared/data/schema.ts'

const USES: Column['uses'] = ['filter', 'group', 'join', 'aggregate', 'show']

export const integer = (min: number, max: number): ColumnType => ({ kind: 'integer', min, max })
export const money = (min: string, max: string): ColumnType => ({ kind: 'decimal', scale: 2, min, max })
export const date = (min: string, max: string): ColumnType => ({ kind: 'date', min, max })
export const category = (values: readonly string[]): ColumnType => ({ kind: 'category', values: [...values] })
export const boolean: ColumnType = { kind: 'boolean' }

export const column = (
  name: string,
  type: ColumnType,
  { nullable = false, visibility = 'secret' }: Partial<Pick<Column, 'nullable' | 'visibility'>> = {},
): Column => ({ name, type, nullable, visibility, uses: USES })
