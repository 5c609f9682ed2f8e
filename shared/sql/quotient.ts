/**
 * Comparisons without division: a sum or product of quotients is one quotient, and a comparison of two of them is one of
 * products, exact in integers. What is divided by must be positive wherever the quotient is known.
 */
import { type Expression, show } from './expression.ts'

/** numerator / (product of the denominators) */
export interface Quotient {
  readonly numerator: Expression
  readonly denominators: readonly Expression[]
}

/** What an operand stands for if it is a quotient; undefined for any other. */
type QuotientOf = (of: Expression) => Quotient | undefined

const times = (of: Expression, factors: readonly Expression[]): Expression =>
  factors.reduce<Expression>((left, right) => ({ kind: 'multiply', left, right }), of)

/** The factors of `wanted` that `have` lacks, as multisets. */
const missing = (wanted: readonly Expression[], have: readonly Expression[]): readonly Expression[] => {
  const rest = have.map(show)
  return wanted.filter(factor => {
    const at = rest.indexOf(show(factor))
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
}

const quotientIn = (of: Expression, leaf: QuotientOf): Quotient => {
  const known = leaf(of)
  if (known !== undefined) return known
  switch (of.kind) {
    case 'negate': {
      const { numerator, denominators } = quotientIn(of.of, leaf)
      return { numerator: { kind: 'negate', of: numerator }, denominators }
    }
    case 'multiply': {
      const [left, right] = [quotientIn(of.left, leaf), quotientIn(of.right, leaf)]
      return {
        numerator: { kind: 'multiply', left: left.numerator, right: right.numerator },
        denominators: [...left.denominators, ...right.denominators],
      }
    }
    case 'add':
    case 'subtract': {
      const { left, right, denominators } = overOne(of.left, of.right, leaf)
      return { numerator: { kind: of.kind, left, right }, denominators }
    }
    default:
      return { numerator: of, denominators: [] }
  }
}

/** Both numerators over one common denominator: they compare as the quotients do. */
export const overOne = (a: Expression, b: Expression, leaf: QuotientOf) => {
  const [left, right] = [quotientIn(a, leaf), quotientIn(b, leaf)]
  const denominators = [...left.denominators, ...missing(right.denominators, left.denominators)]
  return {
    left: times(left.numerator, missing(denominators, left.denominators)),
    right: times(right.numerator, missing(denominators, right.denominators)),
    denominators,
  }
}
