/** A request counts when a member signed it and it stays within the purposes and the policy of the federation. */
import { canonicalJson } from '../../base/canonical.ts'
import { Refusal } from '../../base/errors.ts'
import { secondsOf } from '../document/common.ts'
import { type DatasetVersion, ROWS_MAX } from '../document/dataset-version.ts'
import { memberNamed } from '../roles.ts'
import type { OpenedDocument } from '../sign.ts'
import { requireMemberSigned } from './signer.ts'

/** Clocks of honest organisations differ by less. */
const SKEW_S = 60

export interface RequestContext {
  readonly federation: OpenedDocument<'federation'>
  /** The dataset versions that this party or client has verified, by digest. */
  readonly versions: ReadonlyMap<string, DatasetVersion>
  readonly nowS: number
  /** Tolerated difference of clocks, default 60 s. */
  readonly skewS?: number
}

const requireTimes = (
  { createdAt, expiresAt }: { createdAt: string; expiresAt: string },
  approvalHoursMax: number,
  { nowS, skewS = SKEW_S }: Pick<RequestContext, 'nowS' | 'skewS'>,
): void => {
  const [created, expires] = [secondsOf(createdAt), secondsOf(expiresAt)]
  if (created > nowS + skewS)
    throw new Refusal(
      'request-not-yet',
      `the request was made ${Math.round(created - nowS)} s in the future, at ${createdAt}, by the clock here, and ${skewS} s are tolerated`,
      { hint: 'set the clock of the machine that makes requests, or of the party that refuses them' },
    )
  if (expires - created > approvalHoursMax * 3600)
    throw new Refusal('request-lifetime', `a request may live for at most ${approvalHoursMax} hours`, {
      hint: 'ask with an earlier expiry',
    })
  if (expires <= nowS)
    throw new Refusal('request-expired', `the request expired at ${expiresAt}`, {
      hint: 'make a new request',
    })
}

/**
 * Two versions of one owner's table hold the same people: k would count each of them twice. And what all parties would
 * have to compute is bounded before anything is costed or compiled.
 */
const requireOneVersionEach = (versions: readonly DatasetVersion[]): void => {
  const seen = new Set<string>()
  for (const { owner, table } of versions) {
    const whose = canonicalJson([owner, table])
    if (seen.has(whose))
      throw new Refusal('request-version-twice', `two versions of table ${table} of ${owner} are listed`, {
        hint: 'list one version of each table of each owner, usually the newest',
      })
    seen.add(whose)
  }
  const rows = versions.reduce((sum, version) => sum + version.rows, 0)
  if (rows > ROWS_MAX)
    throw new Refusal('request-rows', `the request reads ${rows} rows, and ${ROWS_MAX} are the most`, {
      hint: 'ask about fewer data versions at a time',
    })
}

/**
 * Throws `Refusal`: `request-other-federation`, `request-foreign`, `request-purpose-unknown`,
 * `request-recipient-unknown`, `request-recipient-key`, `request-group-size`, `request-version-repeated`,
 * `request-version-unknown`, `request-version-twice`, `request-rows`, `request-not-yet`, `request-lifetime` or `request-expired`.
 */
export const checkRequest = (opened: OpenedDocument<'request'>, context: RequestContext): void => {
  const { federation, versions } = context
  const { document: request } = opened
  const { policy, purposes } = federation.document
  if (request.federation !== federation.digest)
    throw new Refusal('request-other-federation', 'the request is for another federation manifest', {
      hint: `ask again under manifest ${federation.digest}`,
    })
  requireMemberSigned('request-foreign', federation.document, opened, request.analyst)
  if (!purposes.includes(request.purpose))
    throw new Refusal('request-purpose-unknown', `the federation has no purpose "${request.purpose}"`, {
      hint: `use one of: ${purposes.join('; ')}`,
    })
  const recipient = memberNamed(federation.document, request.recipient)
  if (!recipient?.roles.includes('recipient'))
    throw new Refusal('request-recipient-unknown', `${request.recipient} may not receive results`, {
      hint: 'name a member that the manifest lists as recipient',
    })
  if (recipient.sealingKey !== request.recipientSealingKey)
    throw new Refusal('request-recipient-key', `the sealing key is not the one of ${request.recipient}`, {
      hint: 'use the sealing key of the recipient in the manifest',
    })
  if (request.minimumGroupSize < policy.minimumGroupSize)
    throw new Refusal(
      'request-group-size',
      `groups of ${request.minimumGroupSize} are smaller than the policy allows`,
      { hint: `ask for a minimum group size of at least ${policy.minimumGroupSize}` },
    )
  if (new Set(request.versions).size !== request.versions.length)
    throw new Refusal('request-version-repeated', 'a data version is listed twice', {
      hint: 'list each data version once',
    })
  const unknown = request.versions.find(version => !versions.has(version))
  if (unknown !== undefined)
    throw new Refusal('request-version-unknown', `data version ${unknown} is not known here`, {
      hint: 'have its owner share it, and list its digest',
    })
  requireOneVersionEach(request.versions.map(digest => versions.get(digest) as DatasetVersion))
  requireTimes(request, policy.approvalHoursMax, context)
}
