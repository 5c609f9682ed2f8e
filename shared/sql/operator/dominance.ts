/**
 * Where no owner dominates a total, by the rules of `data/policy.ts`, over the totals of owners x_1 … x_N >= 0 in each cell:
 *
 *     (n,k):  100 Σ_S x_i <= k T                     for every set S of n owners
 *     p%:     100 (T - x_i - x_j) >= p x_i           for every i ≠ j
 *
 * The n largest make the left side of the first greatest, and the largest and the second make the second hardest: over
 * ordered pairs (100 + p) x_i + 100 x_j is greatest there. So every instance holds exactly when the rule does, nothing has
 * to be sorted, and the largest owner is never found, not even in shares.
 *
 * Secret: everything. Public: the number of owners. One comparison an instance: 7 rounds, and log2 of their number to
 * join them.
 */
import type { DominanceRule } from '../../data/policy.ts'
import { and } from '../../protocol/and.ts'
import { isNegative } from '../../protocol/is-negative.ts'
import type { Session } from '../../session/session.ts'
import { add, not, type SharedBits, type SharedField, scale, subtract } from '../../sharing/shared.ts'
import type { DominanceCheck, Guard } from '../plan.ts'

/** Sets of `size` of the places from `first` on. */
const sets = (count: number, size: number, first = 0): readonly (readonly number[])[] =>
  size === 0
    ? [[]]
    : Array.from({ length: Math.max(0, count - first) }, (_, i) => first + i).flatMap(place =>
        sets(count, size - 1, place + 1).map(rest => [place, ...rest]),
      )

/** What must not be negative. */
const margins = (
  { kernel }: Session,
  rule: DominanceRule,
  owners: readonly SharedField[],
): readonly SharedField[] => {
  const plus = (a: SharedField, b: SharedField): SharedField => add(kernel, a, b)
  const total = owners.reduce(plus)
  if (rule.rule === 'n-k') {
    const most = scale(kernel, total, BigInt(rule.k))
    return sets(owners.length, rule.n).map(places => {
      const largest = places.map(place => owners[place] as SharedField).reduce(plus)
      return subtract(kernel, most, scale(kernel, largest, 100n))
    })
  }
  const whole = scale(kernel, total, 100n)
  return owners.flatMap((largest, i) => {
    const rest = subtract(kernel, whole, scale(kernel, largest, 100n + BigInt(rule.p)))
    return owners.flatMap((second, j) =>
      i === j ? [] : [subtract(kernel, rest, scale(kernel, second, 100n))],
    )
  })
}

const all = async (session: Session, bits: readonly SharedBits[]): Promise<SharedBits> => {
  let left = bits
  for (let level = 0; left.length > 1; level++) {
    const half = left.length >> 1
    const pairs = await and(session.step(`and-${level}`), left.slice(0, half), left.slice(half, 2 * half))
    left = [...pairs, ...left.slice(2 * half)]
  }
  return left[0] as SharedBits
}

/** The guards of `enough`, and those of the checks: where their base holds and no owner dominates. */
export const withoutDominance = async (
  session: Session,
  totals: ReadonlyMap<string, SharedField>,
  checks: readonly DominanceCheck[],
  enough: ReadonlyMap<Guard, SharedBits>,
): Promise<ReadonlyMap<Guard, SharedBits>> => {
  const { kernel, party } = session
  const held = await Promise.all(
    checks.map(async ({ base, terms, rules }, i): Promise<SharedBits> => {
      const here = session.step(`${i}`)
      const values = terms.flatMap(names =>
        rules.flatMap(rule =>
          margins(
            here,
            rule,
            names.map(name => totals.get(name) as SharedField),
          ),
        ),
      )
      const signs = await Promise.all(
        values.map(async (value, j) => not(kernel, party, await isNegative(here.step(`sign-${j}`), value))),
      )
      return all(here.step('all'), [enough.get(base) as SharedBits, ...signs])
    }),
  )
  const result = new Map(enough)
  for (const [i, { guard }] of checks.entries()) {
    const before = result.get(guard)
    const [both] =
      before === undefined
        ? [held[i]]
        : await and(session.step(`and-${i}`), [before], [held[i] as SharedBits])
    result.set(guard, both as SharedBits)
  }
  return result
}
