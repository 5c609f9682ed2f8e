/** Rows that count: valid and not filtered out, as one secret bit a row. Padding rows are in no group. */
import type { Relation } from '../../data/relation.ts'
import type { Session } from '../../session/session.ts'
import type { SharedBits } from '../../sharing/shared.ts'
import type { Predicate } from '../expression.ts'
import type { Frame } from './frame.ts'
import { truthOf } from './predicate.ts'
import { andTruths, secretTruth, sharedTruth } from './value.ts'

export const filter = async (
  session: Session,
  frame: Frame,
  relation: Relation,
  predicate: Predicate,
): Promise<SharedBits> => {
  const truth = await truthOf(session.step('where'), frame, predicate)
  const [kept] = await andTruths(session.step('valid'), [secretTruth(relation.valid)], [truth])
  return sharedTruth(session, kept ?? truth)
}
