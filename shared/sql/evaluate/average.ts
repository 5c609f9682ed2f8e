/** Averages as a report shows them: the quotient of a sum and a count, with more digits than the values have. */
import { divide, rational, roundRational } from '../rational.ts'

/** sum / count at `digits` more decimals than the sum has, half away from zero. */
export const average = (sum: bigint, count: bigint, digits: number): bigint | null => {
  const exact = divide(rational(sum), rational(count))
  return exact && roundRational(exact, digits)
}
