/**
 * What an owner demands of every report that reads its table, signed with the table's schema. Owners of one table may
 * demand different things; of all that are read, the strictest holds (`sql/demands.ts`).
 */
import { z } from 'zod'

const OWNERS_MAX = 500

export const policySchema = z.strictObject({
  /** Rows that a group must have, and that must contribute to a total of it, before it is shown: threshold rule. */
  minimumGroupSize: z.int().min(1).max(1_000_000_000).optional(),
  /** Owners of the table that must contribute rows to a group, and to a total of it: minimum number of contributors. */
  minimumOwners: z.int().min(2).max(OWNERS_MAX).optional(),
})

export type Policy = Readonly<z.infer<typeof policySchema>>
