/**
 * Expressions and conditions over plain values, computed exactly: by the recipient for formulas over totals that it has
 * learned, and by the plaintext evaluator for rows. A value is rounded once, at the end, to the decimals that the
 * expression has; halves go away from zero. Plain values only; nothing here is secret any more.
 */
import { areSimilar } from '../data/text/grams.ts'
import { type Comparison, type Expression, isAggregate, type Predicate, scaleOf, show } from './expression.ts'
import {
  add,
  compareRationals,
  divide,
  multiply,
  negate,
  type Rational,
  rational,
  roundRational,
  squareRoot,
} from './rational.ts'

/** The encoded value of a leaf, known by its text: a column, a key, or an aggregate. Undefined where there is none. */
export type LeafValue = (text: string) => bigint | null | undefined

export interface FormulaValue {
  /** The value times 10^scale; null is NULL. */
  readonly value: bigint | null
  readonly scale: number
}

export const evaluateFormula = (of: Expression, leaf: LeafValue): FormulaValue => {
  const scale = scaleOf(of)
  const value = exactValue(of, leaf)
  return { value: value === null ? null : roundRational(value, scale), scale }
}

/** Before rounding. */
const exactValue = (of: Expression, leaf: LeafValue): Rational | null => {
  const inner = (child: Expression): Rational | null => exactValue(child, leaf)
  switch (of.kind) {
    case 'constant':
      return rational(BigInt(of.value), of.scale)
    case 'null':
      return null
    case 'negate': {
      const value = inner(of.of)
      return value && negate(value)
    }
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide': {
      const left = inner(of.left)
      const right = inner(of.right)
      if (left === null || right === null) return null
      if (of.kind === 'multiply') return multiply(left, right)
      if (of.kind === 'divide') return divide(left, right)
      return add(left, of.kind === 'add' ? right : negate(right))
    }
    case 'sqrt': {
      const value = inner(of.of)
      return value && squareRoot(value, scaleOf(of))
    }
    case 'case':
      return inner(of.branches.find(({ when }) => truthOf(when, leaf) === true)?.value ?? of.otherwise)
    default:
      return leafOf(of, leaf)
  }
}

const leafOf = (of: Expression, leaf: LeafValue): Rational | null => {
  const value = leaf(show(of))
  if (value !== undefined) return value === null ? null : rational(value, scaleOf(of))
  if (of.kind !== 'avg')
    throw new Error(`${isAggregate(of) ? 'a total' : 'a key'} of a formula has no value: ${show(of)}`)
  const sum = leafOf({ kind: 'sum', of: of.of }, leaf)
  const count = leafOf({ kind: 'count', of: of.of }, leaf)
  return sum === null || count === null ? null : divide(sum, count)
}

// ── conditions: true, false, or null for unknown ────────────────────────────────────────────────────────────────────

const HOLDS: Readonly<Record<Comparison, (sign: number) => boolean>> = {
  '=': sign => sign === 0,
  '<>': sign => sign !== 0,
  '<': sign => sign < 0,
  '<=': sign => sign <= 0,
  '>': sign => sign > 0,
  '>=': sign => sign >= 0,
}

const notTruth = (truth: boolean | null): boolean | null => (truth === null ? null : !truth)

/** Unknown beside false is false, beside true unknown; `any` swaps the roles of true and false. */
const allTruths = (truths: readonly (boolean | null)[]): boolean | null =>
  truths.includes(false) ? false : truths.includes(null) ? null : true
const anyTruth = (truths: readonly (boolean | null)[]): boolean | null =>
  truths.includes(true) ? true : truths.includes(null) ? null : false

export const truthOf = (of: Predicate, leaf: LeafValue): boolean | null => {
  const compare = (comparison: Comparison, left: Expression, right: Expression): boolean | null => {
    const [a, b] = [exactValue(left, leaf), exactValue(right, leaf)]
    return a === null || b === null ? null : HOLDS[comparison](compareRationals(a, b))
  }
  const inner = (child: Predicate): boolean | null => truthOf(child, leaf)
  const maybeNot = (truth: boolean | null, negated: boolean): boolean | null =>
    negated ? notTruth(truth) : truth
  switch (of.kind) {
    case 'literal':
      return of.value
    case 'compare':
      return compare(of.comparison, of.left, of.right)
    case 'between':
      return maybeNot(allTruths([compare('>=', of.of, of.low), compare('<=', of.of, of.high)]), of.negated)
    case 'in':
      return maybeNot(anyTruth(of.list.map(item => compare('=', of.of, item))), of.negated)
    case 'similar': {
      const [a, b] = [exactValue(of.left, leaf), exactValue(of.right, leaf)]
      const isUnknown = a === null || b === null
      return isUnknown ? null : areSimilar(a.numerator, b.numerator, of.hundredths) !== of.negated
    }
    case 'is-null':
      return (exactValue(of.of, leaf) === null) !== of.negated
    case 'truth': {
      const value = exactValue(of.of, leaf)
      return value === null ? null : (value.numerator !== 0n) !== of.negated
    }
    case 'is':
      return (inner(of.of) === of.value) !== of.negated
    case 'not':
      return notTruth(inner(of.of))
    case 'and':
      return allTruths(of.of.map(inner))
    case 'or':
      return anyTruth(of.of.map(inner))
  }
}
