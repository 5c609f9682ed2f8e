/**
 * Differential privacy of a report over cells: every total gets noise before anything else looks at it, so whatever is
 * compared, suppressed, divided or ordered afterwards is made of noisy totals alone and protects as much.
 *
 * Neighbours: one person's rows, `rowsPerPerson` at most, replaced by others (row counts are public). A row counts in one
 * cell of a total, and its value lies in [low, high] with 0 inside, so all cells of a total together change by at most
 *
 *     Δ = 2 · rowsPerPerson · max(|low|, |high|)
 *
 * The S totals of a report share its ε evenly (sequential composition). Each gets X = G - G' of two geometric variables
 * with q = exp(-ε / (S Δ)): the discrete Laplace, or two-sided geometric, mechanism (Ghosh, Roughgarden, Sundararajan 2009),
 * an integer, with no floating point anywhere. The binary digits of a geometric variable are independent, digit i being
 * 1 with probability q^(2^i) / (1 + q^(2^i)), so it is drawn from shared random bits in a constant number of rounds
 * (Dwork, Kenthapadi, McSherry, Mironov, Naor 2006, section 4, for exponential noise).
 *
 * Everything here is public: which total gets noise of which size. The noise itself is in `operator/noise.ts`.
 */
import { InputError, Refusal } from '../base/errors.ts'
import { milliOf } from '../data/epsilon.ts'
import { FIELD_LIMIT } from '../field/field.ts'
import type { Demand } from './demands.ts'
import type { Interval } from './interval.ts'
import type { Slot } from './plan.ts'
import type { Query } from './query.ts'

/** Fractional bits of every probability. Each digit is off by less than 2^-60. */
export const PROBABILITY_BITS = 60

/** The noise of one total. */
export interface SlotNoise {
  readonly slot: string
  /** Δ, in the units of the total. */
  readonly sensitivity: string
  /** Digit i of either geometric variable is 1 with probability digits[i] / 2^60. */
  readonly digits: readonly string[]
}

/** What a report spends, and how it is shared among its totals. */
export interface Privacy {
  /** Of the whole report, in thousandths. */
  readonly milliEpsilon: number
  readonly rowsPerPerson: number
  readonly slots: readonly SlotNoise[]
}

const FRACTION = 192n
const ONE = 1n << FRACTION
const times = (a: bigint, b: bigint): bigint => (a * b) >> FRACTION

/** exp(-numerator / denominator) in fixed point with 192 fractional bits; exact to about 2^-170. */
const expOfMinus = (numerator: bigint, denominator: bigint): bigint => {
  let halvings = 0n
  while (numerator > denominator << halvings) halvings++
  const x = (numerator << FRACTION) / (denominator << halvings)
  let term = ONE
  let sum = ONE
  for (let n = 1n; term > 0n; n++) {
    term = times(term, x) / n
    sum = n % 2n === 1n ? sum - term : sum + term
  }
  for (let i = 0n; i < halvings; i++) sum = times(sum, sum)
  return sum
}

/** Digits until one is 1 with probability below 2^-60. */
export const digitsOf = (milliEpsilon: number, totals: number, sensitivity: bigint): readonly string[] => {
  const digits: string[] = []
  let q = expOfMinus(BigInt(milliEpsilon), 1000n * BigInt(totals) * sensitivity)
  for (;;) {
    const probability = (q << BigInt(PROBABILITY_BITS)) / (ONE + q)
    if (probability === 0n) return digits
    digits.push(probability.toString())
    q = times(q, q)
  }
}

/** The strictest: most rows that any owner says a person may have. */
const rowsPerPerson = (demands: readonly Demand[]): number =>
  Math.max(1, ...demands.map(({ policy }) => policy.privacyBudget?.rowsPerPerson ?? 1))

const withBudget = (why: string, hint: string): Refusal =>
  new Refusal('policy-privacy', `With a privacy budget ${why}.`, { hint })

/**
 * Whether a report must, and can, be made with noise. Throws Refusal('policy-privacy') or InputError.
 */
export const checkPrivacy = (
  query: Query,
  epsilon: string | undefined,
  demands: readonly Demand[],
  isCells: boolean,
): void => {
  const budgets = demands.filter(({ policy }) => policy.privacyBudget !== undefined)
  if (epsilon === undefined) {
    const [first] = budgets
    if (first === undefined) return
    throw withBudget(
      `of ${first.owner} for ${first.table}, no exact total is shown`,
      'Say how much of the budget the report may spend, such as --epsilon 0.5.',
    )
  }
  if (budgets.length === 0)
    throw new InputError('No owner of what is read has declared a privacy budget.', {
      hint: 'Leave --epsilon out, or ask owners for "privacyBudget" in the policy of their schemas.',
    })
  const rules = query.ownerRules ?? []
  if (rules.length > 0)
    throw withBudget(
      'rules about numbers of owners and dominance have no meaning, since totals carry noise',
      'The owners decide for one of the two.',
    )
  if (!isCells || query.from.kind !== 'table' || query.windows.length > 0)
    throw withBudget(
      'only COUNT, SUM and AVG of one table are computed, over groups whose possible values are declared and few',
      'Leave out joins, inner queries, MIN, MAX, percentiles and keys with large domains.',
    )
}

/** The noise of every total, the counts that are only compared included. Throws Refusal('range-exceeded'). */
export const privacyOf = (
  slots: readonly Slot[],
  epsilon: string,
  demands: readonly Demand[],
  rangeOfRow: (slot: Slot) => Interval,
  rows: number,
): Privacy => {
  const milliEpsilon = milliOf(epsilon)
  const perPerson = rowsPerPerson(demands)
  return {
    milliEpsilon,
    rowsPerPerson: perPerson,
    slots: slots.map(slot => {
      const { low, high } = rangeOfRow(slot)
      const largest = -low > high ? -low : high
      const sensitivity = 2n * BigInt(perPerson) * (largest > 1n ? largest : 1n)
      const digits = digitsOf(milliEpsilon, slots.length, sensitivity)
      const reach = largest * BigInt(rows) + (1n << BigInt(digits.length))
      if (4n * reach >= FIELD_LIMIT)
        throw new Refusal(
          'range-exceeded',
          `${slot.name} with its noise may reach ${reach}, outside of ±2^58.`,
          { hint: 'Tighter bounds in the schema, fewer decimals, or a larger ε make it fit.' },
        )
      return { slot: slot.name, sensitivity: sensitivity.toString(), digits }
    }),
  }
}
