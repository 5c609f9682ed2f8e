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

const requireVersion = ({ version, previous }: Federation): void => {
  if ((version === 1) !== (previous === undefined))
    throw new Refusal(
      'federation-version',
      `version ${version} names ${previous === undefined ? 'no' : 'a'} manifest that it follows`,
      {
        hint: 'the first version follows none, every later one names the digest of the one before: `trias federation revise`',
      },
    )
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
 * Throws `Refusal`: `federation-version`, `federation-party-order`, `federation-operator-shared`, `federation-name-taken`,
 * `federation-key-shared`, `federation-endpoint-shared`, `jurisdiction-broken` or `federation-unsigned`.
 */
export const verifyFederation = (opened: OpenedDocument<'federation'>): void => {
  const federation = opened.document
  requireVersion(federation)
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

/** Parties whose key in `before` is not under `next`: they have not handed over. */
export const partiesWithoutHandOver = (
  before: Federation,
  next: Pick<OpenedDocument<'federation'>, 'signers'>,
): Federation['parties'][number][] =>
  before.parties.filter(({ signingKey }) => !next.signers.includes(keyIdOfText(signingKey)))

/**
 * A manifest follows another one when it holds by itself, names the other one, keeps each party with its operator, and the
 * keys of all three parties in the other one are under it: whoever holds only new keys cannot take a federation over.
 * Throws `Refusal` as `verifyFederation`, and `federation-not-next`, `federation-party-changed` or `federation-not-handed-over`.
 */
export const verifySuccessor = (
  before: OpenedDocument<'federation'>,
  next: OpenedDocument<'federation'>,
): void => {
  const [was, will] = [before.document, next.document]
  if (will.previous !== before.digest || will.version !== was.version + 1)
    throw new Refusal(
      'federation-not-next',
      `the manifest in force is version ${was.version}, ${before.digest}; this one does not follow it`,
      { hint: 'begin it from the manifest in force: `trias federation revise`' },
    )
  verifyFederation(next)
  const changed = was.parties.find(({ index, operator }) => will.parties[index].operator !== operator)
  if (changed !== undefined)
    throw new Refusal('federation-party-changed', `party ${changed.index} has another operator than before`, {
      hint: 'a new operator has none of the data: found a new federation',
    })
  const silent = partiesWithoutHandOver(was, next)
  if (silent.length > 0)
    throw new Refusal(
      'federation-not-handed-over',
      `the manifest lacks the signature of the present key of ${silent.map(({ operator }) => operator).join(', ')}`,
      { hint: 'each party signs with its present key, and a party that changes its key with both' },
    )
}
