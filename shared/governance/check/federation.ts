/**
 * A manifest holds when three separate operators with separate keys and all data owners signed it, and the places of
 * the parties obey the jurisdiction rules that they agreed on.
 */
import { Refusal } from '../../base/errors.ts'
import type { Federation } from '../document/federation.ts'
import { keyIdOfText, membersWithRole } from '../roles.ts'
import type { OpenedDocument } from '../sign.ts'

const firstRepeated = (values: readonly string[]): string | undefined =>
  values.find((value, index) => values.indexOf(value) !== index)

const requireSeparation = (federation: Federation): void => {
  const { parties, members } = federation
  if (parties.some((party, place) => party.index !== place))
    throw new Refusal('federation-party-order', 'the parties are not listed by index 0, 1, 2', {
      hint: 'list party 0 first, then 1, then 2',
    })
  const operator = firstRepeated(parties.map(party => party.operator))
  if (operator !== undefined)
    throw new Refusal('federation-operator-shared', `${operator} operates more than one party`, {
      hint: 'give each party to another legal entity: two parties of one operator can read everything',
    })
  const name = firstRepeated([...parties.map(party => party.operator), ...members.map(({ name }) => name)])
  if (name !== undefined)
    throw new Refusal('federation-name-taken', `the name ${name} is used twice`, {
      hint: 'name every operator and every member differently',
    })
  const everyone = [...parties, ...members]
  if (firstRepeated(everyone.flatMap(one => [one.signingKey, one.sealingKey])) !== undefined)
    throw new Refusal('federation-key-shared', 'one key is listed for two parties or members', {
      hint: 'every party and every member generates its own keys',
    })
  const endpoint = firstRepeated(parties.map(party => party.endpoint))
  if (endpoint !== undefined)
    throw new Refusal('federation-endpoint-shared', `two parties answer at ${endpoint}`, {
      hint: 'each party has its own endpoint',
    })
}

const requireJurisdiction = ({ parties, jurisdiction }: Federation): void => {
  const { requiredPartyCountries = [], allowedPartyCountries } = jurisdiction
  const missing = requiredPartyCountries.find(country => parties.every(party => party.country !== country))
  if (missing !== undefined)
    throw new Refusal('jurisdiction-broken', `no party runs in ${missing}, but the rules require one`, {
      hint: `place a party in ${missing}`,
    })
  if (allowedPartyCountries === undefined) return
  for (const { index, operator, country, parent, parentCountry } of parties) {
    if (!allowedPartyCountries.includes(country))
      throw new Refusal(
        'jurisdiction-broken',
        `party ${index} (${operator}) runs in ${country}, which is not allowed`,
        { hint: `place it in one of ${allowedPartyCountries.join(', ')}` },
      )
    if (!allowedPartyCountries.includes(parentCountry))
      throw new Refusal(
        'jurisdiction-broken',
        `${parent}, which owns ${operator}, sits in ${parentCountry}, which is not allowed`,
        { hint: `choose an operator whose parent sits in one of ${allowedPartyCountries.join(', ')}` },
      )
  }
}

/**
 * Throws `Refusal`: `federation-party-order`, `federation-operator-shared`, `federation-name-taken`,
 * `federation-key-shared`, `federation-endpoint-shared`, `jurisdiction-broken` or `federation-unsigned`.
 */
export const verifyFederation = (opened: OpenedDocument<'federation'>): void => {
  const federation = opened.document
  requireSeparation(federation)
  requireJurisdiction(federation)
  const founders = [
    ...federation.parties.map(({ index, operator, signingKey }) => ({
      who: `party ${index} (${operator})`,
      signingKey,
    })),
    ...membersWithRole(federation, 'owner').map(({ name, signingKey }) => ({
      who: `owner ${name}`,
      signingKey,
    })),
  ]
  const unsigned = founders.filter(({ signingKey }) => !opened.signers.includes(keyIdOfText(signingKey)))
  if (unsigned.length > 0)
    throw new Refusal(
      'federation-unsigned',
      `the manifest lacks the signature of ${unsigned.map(({ who }) => who).join(', ')}`,
      { hint: 'every party and every data owner signs the manifest' },
    )
}
