/**
 * Grants: the keys under which an owner's uploaded pieces are encrypted, one for each party and data version, sealed
 * to that party's key for one run. A grant opens only for that request, version and party; when the party destroys the
 * run's key, every grant of the run is dead, also in backups.
 */
import { fromBase64url, toBase64url } from '../base/bytes.ts'
import { canonicalJson } from '../base/canonical.ts'
import { Refusal } from '../base/errors.ts'
import { seal, unseal } from '../crypto/sealed-box.ts'
import type { PartyIndex } from '../sharing/shared.ts'
import type { Approval } from './document/approval.ts'
import type { Offer } from './document/offer.ts'

export interface GrantPurpose {
  /** Digest of the request. */
  readonly request: string
  /** Digest of the dataset-version document. */
  readonly version: string
  readonly party: PartyIndex
}

const infoOf = ({ request, version, party }: GrantPurpose): string =>
  canonicalJson(['trias-grant-1', request, version, party])

/** One grant for one party. */
export const sealGrant = async (
  runSealingKey: string,
  purpose: GrantPurpose,
  grant: Uint8Array,
): Promise<string> => toBase64url(await seal(fromBase64url(runSealingKey), infoOf(purpose), grant))

/** `grants` member of an approval: for each own version, `grantOf(version, party)` sealed to each party's run key. */
export const sealGrants = async (input: {
  readonly request: string
  readonly versions: readonly string[]
  readonly offers: readonly [Offer, Offer, Offer]
  readonly grantOf: (version: string, party: PartyIndex) => Uint8Array
}): Promise<Approval['grants']> => {
  const { request, versions, offers, grantOf } = input
  const sealFor = (version: string, party: PartyIndex): Promise<string> =>
    sealGrant(offers[party].runSealingKey, { request, version, party }, grantOf(version, party))
  const entries = versions.map(async version => {
    const sealed = await Promise.all([sealFor(version, 0), sealFor(version, 1), sealFor(version, 2)])
    return [version, sealed] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

/**
 * This party's grant for one data version. Throws `Refusal('approval-grant-missing')` when the approval has none for
 * it, `Abort('seal-broken')` when it was sealed for another run, version or party.
 */
export const openGrant = async (
  runSecretKey: Uint8Array,
  approval: Approval,
  version: string,
  party: PartyIndex,
): Promise<Uint8Array> => {
  const grant = Object.hasOwn(approval.grants, version) ? approval.grants[version] : undefined
  if (grant === undefined)
    throw new Refusal(
      'approval-grant-missing',
      `the approval of ${approval.owner} has no grant for data version ${version}`,
      { hint: `${approval.owner} approves again with a grant for each of its data versions` },
    )
  return unseal(
    runSecretKey,
    infoOf({ request: approval.request, version, party }),
    fromBase64url(grant[party]),
  )
}
