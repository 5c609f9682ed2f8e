/** Runs a plan at one party. */
import type { Relation } from '../data/relation.ts'
import type { Session } from '../session/session.ts'
import type { SharedField } from '../sharing/shared.ts'
import type { PhysicalPlan } from './plan.ts'

/** Where a run is; all public. */
export interface Progress {
  readonly step: string
  readonly done: number
  readonly of: number
}

export const execute = async (
  _session: Session,
  _plan: PhysicalPlan,
  _relation: Relation,
  _onStep?: (progress: Progress) => void,
): Promise<SharedField> => {
  throw new Error('not written yet')
}
