/**
 * What an owner demands of every report that reads its table, signed with the table's schema. Owners of one table may
 * demand different things; of all that are read, the strictest holds (`sql/demands.ts`).
 */
import { z } from 'zod'
import { epsilonText } from './epsilon.ts'

const OWNERS_MAX = 500

/** A percentage as a whole number, so that the rule is computed exactly. */
const percent = z.int().min(1).max(99)

/**
 * Rules of official statistics for tables of magnitudes, over the totals of owners in a cell (Hundepool et al., Statistical
 * Disclosure Control, 2012, section 4.2). A cell is shown when
 *
 *  - `n-k`: the n largest contribute at most k % of the total, and
 *  - `p-percent`: the total without the two largest is at least p % of the largest, so that the second cannot estimate it
 *    more closely.
 */
const dominanceSchema = z.discriminatedUnion('rule', [
  z.strictObject({ rule: z.literal('n-k'), n: z.int().min(1).max(5), k: percent }),
  z.strictObject({ rule: z.literal('p-percent'), p: percent }),
])

export const policySchema = z.strictObject({
  /** Rows that a group must have, and that must contribute to a total of it, before it is shown: threshold rule. */
  minimumGroupSize: z.int().min(1).max(1_000_000_000).optional(),
  /** Owners of the table that must contribute rows to a group, and to a total of it: minimum number of contributors. */
  minimumOwners: z.int().min(2).max(OWNERS_MAX).optional(),
  /**
   * Differential privacy: no exact total leaves, and all reports together may spend this ε, of whichever version of the table.
   */
  privacyBudget: z
    .strictObject({
      epsilon: epsilonText,
      /** Rows that one person may have in the table; 1 where left out. */
      rowsPerPerson: z.int().min(1).max(1000).optional(),
    })
    .optional(),
  /** No owner's share of a sum may dominate it; all rules hold together. */
  dominance: z.array(dominanceSchema).min(1).max(4).optional(),
})

export type DominanceRule = Readonly<z.infer<typeof dominanceSchema>>
export type Policy = Readonly<z.infer<typeof policySchema>>
