/** Who is behind a key, by the federation manifest. */
import { fromBase64url } from '../base/bytes.ts'
import type { KeyOf } from '../crypto/jws.ts'
import { keyId } from '../crypto/key-id.ts'
import type { Federation, Member, Party, Role } from './document/federation.ts'

export type Identity =
  | { readonly as: 'party'; readonly name: string; readonly party: Party }
  | { readonly as: 'member'; readonly name: string; readonly member: Member }

/** Key id of a public key in a document. */
export const keyIdOfText = (signingKey: string): string => keyId(fromBase64url(signingKey))

/** All identities of a manifest by key id. Build it once for many look-ups. */
export const identitiesOf = (federation: Federation): ReadonlyMap<string, Identity> => {
  const identities = new Map<string, Identity>()
  for (const party of federation.parties)
    identities.set(keyIdOfText(party.signingKey), { as: 'party', name: party.operator, party })
  for (const member of federation.members)
    identities.set(keyIdOfText(member.signingKey), { as: 'member', name: member.name, member })
  return identities
}

/** Undefined for a stranger. */
export const whoIs = (federation: Federation, kid: string): Identity | undefined =>
  identitiesOf(federation).get(kid)

/** The signing keys of parties and members, to open documents with. */
export const signingKeysOf = (federation: Federation): KeyOf => {
  const keys = new Map(
    [...federation.parties, ...federation.members].map(({ signingKey }) => {
      const key = fromBase64url(signingKey)
      return [keyId(key), key] as const
    }),
  )
  return kid => keys.get(kid)
}

export const memberNamed = (federation: Federation, name: string): Member | undefined =>
  federation.members.find(member => member.name === name)

export const membersWithRole = (federation: Federation, role: Role): readonly Member[] =>
  federation.members.filter(member => member.roles.includes(role))
