/**
 * The cheapest of several plans that give the same result: cells or tables, one order of joins or another. Time is
 *
 *   rounds × (latency + hop) + bytes / bandwidth + work on the bytes,
 *
 * with rounds and bytes counted by a dry run and rates of `estimate.ts`. Three parties, every owner and the analyst have to
 * choose the same plan, or their digests differ and nothing runs. So the choice is a function of the statement, public
 * sizes, and the latency and bandwidth in the signed manifest; never of what one of them measures at the moment.
 *
 * No candidate discloses more than the first: tables tell the recipient less about groups that are not shown than cells do,
 * and an order of joins is not seen from outside.
 */
import { costOf } from './cost.ts'
import { MEMORY_MAX, memoryOf, type Network, secondsOf } from './estimate.ts'
import { joinOrders } from './join-order.ts'
import { lowerWays } from './lower/lower.ts'
import type { LowerOptions } from './lower/source.ts'
import type { Considered, PhysicalPlan } from './plan.ts'
import type { Query } from './query.ts'

export interface Choice {
  readonly query: Query
  readonly plan: PhysicalPlan
  /** Every plan that was compared, the chosen one first; empty where there was one. */
  readonly considered: readonly Considered[]
}

const ORDERS = ['joins as they are written', 'look-ups behind look-ups first']
const FORMS = { cells: 'groups as cells of their domains', tables: 'groups by sorting rows' }

/** Throws what lowering throws for the first way. */
export const choosePlan = async (query: Query, options: LowerOptions, network: Network): Promise<Choice> => {
  const orders = joinOrders(query)
  const ways = orders.flatMap((one, order) =>
    lowerWays(one, options, network).map(plan => ({ query: one, plan, order })),
  )
  const [only, ...others] = ways
  if (only === undefined) throw new Error('a query has a plan')
  if (others.length === 0) return { ...only, considered: [] }
  const forms = new Set(ways.map(({ plan }) => plan.form))
  const counted = await Promise.all(
    ways.map(async way => ({
      ...way,
      fits: memoryOf(way.plan).bytes <= MEMORY_MAX,
      seconds: secondsOf(await costOf(way), network),
      what: [
        ...(orders.length > 1 ? [ORDERS[way.order]] : []),
        ...(forms.size > 1 ? [FORMS[way.plan.form]] : []),
      ].join(', '),
    })),
  )
  // Sorting is stable: of equal ones the first stays first.
  const sorted = counted.toSorted((a, b) => Number(b.fits) - Number(a.fits) || a.seconds - b.seconds)
  const [best] = sorted as [(typeof sorted)[number]]
  return {
    query: best.query,
    plan: best.plan,
    considered: sorted.map(({ what, seconds, fits }) => ({ what, seconds, fits })),
  }
}
