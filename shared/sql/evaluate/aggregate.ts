/**
 * One aggregate over the rows of one group, by its definition: values are listed and, where order matters, sorted. Beside
 * it stand the rows that it is about, which must be enough.
 */
import { contributesOf, notNullOf } from '../contributors.ts'
import type { AggregateCall, Expression } from '../expression.ts'
import { evaluateFormula, truthOf } from '../formula.ts'
import type { Indicator, IndicatorAtom } from '../plan.ts'
import { type Relation, rowOf } from './relation.ts'

export interface Total {
  /** Null where SQL says NULL: no value to take the sum, the least, or a quantile of. */
  readonly value: bigint | null
  /** Rows that it is about. */
  readonly contributors: readonly number[]
  /** By a rule of an owner; only sums are looked at. */
  readonly isDominated?: boolean
}

const holds = (relation: Relation, row: number, of: Indicator): boolean =>
  of.kind === 'all' && of.of.every(atom => holdsAtom(relation, row, atom))

const holdsAtom = (relation: Relation, row: number, atom: IndicatorAtom): boolean => {
  switch (atom.kind) {
    case 'not-null':
      return rowOf(relation, row)(atom.column) !== null
    case 'either':
      return holds(relation, row, atom.left) || holds(relation, row, atom.right)
    case 'case': {
      const taken = atom.branches.find(({ when }) => truthOf(when, rowOf(relation, row)) === true)
      return holds(relation, row, taken?.value ?? atom.otherwise)
    }
  }
}

const ascending = (values: readonly bigint[]): readonly bigint[] =>
  [...values].sort((a, b) => Number(a > b) - Number(a < b))

const percentile = (
  sorted: readonly bigint[],
  { numerator, digits, continuous }: Extract<AggregateCall, { kind: 'percentile' }>,
): bigint => {
  const fraction = BigInt(numerator)
  const whole = 10n ** BigInt(digits)
  const count = BigInt(sorted.length)
  const at = (place: bigint): bigint => sorted[Number(place)] as bigint
  if (!continuous) {
    const rank = (fraction * count + whole - 1n) / whole
    return at(rank === 0n ? 0n : rank - 1n)
  }
  const place = fraction * (count - 1n)
  const [low, part] = [place / whole, place % whole]
  return part === 0n ? at(low) * whole : at(low) * (whole - part) + at(low + 1n) * part
}

/**
 * `nullable`: whether a column may be NULL, `byZero`: whether its zeros do not count, as for the parties, so that the same
 * rows are contributors.
 */
export const totalOf = (
  relation: Relation,
  rows: readonly number[],
  aggregate: AggregateCall,
  nullable: (column: string) => boolean,
  byZero: (column: string) => boolean,
): Total => {
  if (aggregate.kind === 'count-star') return { value: BigInt(rows.length), contributors: rows }
  const values = rows.flatMap(row => knownValue(relation, row, aggregate.of))
  const about =
    aggregate.kind === 'sum' || aggregate.kind === 'avg'
      ? contributesOf(aggregate.of, nullable, byZero)
      : notNullOf(aggregate.of, nullable)
  const contributors = rows.filter(row => holds(relation, row, about))
  return { value: ofValues(aggregate, values), contributors }
}

const knownValue = (relation: Relation, row: number, of: Expression): readonly bigint[] => {
  const { value } = evaluateFormula(of, rowOf(relation, row))
  return value === null ? [] : [value]
}

const ofValues = (
  aggregate: Exclude<AggregateCall, { kind: 'count-star' }>,
  values: readonly bigint[],
): bigint | null => {
  if (aggregate.kind === 'count') return BigInt(values.length)
  if (aggregate.kind === 'count-distinct') return BigInt(new Set(values).size)
  if (values.length === 0) return null
  switch (aggregate.kind) {
    case 'sum':
      return values.reduce((sum, value) => sum + value, 0n)
    case 'min':
      return ascending(values)[0] as bigint
    case 'max':
      return ascending(values).at(-1) as bigint
    case 'percentile':
      return percentile(ascending(values), aggregate)
    case 'avg':
      throw new Error('AVG is rewritten before it is evaluated')
  }
}
