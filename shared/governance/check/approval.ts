/**
 * Purpose binding: an approval counts only for exactly the calculation it names. Every party runs these checks by
 * itself before it opens a share; the analyst runs them too, to say early what is wrong.
 */
import { Refusal } from '../../base/errors.ts'
import { secondsOf } from '../document/common.ts'
import type { DatasetVersion } from '../document/dataset-version.ts'
import type { OpenedDocument } from '../sign.ts'
import type { ThreeOffers } from './offer.ts'
import { requireMemberSigned } from './signer.ts'

export interface ApprovalContext {
  readonly federation: OpenedDocument<'federation'>
  readonly request: OpenedDocument<'request'>
  /** Checked by `checkOffer` and `checkOffersAgree`. */
  readonly offers: ThreeOffers
  /** All dataset versions of the request, by digest. */
  readonly versions: ReadonlyMap<string, DatasetVersion>
  /** What the reader compiled from the request by itself, when it can. */
  readonly own?: { readonly planDigest: string; readonly disclosureDigest: string } | undefined
  readonly nowS: number
}

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index])

/** Digests of the request's data versions that belong to this owner. */
export const versionsOfOwner = (
  owner: string,
  { request, versions }: Pick<ApprovalContext, 'request' | 'versions'>,
): readonly string[] => request.document.versions.filter(version => versions.get(version)?.owner === owner)

/** Owners whose approval the request needs, sorted. Throws `Refusal('request-version-unknown')`. */
export const ownersOf = ({
  request,
  versions,
}: Pick<ApprovalContext, 'request' | 'versions'>): readonly string[] => {
  const owners = request.document.versions.map(version => {
    const owner = versions.get(version)?.owner
    if (owner === undefined)
      throw new Refusal('request-version-unknown', `data version ${version} is not known here`, {
        hint: 'have its owner share it',
      })
    return owner
  })
  return [...new Set(owners)].sort()
}

const requireGrants = (opened: OpenedDocument<'approval'>, context: ApprovalContext): void => {
  const { owner, grants } = opened.document
  const expected = versionsOfOwner(owner, context)
  const missing = expected.find(version => !Object.hasOwn(grants, version))
  if (missing !== undefined)
    throw new Refusal('approval-grant-missing', `${owner} grants no key for its data version ${missing}`, {
      hint: `${owner} approves again with a grant for each of its data versions`,
    })
  if (Object.keys(grants).length !== expected.length)
    throw new Refusal('approval-grant-foreign', `${owner} grants a key for data that is not its own`, {
      hint: `${owner} grants keys for its own data versions only`,
    })
}

/**
 * Throws `Refusal`: `approval-other-request`, `approval-foreign`, `approval-expired`, `approval-lifetime`,
 * `approval-other-offer`, `approval-other-plan`, `approval-other-disclosure`, `approval-other-version`,
 * `approval-other-purpose`, `approval-other-recipient`, `approval-grant-missing` or `approval-grant-foreign`.
 */
export const checkApproval = (opened: OpenedDocument<'approval'>, context: ApprovalContext): void => {
  const { document: approval } = opened
  const { owner } = approval
  const { federation, request, offers, nowS } = context
  const refuse = (rule: string, what: string, hint = `${owner} reads and approves this request`): Refusal =>
    new Refusal(rule, `the approval of ${owner} ${what}`, { hint })

  if (approval.request !== request.digest) throw refuse('approval-other-request', 'is for another request')
  requireMemberSigned('approval-foreign', federation.document, opened, owner)
  if (versionsOfOwner(owner, context).length === 0)
    throw refuse('approval-foreign', 'is not needed: the request reads none of its data', 'leave it out')
  if (secondsOf(approval.expiresAt) <= nowS)
    throw refuse('approval-expired', `expired at ${approval.expiresAt}`, `${owner} approves again`)
  if (secondsOf(approval.expiresAt) > secondsOf(request.document.expiresAt))
    throw refuse('approval-lifetime', 'outlives the request', 'let it expire with the request')
  const { planDigest, disclosureDigest } = context.own ?? offers[0].document
  for (const { document: offer } of offers) {
    if (approval.planDigest !== offer.planDigest || approval.planDigest !== planDigest)
      throw refuse('approval-other-plan', 'is for another plan')
    if (
      approval.disclosureDigest !== offer.disclosureDigest ||
      approval.disclosureDigest !== disclosureDigest
    )
      throw refuse('approval-other-disclosure', 'is for another disclosure report')
  }
  if (!sameList(approval.versions, request.document.versions))
    throw refuse('approval-other-version', 'is for other data versions')
  if (approval.purpose !== request.document.purpose)
    throw refuse('approval-other-purpose', 'is for another purpose')
  if (
    approval.recipient !== request.document.recipient ||
    approval.recipientSealingKey !== request.document.recipientSealingKey
  )
    throw refuse('approval-other-recipient', 'is for another recipient or recipient key')
  if (
    !sameList(
      approval.offers,
      offers.map(({ digest }) => digest),
    )
  )
    throw refuse(
      'approval-other-offer',
      'is for other offers of the parties',
      `${owner} approves the current attempt`,
    )
  requireGrants(opened, context)
}

/**
 * For every owner whose data is read, one approval that holds, by owner name. Throws `Refusal('approval-missing')`, or
 * what is wrong with an owner's only approvals. Among several that hold the one with the least digest counts, so that
 * all parties choose the same.
 */
export const checkApprovals = (
  approvals: readonly OpenedDocument<'approval'>[],
  context: ApprovalContext,
): ReadonlyMap<string, OpenedDocument<'approval'>> => {
  const chosen = new Map<string, OpenedDocument<'approval'>>()
  for (const owner of ownersOf(context)) {
    let problem: unknown = new Refusal('approval-missing', `${owner} has not approved`, {
      hint: `ask ${owner} to approve or refuse the request`,
    })
    const own = approvals
      .filter(({ document }) => document.owner === owner)
      .sort((a, b) => (a.digest < b.digest ? -1 : 1))
    for (const approval of own) {
      try {
        checkApproval(approval, context)
        chosen.set(owner, approval)
        break
      } catch (error) {
        problem = error
      }
    }
    if (!chosen.has(owner)) throw problem
  }
  return chosen
}
