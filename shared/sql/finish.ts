/**
 * At the recipient: from revealed integers, in plan order, to the report. Division, ordering and limits happen here, over
 * values that the recipient has learned; no party sees them.
 */
import { formatScaled } from '../data/exact.ts'
import { type Column, type ColumnType, scaleOf } from '../data/schema.ts'
import { decodeValue } from '../data/value.ts'
import { scaleOf as scaleOfExpression } from './expression.ts'
import { evaluateFormula } from './formula.ts'
import { digitsOf } from './operator/group.ts'
import {
  type CompiledQuery,
  type FormulaLeaf,
  keyNamesOf,
  type Ordering,
  type Output,
  type OutputType,
  type PhysicalPlan,
  type RevealedVector,
  ROWS,
  revealedBy,
} from './plan.ts'
import { compareText } from './text-order.ts'

/** Integers are numbers while JavaScript holds them exactly, else text; decimals, dates and categories are text. */
export type Cell = string | number | boolean | null | { readonly suppressed: true }

export interface Report {
  readonly columns: readonly { readonly name: string; readonly type: OutputType; readonly scale: number }[]
  /** Shown groups, ordered and limited as the query says. */
  readonly rows: readonly (readonly Cell[])[]
  /**
   * Names of the keys, and the keys of every group that is not shown: too small, empty, or refused by HAVING. Where groups
   * are not declared but found in secret data, those that are not shown are not known to anybody.
   */
  readonly keys: readonly string[]
  readonly suppressedGroups: readonly (readonly Cell[])[]
  /** Groups before OFFSET and LIMIT. */
  readonly counts: { readonly shown: number; readonly suppressed: number | null }
}

/** Digits of an average beyond those of its values. */
export const AVERAGE_DIGITS = 4
const SUPPRESSED: Cell = { suppressed: true }

/** sum / count at `digits` more decimals, half away from zero; exact until that rounding. */
export const average = (sum: bigint, count: bigint, digits: number): bigint => {
  const scaled = sum * 10n ** BigInt(digits)
  const magnitude = scaled < 0n ? -scaled : scaled
  const rounded = (2n * magnitude + count) / (2n * count)
  return scaled < 0n ? -rounded : rounded
}

/** What a report is ordered by: null is NULL, undefined is suppressed. */
type SortValue = bigint | string | null | undefined

interface Value {
  readonly cell: Cell
  readonly sort: SortValue
}

/** A key with the integer that stands for it. */
type KeyValue = Value & { readonly encoded: bigint | null }

interface Group {
  readonly isShown: boolean
  readonly keys: readonly KeyValue[]
  readonly outputs: readonly Value[]
}

/** `values` are the revealed integers of all vectors, one vector after the other. */
export const finish = (
  { plan }: Pick<CompiledQuery, 'plan'>,
  values: readonly bigint[],
  options: { readonly includeSuppressed?: boolean } = {},
): Report => {
  const groups = groupsOf(plan, values)
  const shown = groups.filter(group => group.isShown)
  const hidden = groups.filter(group => !group.isShown)
  const listed = [...shown].sort((a, b) => compareGroups(plan.order, a, b))
  const end = plan.limit === null ? undefined : plan.offset + plan.limit
  const rows = listed.slice(plan.offset, end)
  const cellsOf = (list: readonly Value[]): readonly Cell[] => list.map(value => value.cell)
  return {
    columns: plan.outputs.map(output => ({ name: output.name, ...typeOf(plan, output) })),
    rows: [...rows, ...(options.includeSuppressed && plan.form === 'cells' ? hidden : [])].map(group =>
      cellsOf(group.outputs),
    ),
    keys: keyNamesOf(plan),
    suppressedGroups: plan.form === 'cells' ? hidden.map(group => cellsOf(group.keys)) : [],
    counts: { shown: shown.length, suppressed: plan.form === 'cells' ? hidden.length : null },
  }
}

const keyColumn = (plan: PhysicalPlan, key: number): Column => {
  if (plan.form === 'tables') return plan.keys[key] as Column
  const column = plan.columns.find(({ name }) => name === plan.keys[key]?.column)
  if (column === undefined) throw new Error('a key is not among the columns of the plan')
  return column
}

const groupsOf = (plan: PhysicalPlan, values: readonly bigint[]): readonly Group[] => {
  const vectors = revealedBy(plan)
  if (values.length !== vectors.length * plan.cells)
    throw new RangeError(`expected ${vectors.length * plan.cells} revealed values, got ${values.length}`)
  const at = (kind: RevealedVector['kind'], slot: string, guard: string, cell: number): bigint => {
    const place = vectors.findIndex(
      vector => vector.kind === kind && vector.slot === slot && vector.guard === guard,
    )
    const value = values[place * plan.cells + cell]
    if (place < 0 || value === undefined) throw new Error(`${slot} is not revealed`)
    return value
  }
  const isRevealed = (kind: RevealedVector['kind'], slot: string): boolean =>
    vectors.some(vector => vector.kind === kind && vector.slot === slot)
  const keysOf = (cell: number, isShown: boolean): readonly KeyValue[] => {
    if (plan.form === 'cells') {
      const sizes = plan.keys.map(key => key.values.length)
      return digitsOf(cell, sizes).map((digit, key) =>
        keyValue(keyColumn(plan, key).type, plan.keys[key]?.values[digit] ?? null),
      )
    }
    return plan.keys.map(({ name, type }) => {
      const isNull = isRevealed('known', name) && at('known', name, ROWS, cell) !== 1n
      if (!isShown || isNull || !isRevealed('column', name)) return keyValue(type, null)
      return keyValue(type, at('column', name, ROWS, cell).toString())
    })
  }
  const isHidden = (guard: string, cell: number): boolean => at('shown', guard, guard, cell) !== 1n
  return Array.from({ length: plan.cells }, (_, cell): Group => {
    const isShown = at('shown', ROWS, ROWS, cell) === 1n
    const keys = keysOf(cell, isShown)
    const leafValue = (leaf: FormulaLeaf): bigint | null => {
      if (leaf.kind === 'total') return at('total', leaf.slot, leaf.guard, cell)
      return (keys[leaf.key] as KeyValue).encoded
    }
    const outputs = plan.outputs.map((output): Value => {
      if (output.kind === 'key') return keys[output.key] as Value
      if (!isShown) return { cell: SUPPRESSED, sort: undefined }
      if (output.kind === 'formula') {
        const leaves = new Map(output.leaves)
        for (const leaf of leaves.values())
          if (leaf.kind === 'total' && isHidden(leaf.guard, cell))
            return { cell: SUPPRESSED, sort: undefined }
        const { value, scale } = evaluateFormula(output.of, text => {
          const leaf = leaves.get(text)
          return leaf && leafValue(leaf)
        })
        return value === null ? { cell: null, sort: null } : numberValue(value, scale)
      }
      if (isHidden(output.guard, cell)) return { cell: SUPPRESSED, sort: undefined }
      if (output.kind === 'total') {
        const value = at('total', output.slot, output.guard, cell)
        return output.column === undefined
          ? numberValue(value, output.scale)
          : keyValue(output.column.type, value.toString())
      }
      const sum = at('total', output.sum, output.guard, cell)
      const count = at('total', output.count, output.guard, cell)
      // With noise a count may be 0 or less although its group is shown.
      if (count <= 0n) return { cell: null, sort: null }
      return numberValue(average(sum, count, AVERAGE_DIGITS), output.scale + AVERAGE_DIGITS)
    })
    return { isShown, keys, outputs }
  })
}

const keyValue = (type: ColumnType, encoded: string | null): KeyValue => {
  if (encoded === null) return { cell: null, sort: null, encoded: null }
  const value = BigInt(encoded)
  const cell = decodeValue(type, value)
  return { cell, sort: type.kind === 'category' ? String(cell) : value, encoded: value }
}

const numberValue = (value: bigint, scale: number): Value => ({
  cell: scale === 0 ? decodeValue({ kind: 'integer', min: 0, max: 0 }, value) : formatScaled(value, scale),
  sort: value,
})

const typeOf = (plan: PhysicalPlan, output: Output): { type: OutputType; scale: number } => {
  if (output.kind === 'key') {
    const { type } = keyColumn(plan, output.key)
    return { type: type.kind, scale: scaleOf(type) }
  }
  if (output.kind === 'total' && output.column !== undefined)
    return { type: output.column.type.kind, scale: scaleOf(output.column.type) }
  const scale =
    output.kind === 'formula'
      ? scaleOfExpression(output.of)
      : output.kind === 'average'
        ? output.scale + AVERAGE_DIGITS
        : output.scale
  return { type: scale === 0 ? 'integer' : 'decimal', scale }
}

const compareGroups = (order: readonly Ordering[], a: Group, b: Group): number => {
  for (const { by, descending, nullsFirst } of order) {
    const [x, y] = [a, b].map(group => (by.kind === 'key' ? group.keys : group.outputs)[by.index]?.sort)
    const result = compareValues(x, y, descending, nullsFirst)
    if (result !== 0) return result
  }
  return 0
}

/** Suppressed values come last whatever the direction: their place must say nothing. Text is ordered by code point. */
const compareValues = (x: SortValue, y: SortValue, descending: boolean, nullsFirst: boolean): number => {
  if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined)
  if (x === null || y === null) return (Number(x === null) - Number(y === null)) * (nullsFirst ? -1 : 1)
  const ascending =
    typeof x === 'string' && typeof y === 'string' ? compareText(x, y) : x < y ? -1 : x > y ? 1 : 0
  return descending ? -ascending : ascending
}
