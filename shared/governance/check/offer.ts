/** Offers count when each party signed its own, and all three came to the same plan, disclosure and cost. */
import { canonicalJson } from '../../base/canonical.ts'
import { Refusal } from '../../base/errors.ts'
import { PARTIES } from '../../sharing/shared.ts'
import { secondsOf } from '../document/common.ts'
import type { Offer } from '../document/offer.ts'
import type { OpenedDocument } from '../sign.ts'
import { requirePartySigned } from './signer.ts'

/** One offer of each party, by index. */
export type ThreeOffers = readonly [OpenedDocument<'offer'>, OpenedDocument<'offer'>, OpenedDocument<'offer'>]

export interface OfferContext {
  readonly federation: OpenedDocument<'federation'>
  readonly request: OpenedDocument<'request'>
  readonly nowS: number
}

/** Throws `Refusal`: `offer-other-request`, `offer-foreign`, `offer-lifetime` or `offer-expired`. */
export const checkOffer = (opened: OpenedDocument<'offer'>, context: OfferContext): void => {
  const { federation, request, nowS } = context
  const { party, expiresAt } = opened.document
  if (opened.document.request !== request.digest)
    throw new Refusal('offer-other-request', `the offer of party ${party} answers another request`, {
      hint: `party ${party} offers for request ${request.digest}`,
    })
  requirePartySigned('offer-foreign', federation.document, opened, party)
  if (secondsOf(expiresAt) > secondsOf(request.document.expiresAt))
    throw new Refusal('offer-lifetime', `the offer of party ${party} outlives the request`, {
      hint: 'an offer expires with its request at the latest',
    })
  if (secondsOf(expiresAt) <= nowS)
    throw new Refusal('offer-expired', `the offer of party ${party} expired at ${expiresAt}`, {
      hint: 'start a new attempt',
    })
}

const listed = (versions: readonly number[]): string => versions.join(' and ')

/**
 * Releases that have no version in common cannot compute together, whatever else they agree on. Throws
 * `Refusal('offers-version')`, naming what each party speaks.
 */
const requireCommonVersions = (offers: readonly Offer[]): void => {
  for (const [name, what] of [
    ['protocol', 'protocol version'],
    ['frames', 'frame format'],
  ] as const) {
    const spoken = offers.map(({ speaks }) => speaks[name])
    if (spoken[0]?.some(version => spoken.every(versions => versions.includes(version)))) continue
    const newest = Math.max(...spoken.flat())
    const behind = PARTIES.filter(party => !spoken[party]?.includes(newest))
    throw new Refusal(
      'offers-version',
      PARTIES.map(party => `party ${party} speaks ${what} ${listed(spoken[party] ?? [])}`).join(', '),
      { hint: `update party ${listed(behind)} to a release that speaks ${what} ${newest}, then ask again` },
    )
  }
}

/**
 * The three offers by party index. Throws `Refusal`: `offers-missing` when a party's is not there, `offers-repeated`
 * when a party made two, `offers-version` when they have no version in common, `offers-disagree` when they differ in what
 * must be the same, `offers-key-shared`.
 */
export const checkOffersAgree = (offers: readonly OpenedDocument<'offer'>[]): ThreeOffers => {
  const byParty = PARTIES.map(party => offers.filter(({ document }) => document.party === party))
  const repeated = byParty.findIndex(own => own.length > 1)
  if (repeated !== -1)
    throw new Refusal('offers-repeated', `party ${repeated} made two offers for one attempt`, {
      hint: 'start a new attempt; keep both offers as evidence',
    })
  const missing = byParty.findIndex(own => own.length === 0)
  if (missing !== -1)
    throw new Refusal('offers-missing', `the offer of party ${missing} is missing`, {
      hint: `wait for party ${missing}`,
    })
  const three = byParty.flat() as unknown as ThreeOffers
  requireCommonVersions(three.map(({ document }) => document))
  const [first] = three
  for (const name of ['request', 'attempt', 'planDigest', 'disclosureDigest', 'cost'] as const) {
    const other = three.find(
      ({ document }) => canonicalJson(document[name]) !== canonicalJson(first.document[name]),
    )
    if (other !== undefined)
      throw new Refusal('offers-disagree', `parties 0 and ${other.document.party} differ in ${name}`, {
        hint: 'all parties must run the same version of the software and know the same data versions',
      })
  }
  if (new Set(three.map(({ document }) => document.runSealingKey)).size !== 3)
    throw new Refusal('offers-key-shared', 'two parties offer the same key for the run', {
      hint: 'every party draws a fresh key for every run',
    })
  return three
}
