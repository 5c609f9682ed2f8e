/** A no counts from a party, from an owner whose data would be read, and from any data protection officer (veto). */
import { Refusal } from '../../base/errors.ts'
import { whoIs } from '../roles.ts'
import type { OpenedDocument } from '../sign.ts'
import { type ApprovalContext, versionsOfOwner } from './approval.ts'
import { describeSigners } from './signer.ts'

/** Throws `Refusal`: `refusal-other-request` or `refusal-foreign`. */
export const checkRefusal = (
  opened: OpenedDocument<'refusal'>,
  context: Pick<ApprovalContext, 'federation' | 'request' | 'versions'>,
): void => {
  const { federation, request } = context
  const { by } = opened.document
  if (opened.document.request !== request.digest)
    throw new Refusal('refusal-other-request', `the refusal of ${by} is about another request`)
  const [kid] = opened.signers
  const identity = kid === undefined ? undefined : whoIs(federation.document, kid)
  if (opened.signers.length !== 1 || identity?.name !== by)
    throw new Refusal(
      'refusal-foreign',
      `signed by ${describeSigners(federation.document, opened)} instead of ${by}`,
      { hint: `${by} signs it with its own key, alone` },
    )
  if (identity.as === 'party' || identity.member.roles.includes('dpo')) return
  if (versionsOfOwner(by, context).length === 0)
    throw new Refusal('refusal-foreign', `${by} has no say: the request reads none of its data`, {
      hint: 'a refusal comes from a party, a data protection officer or an owner whose data is read',
    })
}
