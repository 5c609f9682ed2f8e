/** A small federation with real keys, and a request that went through offers, approvals and readiness. */
import { toBase64url } from '../../shared/base/bytes.ts'
import { Refusal } from '../../shared/base/errors.ts'
import { sha256 } from '../../shared/crypto/hash.ts'
import type { Signer } from '../../shared/crypto/jws.ts'
import { keyId } from '../../shared/crypto/key-id.ts'
import { type BoxKeyPair, generateBoxKeyPair } from '../../shared/crypto/sealed-box.ts'
import { signingKeyPair } from '../../shared/crypto/signature.ts'
import type { ApprovalContext } from '../../shared/governance/check/approval.ts'
import { checkOffersAgree } from '../../shared/governance/check/offer.ts'
import type { Approval } from '../../shared/governance/document/approval.ts'
import type { DatasetVersion } from '../../shared/governance/document/dataset-version.ts'
import type { DocumentOf, TriasDocument } from '../../shared/governance/document/document.ts'
import type { Federation, Member, Party } from '../../shared/governance/document/federation.ts'
import type { Offer } from '../../shared/governance/document/offer.ts'
import type { Request } from '../../shared/governance/document/request.ts'
import { sealGrants } from '../../shared/governance/grants.ts'
import { signingKeysOf } from '../../shared/governance/roles.ts'
import { runId } from '../../shared/governance/run.ts'
import {
  coSignDocument,
  type OpenedDocument,
  openDocument,
  openFederation,
  type SignedDocument,
  signDocument,
} from '../../shared/governance/sign.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'

export const digest = (text: string): string => toBase64url(sha256(new TextEncoder().encode(text)))

export interface Person extends Signer {
  readonly signingKey: string
  readonly box: BoxKeyPair
  readonly sealingKey: string
}

const seedOf = (text: string): Uint8Array => sha256(new TextEncoder().encode(text))

const person = async (name: string): Promise<Person> => {
  const pair = signingKeyPair(seedOf(`${name} signs`))
  const box = await generateBoxKeyPair(seedOf(`${name} opens`))
  return {
    kid: keyId(pair.publicKey),
    secretKey: pair.secretKey,
    signingKey: toBase64url(pair.publicKey),
    box,
    sealingKey: toBase64url(box.publicKey),
  }
}

const all = async <K extends string>(names: readonly K[]): Promise<Record<K, Person>> =>
  Object.fromEntries(await Promise.all(names.map(async name => [name, await person(name)]))) as Record<
    K,
    Person
  >

export const people = await all([
  'party-0',
  'party-1',
  'party-2',
  'acme-de',
  'acme-fr',
  'acme-hq',
  'acme-dpo',
  'stranger',
])
export const partyPeople = [people['party-0'], people['party-1'], people['party-2']] as const
/** Keys of the parties for attempt 1 and 2 of the run. */
export const runKeys = await Promise.all(
  [1, 2].map(attempt =>
    Promise.all([0, 1, 2].map(party => generateBoxKeyPair(seedOf(`run key ${attempt} ${party}`)))),
  ),
)

export const partyEntry = (index: PartyIndex, country: string): Party => ({
  index,
  operator: `operator-${index}`,
  country,
  parent: `parent-${index}`,
  parentCountry: country,
  provider: 'onprem',
  region: `${country.toLowerCase()}-1`,
  endpoint: `https://party-${index}.example`,
  signingKey: partyPeople[index].signingKey,
  sealingKey: partyPeople[index].sealingKey,
})

export const memberEntry = (
  name: 'acme-de' | 'acme-fr' | 'acme-hq' | 'acme-dpo',
  country: string,
  roles: Member['roles'],
): Member => ({
  name,
  country,
  signingKey: people[name].signingKey,
  sealingKey: people[name].sealingKey,
  roles,
})

export const federation: Federation = {
  kind: 'federation',
  name: 'acme-group',
  version: 1,
  parties: [partyEntry(0, 'DE'), partyEntry(1, 'FR'), partyEntry(2, 'NL')],
  members: [
    memberEntry('acme-de', 'DE', ['owner']),
    memberEntry('acme-fr', 'FR', ['owner']),
    memberEntry('acme-hq', 'NL', ['recipient']),
    memberEntry('acme-dpo', 'NL', ['dpo']),
  ],
  purposes: ['pay gap report', 'headcount planning'],
  policy: { minimumGroupSize: 5, approvalHoursMax: 72 },
  jurisdiction: { requiredPartyCountries: ['DE'], allowedPartyCountries: ['DE', 'FR', 'NL'] },
}

export const founders = [...partyPeople, people['acme-de'], people['acme-fr']]

export const signedBy = (document: TriasDocument, signers: readonly Signer[]): SignedDocument => {
  const [first, ...rest] = signers as [Signer, ...Signer[]]
  return rest.reduce((signed, signer) => coSignDocument(signed, signer), signDocument(document, first))
}

export const openedFederation = openFederation(signedBy(federation, founders))
export const keyOf = signingKeysOf(federation)

/** Signs and opens, as a party would see it. */
export const opened = <D extends TriasDocument>(
  document: D,
  ...signers: readonly Signer[]
): OpenedDocument<D['kind']> =>
  openDocument(signedBy(document, signers), keyOf) as unknown as OpenedDocument<D['kind']>

const NOW = '2026-11-24T08:00:00Z'
export const nowS = Date.parse(NOW) / 1000
const LATER = '2026-11-25T08:00:00Z'

export const datasetOf = (owner: 'acme-de' | 'acme-fr'): DatasetVersion => ({
  kind: 'dataset-version',
  federation: openedFederation.digest,
  owner,
  table: 'pay',
  schema: {
    table: 'pay',
    columns: [
      {
        name: 'salary',
        type: { kind: 'decimal', scale: 2, min: '0.00', max: '1000000.00' },
        nullable: false,
        visibility: 'secret',
        uses: ['aggregate'],
      },
    ],
  },
  version: `version-of-${owner}-1`,
  sequence: 1,
  rows: 120,
  pieces: [[digest(`${owner} 0`)], [digest(`${owner} 1`)], [digest(`${owner} 2`)]],
  shareDigests: [digest('s0'), digest('s1'), digest('s2')],
  createdAt: '2026-11-24T07:00:00Z',
})

export const datasets = [
  opened(datasetOf('acme-de'), people['acme-de']),
  opened(datasetOf('acme-fr'), people['acme-fr']),
] as const
export const versions: ReadonlyMap<string, DatasetVersion> = new Map(
  datasets.map(dataset => [dataset.digest, dataset.document]),
)

export const request: Request = {
  kind: 'request',
  federation: openedFederation.digest,
  analyst: 'acme-hq',
  sql: 'SELECT COUNT(*), AVG(salary) FROM pay',
  purpose: 'pay gap report',
  recipient: 'acme-hq',
  recipientSealingKey: people['acme-hq'].sealingKey,
  versions: datasets.map(dataset => dataset.digest),
  minimumGroupSize: 5,
  createdAt: NOW,
  expiresAt: LATER,
}
export const openedRequest = opened(request, people['acme-hq'])

export const offerOf = (party: PartyIndex, changes: Partial<Offer> = {}): Offer => ({
  kind: 'offer',
  request: openedRequest.digest,
  party,
  attempt: 1,
  planDigest: digest('plan'),
  disclosureDigest: digest('disclosure'),
  cost: { rounds: 12, bytesPerParty: [100, 100, 100] },
  runSealingKey: toBase64url(runKeys[(changes.attempt ?? 1) - 1]?.[party]?.publicKey as Uint8Array),
  speaks: { protocol: [1], frames: [1] },
  expiresAt: LATER,
  ...changes,
})
export const offersWith = (changes: Partial<Offer> = {}): OpenedDocument<'offer'>[] =>
  ([0, 1, 2] as const).map(party => opened(offerOf(party, changes), partyPeople[party]))

export const offers = checkOffersAgree(offersWith())
export const run = runId(openedRequest.digest, [offers[0].digest, offers[1].digest, offers[2].digest], 1)

export const grantBytes = (version: string, party: PartyIndex): Uint8Array =>
  seedOf(`grant ${version} ${party}`)

export const grantsOf = async (owner: string): Promise<Approval['grants']> =>
  sealGrants({
    request: openedRequest.digest,
    versions: datasets.filter(({ document }) => document.owner === owner).map(dataset => dataset.digest),
    offers: [offers[0].document, offers[1].document, offers[2].document],
    grantOf: grantBytes,
  })
const grants = { 'acme-de': await grantsOf('acme-de'), 'acme-fr': await grantsOf('acme-fr') }

export const approvalOf = (owner: 'acme-de' | 'acme-fr', changes: Partial<Approval> = {}): Approval => ({
  kind: 'approval',
  request: openedRequest.digest,
  offers: [offers[0].digest, offers[1].digest, offers[2].digest],
  planDigest: digest('plan'),
  disclosureDigest: digest('disclosure'),
  purpose: request.purpose,
  recipient: request.recipient,
  recipientSealingKey: request.recipientSealingKey,
  versions: request.versions,
  owner,
  grants: grants[owner],
  expiresAt: LATER,
  ...changes,
})
export const approvals = [
  opened(approvalOf('acme-de'), people['acme-de']),
  opened(approvalOf('acme-fr'), people['acme-fr']),
] as const

export const context: ApprovalContext = {
  federation: openedFederation,
  request: openedRequest,
  offers,
  versions,
  nowS,
}

export const readyOf = (party: PartyIndex, changes: Partial<DocumentOf<'ready'>> = {}) =>
  opened(
    {
      kind: 'ready',
      request: openedRequest.digest,
      run,
      party,
      approvals: approvals.map(approval => approval.digest).sort(),
      locations: [{ what: 'process and database', region: openedFederation.document.parties[party].region }],
      seed: approvals[0].document.grants[datasets[0].digest]?.[0] as string,
      ...changes,
    },
    partyPeople[party],
  )

export const doneOf = (party: PartyIndex, changes: Partial<DocumentOf<'done'>> = {}) =>
  opened(
    {
      kind: 'done',
      request: openedRequest.digest,
      run,
      party,
      rounds: 12,
      bytesSent: 100,
      transcript: digest(`transcript ${party}`),
      result: digest(`result ${party}`),
      ...changes,
    },
    partyPeople[party],
  )

/** The rule that a check names when it refuses. */
export const ruleOf = (check: () => unknown): string => {
  try {
    check()
  } catch (error) {
    if (error instanceof Refusal) return error.rule
    throw error
  }
  return 'nothing refused'
}
