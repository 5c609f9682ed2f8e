/**
 * Exact fractions of bigints, for what the recipient computes of numbers that it has learned: nothing is rounded before
 * the last step, so no order of operations can change a digit. Plain values only; no rounds, no bytes.
 */

/** numerator / denominator; the denominator is positive. Not reduced: reports are short, and nothing grows for long. */
export interface Rational {
  readonly numerator: bigint
  readonly denominator: bigint
}

/** value / 10^scale */
export const rational = (value: bigint, scale = 0): Rational => ({
  numerator: value,
  denominator: 10n ** BigInt(scale),
})

export const negate = ({ numerator, denominator }: Rational): Rational => ({
  numerator: -numerator,
  denominator,
})

export const add = (a: Rational, b: Rational): Rational =>
  a.denominator === b.denominator
    ? { numerator: a.numerator + b.numerator, denominator: a.denominator }
    : {
        numerator: a.numerator * b.denominator + b.numerator * a.denominator,
        denominator: a.denominator * b.denominator,
      }

export const multiply = (a: Rational, b: Rational): Rational => ({
  numerator: a.numerator * b.numerator,
  denominator: a.denominator * b.denominator,
})

/** Null where the divisor is 0. */
export const divide = (a: Rational, b: Rational): Rational | null => {
  if (b.numerator === 0n) return null
  const numerator = a.numerator * b.denominator
  const denominator = a.denominator * b.numerator
  return denominator < 0n ? { numerator: -numerator, denominator: -denominator } : { numerator, denominator }
}

/** Below 0 where a < b, 0 where they are equal, above 0 where a > b. */
export const compareRationals = (a: Rational, b: Rational): number => {
  const difference =
    a.denominator === b.denominator
      ? a.numerator - b.numerator
      : a.numerator * b.denominator - b.numerator * a.denominator
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** The integer nearest to value × 10^scale; halves go away from zero. */
export const roundRational = ({ numerator, denominator }: Rational, scale: number): bigint => {
  const scaled = numerator * 10n ** BigInt(scale)
  const magnitude = scaled < 0n ? -scaled : scaled
  const rounded = (2n * magnitude + denominator) / (2n * denominator)
  return scaled < 0n ? -rounded : rounded
}

/** The greatest integer whose square is not above `of`, by Newton's iteration from above. */
export const integerRoot = (of: bigint): bigint => {
  if (of < 0n) throw new RangeError('no root of a negative number')
  if (of < 2n) return of
  let root = 1n << BigInt((of.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + of / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** Digits of a root beyond those that are shown, where more is computed with it before rounding. */
const GUARD_DIGITS = 40

/**
 * The square root: exact where it is a fraction, else cut off so far behind `scale` decimals, and behind its first digit,
 * that no report shows the difference. Null of a negative number.
 */
export const squareRoot = ({ numerator, denominator }: Rational, scale: number): Rational | null => {
  if (numerator < 0n) return null
  // √(n / d) = √(n d) / d
  const product = numerator * denominator
  const root = integerRoot(product)
  if (root * root === product) return { numerator: root, denominator }
  const digits = BigInt(scale + GUARD_DIGITS + denominator.toString().length)
  const power = 10n ** digits
  // One more digit that is 1 keeps it off the halves: what was cut off is above 0, as an irrational rest always is.
  return {
    numerator: 10n * integerRoot(product * power * power) + 1n,
    denominator: denominator * power * 10n,
  }
}
