/** Interval arithmetic over the integers that stand for values: between which bounds a result must lie, whatever the data. */

import { formatDate, formatScaled } from '../data/exact.ts'
import type { Column, ColumnType } from '../data/schema.ts'
import { rangeOf } from '../data/schema.ts'
import { type Expression, scaleOf, typeOf } from './expression.ts'

/** Both ends included. */
export interface Interval {
  readonly low: bigint
  readonly high: bigint
}

const least = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b < a ? b : a))
const greatest = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b > a ? b : a))

export const ZERO: Interval = { low: 0n, high: 0n }
const exactly = (value: bigint): Interval => ({ low: value, high: value })
export const hull = (...all: readonly Interval[]): Interval => ({
  low: least(all.map(one => one.low)),
  high: greatest(all.map(one => one.high)),
})
export const negate = (a: Interval): Interval => ({ low: -a.high, high: -a.low })
export const plus = (a: Interval, b: Interval): Interval => ({ low: a.low + b.low, high: a.high + b.high })
export const times = (a: Interval, b: Interval): Interval => {
  const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]
  return { low: least(corners), high: greatest(corners) }
}
export const power = (digits: number): Interval => exactly(10n ** BigInt(digits))

export interface IntervalScope {
  readonly column: (name: string) => Column | undefined
  /** Most rows that a group may have. */
  readonly rows: number
}

/**
 * The integer at the expression's own scale. A column is 0 where it is NULL and in padding rows, so 0 is always inside.
 * `onPart` sees every operand, and what it is inside of at the scale at which it is used.
 */
export const intervalOf = (
  of: Expression,
  scope: IntervalScope,
  onPart: (part: Expression, scale: number, range: Interval) => void = () => {},
): Interval => {
  const inner = (child: Expression): Interval => intervalOf(child, scope, onPart)
  const at = (child: Expression, scale: number): Interval => {
    const range = times(inner(child), power(scale - scaleOf(child)))
    if (scale !== scaleOf(child)) onPart(child, scale, range)
    return range
  }
  const compute = (): Interval => {
    switch (of.kind) {
      case 'constant':
        return exactly(BigInt(of.value))
      case 'null':
        return ZERO
      case 'column': {
        const column = scope.column(of.column)
        if (column === undefined) throw new Error(`column ${of.column} is not in scope`)
        return hull(rangeOf(column.type), ZERO)
      }
      case 'negate':
        return negate(inner(of.of))
      case 'add':
      case 'subtract': {
        const [left, right] = [at(of.left, scaleOf(of)), at(of.right, scaleOf(of))]
        return plus(left, of.kind === 'add' ? right : negate(right))
      }
      case 'multiply':
        return hull(times(inner(of.left), inner(of.right)), ZERO)
      case 'case':
        return hull(
          ZERO,
          ...[...of.branches.map(branch => branch.value), of.otherwise].map(value => at(value, scaleOf(of))),
        )
      case 'count-star':
        return { low: 0n, high: BigInt(scope.rows) }
      case 'count':
      case 'count-distinct':
        inner(of.of)
        return { low: 0n, high: BigInt(scope.rows) }
      case 'sum':
      case 'avg':
        return times(hull(inner(of.of), ZERO), exactly(BigInt(scope.rows)))
      case 'min':
      case 'max':
        return hull(inner(of.of), ZERO)
      case 'percentile':
        return of.continuous ? times(hull(inner(of.of), ZERO), power(of.digits)) : hull(inner(of.of), ZERO)
      case 'divide':
      case 'sqrt':
        throw new Error(`${of.kind} is computed by the recipient`)
    }
  }
  const range = compute()
  onPart(of, scaleOf(of), range)
  return range
}

/** The type of a value that an inner block or a computed column has; undefined for what has no numeric bounds. */
const typeOfInterval = (of: Expression, { low, high }: Interval): ColumnType => {
  const scale = scaleOf(of)
  if (typeOf(of) === 'date') return { kind: 'date', min: formatDate(low), max: formatDate(high) }
  if (typeOf(of) === 'boolean') return { kind: 'boolean' }
  return scale === 0
    ? { kind: 'integer', min: low.toString(), max: high.toString() }
    : { kind: 'decimal', scale, min: formatScaled(low, scale), max: formatScaled(high, scale) }
}

/**
 * A secret column that holds an expression: its bounds follow from those of the columns that it is made of. A bare column
 * keeps its declared type, categories included. `uses` says what an owner's policy leaves of it.
 */
export const columnOfExpression = (
  name: string,
  of: Expression,
  scope: IntervalScope,
  { nullable, uses }: Pick<Column, 'nullable' | 'uses'>,
): Column => {
  const bare =
    of.kind === 'column' || ((of.kind === 'min' || of.kind === 'max') && of.of.kind === 'column')
      ? scope.column((of.kind === 'column' ? of : (of.of as { column: string })).column)
      : undefined
  return {
    name,
    type: bare?.type ?? typeOfInterval(of, intervalOf(of, scope)),
    nullable,
    visibility: of.kind === 'column' ? (bare?.visibility ?? 'secret') : 'secret',
    uses,
  }
}
