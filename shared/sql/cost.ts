/** Rounds and bytes of a plan before it runs. */
import type { CompiledQuery, Cost } from './plan.ts'

export const costOf = async (_compiled: Pick<CompiledQuery, 'plan'>): Promise<Cost> => {
  throw new Error('not written yet')
}
