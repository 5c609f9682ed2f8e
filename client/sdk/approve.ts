/**
 * An owner's yes. Before it signs, the owner's client verifies the request and all three offers, compiles the SQL by
 * itself and compares plan and disclosure digests, so that what is shown in plain words is what will run.
 *
 * Secret: the lock of each own data version. It leaves only as grants, sealed to the parties' keys for this one run.
 */
import { Refusal } from '../../shared/base/errors.ts'
import { grantFor } from '../../shared/data/owner-lock.ts'
import { versionsOfOwner } from '../../shared/governance/check/approval.ts'
import { checkOffer, checkOffersAgree, type ThreeOffers } from '../../shared/governance/check/offer.ts'
import { checkRequest } from '../../shared/governance/check/request.ts'
import type { Approval } from '../../shared/governance/document/approval.ts'
import type { DatasetVersion } from '../../shared/governance/document/dataset-version.ts'
import { sealGrants } from '../../shared/governance/grants.ts'
import { inPlainWords, type PlainAnswer } from '../../shared/governance/plain-words.ts'
import type { OpenedDocument } from '../../shared/governance/sign.ts'
import { type Compilation, compileFor } from './compile-request.ts'
import { type EarlierReport, earlierInPlainWords, earlierReports } from './earlier-reports.ts'
import {
  type Connection,
  findDocuments,
  pick,
  post,
  requests,
  versionsOfRequest,
} from './federation-client.ts'
import { VerificationFailed } from './verification-failed.ts'
import { progressOf, requireDone } from './watch.ts'

/** Everything an owner looks at before it decides, verified. */
export interface Review {
  readonly request: OpenedDocument<'request'>
  readonly versions: ReadonlyMap<string, DatasetVersion>
  readonly offers: ThreeOffers
  readonly compilation: Compilation
  readonly answers: readonly PlainAnswer[]
  /** Reports that the recipient has had over the same data, and how this one differs. */
  readonly earlier: readonly EarlierReport[]
  /** Digests of the reader's own data versions that are read; empty when it has no say. */
  readonly own: readonly string[]
}

/** Offers of the latest attempt, from whichever party shows them; verified and in agreement. */
export const agreedOffers = async (
  connection: Connection,
  request: OpenedDocument<'request'>,
  nowS: number = connection.nowS(),
): Promise<ThreeOffers> => {
  const offers = await findDocuments(connection, 'offer', request.digest)
  const latest = Math.max(0, ...offers.map(({ document }) => document.attempt))
  try {
    const three = checkOffersAgree(offers.filter(({ document }) => document.attempt === latest))
    for (const offer of three) checkOffer(offer, { federation: connection.federation, request, nowS })
    return three
  } catch (error) {
    const disagreement = ['offers-disagree', 'offers-repeated', 'offers-key-shared']
    if (!(error instanceof Refusal) || !disagreement.includes(error.rule)) throw error
    throw new VerificationFailed(error.rule, error.message, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    })
  }
}

/** Throws VerificationFailed when the parties offer another computation than the request describes. */
export const requireOwnCompilation = (offers: ThreeOffers, { query, cost }: Compilation): void => {
  for (const { document: offer } of offers) {
    const differs =
      offer.planDigest !== query.digest
        ? 'plan'
        : offer.disclosureDigest !== query.disclosureDigest
          ? 'disclosure'
          : offer.cost.rounds !== cost.rounds ||
              offer.cost.bytesPerParty.some((bytes, party) => bytes !== cost.bytesPerParty[party])
            ? 'cost'
            : undefined
    if (differs !== undefined)
      throw new VerificationFailed(
        `offer-other-${differs}`,
        `party ${offer.party} offers another ${differs} than this client compiled from the request`,
        { hint: 'Do not approve. Either the versions of the software differ, or somebody deceives you.' },
      )
  }
}

/** A party needs a moment to make its offer; a request that is seconds old is no reason to send the owner away. */
const OFFER_TRIES = 40
const OFFER_PAUSE_MS = 250

const awaitOffers = async (
  connection: Connection,
  request: OpenedDocument<'request'>,
): Promise<ThreeOffers> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await agreedOffers(connection, request)
    } catch (error) {
      const isEarly = error instanceof Refusal && error.rule === 'offers-missing'
      if (!isEarly || attempt >= OFFER_TRIES) throw error
      requireDone(await progressOf(connection, request))
    }
    await new Promise(done => setTimeout(done, OFFER_PAUSE_MS))
  }
}

export const review = async (connection: Connection, name: string): Promise<Review> => {
  const request = pick('request', await requests(connection), name)
  const versions = await versionsOfRequest(connection, request)
  const { federation } = connection
  checkRequest(request, { federation, versions, nowS: connection.nowS() })
  const offers = await awaitOffers(connection, request)
  const ordered = request.document.versions.map(digest => versions.get(digest) as DatasetVersion)
  const compilation = await compileFor({
    sql: request.document.sql,
    versions: ordered,
    minimumGroupSize: request.document.minimumGroupSize,
    epsilon: request.document.epsilon,
    federation: federation.document,
  })
  requireOwnCompilation(offers, compilation)
  const owner = connection.member.name
  const answers = inPlainWords({
    federation: federation.document,
    request: request.document,
    versions: ordered,
    disclosure: compilation.query.disclosure,
    minimumGroupSize: compilation.query.plan.minimumGroupSize,
    offer: offers[0].document,
    owner,
  })
  const earlier = await earlierReports(connection, request, compilation)
  return {
    request,
    versions,
    offers,
    compilation,
    answers: [...answers, earlierInPlainWords(request.document.recipient, earlier)],
    earlier,
    own: versionsOfOwner(owner, { request, versions }),
  }
}

/** The lock of one own data version: the secret under which its pieces are encrypted. */
export type LockOf = (versionDigest: string) => Promise<Uint8Array>

export interface Approved {
  readonly digest: string
  readonly document: Approval
}

/** Signs exactly what was reviewed and sends it to all three parties. Throws Refusal('approval-margin') unless that is accepted. */
export const approve = async (
  connection: Connection,
  reviewed: Review,
  lockOf: LockOf,
  { acceptMargins = false }: { readonly acceptMargins?: boolean } = {},
): Promise<Approved> => {
  const { request, versions, offers, compilation, own } = reviewed
  const owner = connection.member.name
  if (own.length === 0)
    throw new Refusal(
      'approval-foreign',
      `the request reads no data of ${owner}, so there is nothing to approve`,
      {
        hint: 'Only owners whose data is read approve; a data protection officer can refuse.',
      },
    )
  const margin = reviewed.earlier.find(report => report.margin !== null)
  if (margin !== undefined && !acceptMargins)
    throw new Refusal(
      'approval-margin',
      `${request.document.recipient} has had report ${margin.request.slice(0, 8)} over the same data, and one of the two is a margin of the other, so suppressed cells can be computed`,
      {
        hint: 'Ask the analyst for the same groups as before, or for new data. If no cell was suppressed, or you accept it: --accept-margins.',
      },
    )
  const locks = new Map(await Promise.all(own.map(async digest => [digest, await lockOf(digest)] as const)))
  const [a, b, c] = offers
  const grants = await sealGrants({
    request: request.digest,
    versions: own,
    offers: [a.document, b.document, c.document],
    grantOf: (digest, party) =>
      grantFor(locks.get(digest) as Uint8Array, (versions.get(digest) as DatasetVersion).version, party),
  })
  const { purpose, recipient, recipientSealingKey, expiresAt } = request.document
  const document: Approval = {
    kind: 'approval',
    request: request.digest,
    offers: [a.digest, b.digest, c.digest],
    planDigest: compilation.query.digest,
    disclosureDigest: compilation.query.disclosureDigest,
    purpose,
    recipient,
    recipientSealingKey,
    versions: request.document.versions,
    owner,
    grants,
    expiresAt,
  }
  return { digest: await post(connection, document), document }
}
