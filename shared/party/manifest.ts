/** The federation manifest that this party is bound to: pinned once, by digest, and never replaced in place. */
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '../base/bytes.ts'
import { Refusal } from '../base/errors.ts'
import type { KeyOf } from '../crypto/jws.ts'
import { verifyFederation } from '../governance/check/federation.ts'
import { type Identity, identitiesOf, signingKeysOf } from '../governance/roles.ts'
import { type OpenedDocument, openFederation, type SignedDocument, signedText } from '../governance/sign.ts'
import type { Peer } from '../port/peer.ts'
import type { PartyIndex } from '../sharing/shared.ts'
import { getBlob, putBlob } from './blob.ts'
import type { World } from './world.ts'

export interface Manifest {
  readonly opened: OpenedDocument<'federation'>
  readonly digest: string
  readonly digestBytes: Uint8Array
  readonly signed: SignedDocument
  readonly keyOf: KeyOf
  readonly identities: ReadonlyMap<string, Identity>
  readonly signingKeyOf: (party: PartyIndex) => Uint8Array
  readonly peer: Peer
}

const KEY = 'federation/manifest'

const manifestOf = (world: World, signed: SignedDocument): Manifest => {
  const opened = openFederation(signed)
  verifyFederation(opened)
  const { parties } = opened.document
  const self = parties[world.party]
  if (
    self.signingKey !== toBase64url(world.keyring.signingKey) ||
    self.sealingKey !== toBase64url(world.keyring.sealingKey)
  )
    throw new Refusal('federation-other-keys', `the manifest lists other keys for party ${world.party}`, {
      hint: 'take the keys of the manifest from the party-card.json of this party',
    })
  const keys = parties.map(party => fromBase64url(party.signingKey))
  return Object.freeze({
    opened,
    digest: opened.digest,
    digestBytes: fromBase64url(opened.digest),
    signed,
    keyOf: signingKeysOf(opened.document),
    identities: identitiesOf(opened.document),
    signingKeyOf: (party: PartyIndex) => keys[party] as Uint8Array,
    peer: world.peerAt([parties[0].endpoint, parties[1].endpoint, parties[2].endpoint]),
  })
}

/** null: no manifest was accepted yet. */
export const loadManifest = async (world: World): Promise<Manifest | null> => {
  const text = await getBlob(world.durable, KEY)
  return text === null ? null : manifestOf(world, JSON.parse(fromUtf8(text)) as SignedDocument)
}

/**
 * Binds the party to its first manifest: one that all three parties and all data owners signed, this party among them.
 * Throws `Refusal`, also when the party is bound to another one already.
 */
export const pinManifest = async (world: World, signed: SignedDocument): Promise<Manifest> => {
  const manifest = manifestOf(world, signed)
  await putBlob(world.durable, KEY, utf8(signedText(signed)))
  const pinned = await loadManifest(world)
  if (pinned?.digest !== manifest.digest)
    throw new Refusal('federation-pinned', 'this party belongs to another federation manifest already')
  return pinned
}
