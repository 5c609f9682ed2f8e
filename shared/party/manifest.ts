/**
 * The federation manifest that this party is bound to, and those before it. The first is pinned by digest; a later one only
 * follows it when all three parties have handed over. Nothing is replaced in place:
 *
 *   federation/manifest             the first signed manifest that this party accepted
 *   federation/after-<digest>       digest of the one that follows that one; put-if-absent, so the chain never forks
 *   federation/manifest-<digest>    the signed manifest that follows
 */
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '../base/bytes.ts'
import { Refusal } from '../base/errors.ts'
import type { KeyOf } from '../crypto/jws.ts'
import { verifyFederation, verifySuccessor } from '../governance/check/federation.ts'
import { requireRegion } from '../governance/check/region.ts'
import { type Identity, identitiesOf, signingKeysOf } from '../governance/roles.ts'
import { type OpenedDocument, openFederation, type SignedDocument, signedText } from '../governance/sign.ts'
import type { Peer } from '../port/peer.ts'
import type { Location } from '../port/place.ts'
import type { PartyIndex } from '../sharing/shared.ts'
import { getBlob, putBlob } from './blob.ts'
import type { World } from './world.ts'

export interface Manifest {
  readonly opened: OpenedDocument<'federation'>
  readonly digest: string
  readonly digestBytes: Uint8Array
  readonly signed: SignedDocument
  /** Those that this one follows, the latest first. */
  readonly earlier: readonly Pick<Manifest, 'opened' | 'digest' | 'signed'>[]
  readonly earlierDigests: ReadonlySet<string>
  /** Keys in force. */
  readonly keyOf: KeyOf
  /** Also keys that were in force under an earlier manifest: what was taken then is still what it was. */
  readonly everKeyOf: KeyOf
  readonly identities: ReadonlyMap<string, Identity>
  readonly signingKeyOf: (party: PartyIndex) => Uint8Array
  readonly peer: Peer
  /** Whether this process has the keys that the manifest lists for this party. */
  readonly hasOwnKeys: boolean
}

const FIRST = 'federation/manifest'
const afterKey = (digest: string): string => `federation/after-${digest}`
const bodyKey = (digest: string): string => `federation/manifest-${digest}`

const manifestFrom = (world: World, signed: SignedDocument, before: Manifest | null): Manifest => {
  const opened = openFederation(signed, before?.keyOf)
  if (before === null) verifyFederation(opened)
  else verifySuccessor(before.opened, opened)
  const { parties } = opened.document
  const self = parties[world.party]
  const keys = parties.map(party => fromBase64url(party.signingKey))
  const keyOf = signingKeysOf(opened.document)
  const earlier = before === null ? [] : [before, ...before.earlier]
  return Object.freeze({
    opened,
    digest: opened.digest,
    digestBytes: fromBase64url(opened.digest),
    signed,
    earlier,
    earlierDigests: new Set(earlier.map(({ digest }) => digest)),
    keyOf,
    everKeyOf: kid => keyOf(kid) ?? before?.everKeyOf(kid),
    identities: identitiesOf(opened.document),
    signingKeyOf: (party: PartyIndex) => keys[party] as Uint8Array,
    peer: world.peerAt([parties[0].endpoint, parties[1].endpoint, parties[2].endpoint]),
    hasOwnKeys:
      self.signingKey === toBase64url(world.keyring.signingKey) &&
      self.sealingKey === toBase64url(world.keyring.sealingKey),
  } satisfies Manifest)
}

/** Throws Refusal('federation-other-keys'). */
export const requireOwnKeys = ({ hasOwnKeys, opened }: Manifest, { party }: World): void => {
  if (hasOwnKeys) return
  const { version } = opened.document
  throw new Refusal(
    'federation-other-keys',
    `version ${version} of the manifest lists other keys for party ${party} than this party has been started with`,
    {
      hint: 'start the party with the key file of that version; new keys take effect with the manifest that lists them',
    },
  )
}

/** Throws Refusal('federation-other-region') unless the party is where the manifest has it. */
export const requireHome = (
  { opened }: Pick<Manifest, 'opened'>,
  { party }: Pick<World, 'party'>,
  locations: readonly Location[],
): void => requireRegion('federation-other-region', opened.document.parties[party], locations)

const readManifest = async (world: World, key: string, before: Manifest | null): Promise<Manifest | null> => {
  const text = await getBlob(world.durable, key)
  return text === null ? null : manifestFrom(world, JSON.parse(fromUtf8(text)) as SignedDocument, before)
}

/** The newest manifest from `known` on; another process of this party may have accepted it. null: there is none yet. */
export const loadManifest = async (world: World, known: Manifest | null): Promise<Manifest | null> => {
  let newest = known ?? (await readManifest(world, FIRST, null))
  while (newest !== null) {
    const after = await world.durable.get(afterKey(newest.digest))
    if (after === null) return newest
    newest = await readManifest(world, bodyKey(fromUtf8(after.value)), newest)
  }
  return null
}

const pinned = (): Refusal =>
  new Refusal('federation-pinned', 'this party belongs to another federation manifest already', {
    hint: 'a later version names the manifest in force as the one it follows: `trias federation revise`',
  })

/**
 * Binds the party to its first manifest: one that all three parties and all data owners signed, this party among them.
 * Throws `Refusal`, also when the party is bound to another one already.
 */
export const pinManifest = async (world: World, signed: SignedDocument): Promise<Manifest> => {
  const manifest = manifestFrom(world, signed, null)
  requireOwnKeys(manifest, world)
  requireHome(manifest, world, await world.place.locate())
  await putBlob(world.durable, FIRST, utf8(signedText(signed)))
  const there = await loadManifest(world, null)
  if (there === null || ![there.digest, ...there.earlierDigests].includes(manifest.digest)) throw pinned()
  return there
}

/** The manifest that would follow. Throws `Refusal`: `federation-pinned`, and as `verifySuccessor`. */
export const openSuccessor = (world: World, before: Manifest, signed: SignedDocument): Manifest => {
  if (openFederation(signed, before.keyOf).document.previous !== before.digest) throw pinned()
  return manifestFrom(world, signed, before)
}

/** Binds the party to it. Throws Refusal('federation-pinned') when another one was quicker. */
export const pinSuccessor = async (world: World, before: Manifest, next: Manifest): Promise<void> => {
  await putBlob(world.durable, bodyKey(next.digest), utf8(signedText(next.signed)))
  const there = await world.durable.putIfAbsent(afterKey(before.digest), utf8(next.digest))
  if (there !== null && fromUtf8(there.value) !== next.digest) throw pinned()
}
