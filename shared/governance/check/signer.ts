/** Who must have signed. Every check starts here: a document counts only when exactly the right key is under it. */
import { Refusal } from '../../base/errors.ts'
import type { Federation, Party } from '../document/federation.ts'
import { identitiesOf, keyIdOfText, memberNamed } from '../roles.ts'

interface Signed {
  readonly signers: readonly string[]
}

/** Names of the signers for a message. */
export const describeSigners = (federation: Federation, { signers }: Signed): string => {
  const identities = identitiesOf(federation)
  return signers.map(kid => identities.get(kid)?.name ?? `unknown key ${kid}`).join(', ')
}

/** Exactly this member signed, and nobody else. */
export const requireMemberSigned = (
  rule: string,
  federation: Federation,
  opened: Signed,
  name: string,
): void => {
  const member = memberNamed(federation, name)
  if (member === undefined)
    throw new Refusal(rule, `${name} is not a member of the federation ${federation.name}`, {
      hint: 'name a member that the federation manifest lists',
    })
  if (opened.signers.length !== 1 || opened.signers[0] !== keyIdOfText(member.signingKey))
    throw new Refusal(rule, `signed by ${describeSigners(federation, opened)} instead of ${name}`, {
      hint: `${name} signs it with its own key, alone`,
    })
}

/** Exactly this party signed, and nobody else. */
export const requirePartySigned = (
  rule: string,
  federation: Federation,
  opened: Signed,
  index: Party['index'],
): void => {
  const party = federation.parties[index]
  if (opened.signers.length !== 1 || opened.signers[0] !== keyIdOfText(party.signingKey))
    throw new Refusal(
      rule,
      `signed by ${describeSigners(federation, opened)} instead of party ${index} (${party.operator})`,
      { hint: `party ${index} signs it with its own key, alone` },
    )
}
