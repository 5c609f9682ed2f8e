/**
 * Allowances: how much somebody may send us, as token buckets. A bucket holds `capacity` and fills again within a minute, so
 * an honest sender that restarts often is slowed down, never locked out. Kept in the memory of one process: several
 * processes of one party allow as many times more, which still is a bound.
 */
import type { Clock } from '../port/clock.ts'

export interface Allowance {
  /** False, and nothing is spent, when the bucket of this name holds less than `amount`. */
  spend(name: string, amount: number, capacity: number): boolean
}

const REFILL_MS = 60_000
/** Buckets kept; the one that was used longest ago goes first. */
const BUCKETS_MAX = 10_000

export const createAllowance = (clock: Clock): Allowance => {
  const buckets = new Map<string, { left: number; atMs: number }>()
  return {
    spend: (name, amount, capacity) => {
      const nowMs = clock.nowMs()
      const bucket = buckets.get(name) ?? { left: capacity, atMs: nowMs }
      const left = Math.min(capacity, bucket.left + (capacity * (nowMs - bucket.atMs)) / REFILL_MS)
      const isEnough = left >= amount
      buckets.delete(name)
      buckets.set(name, { left: isEnough ? left - amount : left, atMs: nowMs })
      const [oldest] = buckets.keys()
      if (buckets.size > BUCKETS_MAX && oldest !== undefined) buckets.delete(oldest)
      return isEnough
    },
  }
}
