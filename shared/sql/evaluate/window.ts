/** Window functions over plain rows: each partition in its order, one row after the other. */
import type { Column } from '../../data/schema.ts'
import { evaluateFormula } from '../formula.ts'
import type { WindowCall } from '../query.ts'
import { compareValues } from './order.ts'
import { columnOf, partitionRows, type Relation, rowOf, withColumn } from './relation.ts'

export const withWindow = (relation: Relation, call: WindowCall, columns: readonly Column[]): Relation => {
  const values: (bigint | null)[] = Array.from({ length: relation.count }, () => null)
  for (const part of partitionRows(relation, call.partition)) {
    const sorted = [...part].sort((a, b) => compareRows(relation, call, columns, a, b))
    const isPeer = (a: number, b: number): boolean => compareRows(relation, call, columns, a, b) === 0
    const results = valuesOf(relation, call, sorted, isPeer)
    sorted.forEach((row, i) => {
      values[row] = results[i] as bigint | null
    })
  }
  return withColumn(relation, call.column.name, values)
}

const compareRows = (
  relation: Relation,
  { order }: WindowCall,
  columns: readonly Column[],
  a: number,
  b: number,
): number => {
  for (const { column, ...direction } of order) {
    const values = columnOf(relation, column)
    const { type } = columns.find(({ name }) => name === column) as Column
    const result = compareValues(values[a], values[b], type, direction)
    if (result !== 0) return result
  }
  return 0
}

const valuesOf = (
  relation: Relation,
  call: WindowCall,
  sorted: readonly number[],
  isPeer: (a: number, b: number) => boolean,
): readonly (bigint | null)[] => {
  switch (call.kind) {
    case 'row-number':
      return sorted.map((_, i) => BigInt(i + 1))
    case 'lag':
      return sorted.map((_, i) =>
        i === 0 ? null : (columnOf(relation, call.of)[sorted[i - 1] as number] ?? null),
      )
    case 'sum': {
      let sum: bigint | null = null
      const running = sorted.map(row => {
        const { value } = evaluateFormula(call.of, rowOf(relation, row))
        if (value !== null) sum = (sum ?? 0n) + value
        return sum
      })
      if (call.order.length === 0) return sorted.map(() => sum)
      return call.peers
        ? sorted.map(row => running[sorted.findLastIndex(other => isPeer(row, other))] ?? null)
        : running
    }
  }
}
