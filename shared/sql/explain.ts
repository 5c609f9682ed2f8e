/** The plan for people. */
import type { CompiledQuery, Cost } from './plan.ts'

export const explain = (_compiled: CompiledQuery, _cost?: Cost): string => {
  throw new Error('not written yet')
}
