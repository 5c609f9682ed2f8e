/**
 * Expressions and conditions in the clear, for public columns and group keys: SQL's meaning in a few lines, on one row.
 */
import { areSimilar } from '../../data/text/grams.ts'
import { type Comparison, type Expression, type Predicate, scaleOf } from '../expression.ts'

export type Row = (column: string) => bigint | null

/** The integer that stands for the value at `scaleOf(of)`, or null. */
export const plainValue = (of: Expression, row: Row): bigint | null => {
  const at = (child: Expression): bigint | null => {
    const value = plainValue(child, row)
    return value === null ? null : value * 10n ** BigInt(scaleOf(of) - scaleOf(child))
  }
  const both = (
    left: bigint | null,
    right: bigint | null,
    join: (a: bigint, b: bigint) => bigint,
  ): bigint | null => (left === null || right === null ? null : join(left, right))
  switch (of.kind) {
    case 'column':
      return row(of.column)
    case 'constant':
      return BigInt(of.value)
    case 'null':
      return null
    case 'negate':
      return both(plainValue(of.of, row), 0n, a => -a)
    case 'add':
      return both(at(of.left), at(of.right), (a, b) => a + b)
    case 'subtract':
      return both(at(of.left), at(of.right), (a, b) => a - b)
    case 'multiply':
      return both(plainValue(of.left, row), plainValue(of.right, row), (a, b) => a * b)
    case 'case': {
      const taken = of.branches.find(branch => plainTruth(branch.when, row) === true)
      return at(taken === undefined ? of.otherwise : taken.value)
    }
    default:
      throw new Error(`${of.kind} has no value in a row`)
  }
}

const compare = (a: bigint, b: bigint, comparison: Comparison): boolean => {
  switch (comparison) {
    case '=':
      return a === b
    case '<>':
      return a !== b
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    case '>=':
      return a >= b
  }
}

const compareValues = (
  left: Expression,
  right: Expression,
  comparison: Comparison,
  row: Row,
): boolean | null => {
  const scale = Math.max(scaleOf(left), scaleOf(right))
  const [a, b] = [left, right].map(side => {
    const value = plainValue(side, row)
    return value === null ? null : value * 10n ** BigInt(scale - scaleOf(side))
  }) as [bigint | null, bigint | null]
  return a === null || b === null ? null : compare(a, b, comparison)
}

const negate = (truth: boolean | null): boolean | null => (truth === null ? null : !truth)
const all = (truths: readonly (boolean | null)[]): boolean | null =>
  truths.includes(false) ? false : truths.includes(null) ? null : true

/** True, false or unknown. */
export const plainTruth = (of: Predicate, row: Row): boolean | null => {
  const maybe = (negated: boolean, truth: boolean | null): boolean | null => (negated ? negate(truth) : truth)
  switch (of.kind) {
    case 'literal':
      return of.value
    case 'compare':
      return compareValues(of.left, of.right, of.comparison, row)
    case 'similar': {
      const [a, b] = [plainValue(of.left, row), plainValue(of.right, row)]
      return a === null || b === null ? null : areSimilar(a, b, of.hundredths) !== of.negated
    }
    case 'between':
      return maybe(
        of.negated,
        all([compareValues(of.of, of.low, '>=', row), compareValues(of.of, of.high, '<=', row)]),
      )
    case 'in':
      return maybe(of.negated, negate(all(of.list.map(item => compareValues(of.of, item, '<>', row)))))
    case 'is-null':
      return (plainValue(of.of, row) === null) !== of.negated
    case 'truth': {
      const value = row(of.of.column)
      return value === null ? null : (value === 1n) !== of.negated
    }
    case 'is':
      return (plainTruth(of.of, row) === of.value) !== of.negated
    case 'not':
      return negate(plainTruth(of.of, row))
    case 'and':
      return all(of.of.map(part => plainTruth(part, row)))
    case 'or':
      return negate(all(of.of.map(part => negate(plainTruth(part, row)))))
  }
}

/** Evaluates for every row of a frame's public columns. */
export const forEachRow = <T>(
  rows: number,
  columns: ReadonlyMap<string, readonly (bigint | null)[]>,
  evaluate: (row: Row) => T,
): T[] => {
  let at = 0
  const row: Row = name => columns.get(name)?.[at] ?? null
  return Array.from({ length: rows }, (_, i) => {
    at = i
    return evaluate(row)
  })
}
