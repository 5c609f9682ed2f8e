/** The demo's federation: keys and a state directory for every member, one manifest, seven signatures, three parties bound. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { toBase64url } from '../../shared/base/bytes.ts'
import type { Federation } from '../../shared/governance/document/federation.ts'
import { coSignDocument, type SignedDocument, signDocument } from '../../shared/governance/sign.ts'
import { type Connection, type ConnectOptions, connect, postSigned } from '../sdk/federation-client.ts'
import { createKeys, type MemberKeys } from '../sdk/keys.ts'
import { createHome, writePublic } from '../sdk/node/home.ts'
import { type CastMember, OPERATORS, OWNERS, RECIPIENT } from './cast.ts'
import type { RunningParty } from './parties.ts'
import { PLACES } from './place.ts'

export const PURPOSES = { pay: 'pay equity monitoring', safety: 'aviation safety' } as const

export interface Player {
  readonly name: string
  readonly country: string
  readonly home: string
  readonly connection: Connection
}

export interface DemoFederation {
  readonly digest: string
  readonly owners: readonly Player[]
  readonly recipient: Player
}

interface FoundingOptions extends Pick<ConnectOptions, 'fetch' | 'tries'> {
  readonly policy?: Partial<Federation['policy']>
}

/** What the manifest needs to know of a party. */
export type FoundingParty = Pick<RunningParty, 'url' | 'keys' | 'signer'> &
  Partial<Pick<RunningParty, 'place'>>

const manifestOf = (
  parties: readonly FoundingParty[],
  members: readonly { readonly cast: CastMember; readonly keys: MemberKeys }[],
  policy: Partial<Federation['policy']>,
): Federation => {
  const [a, b, c] = OPERATORS.map(operator => {
    const { url, keys, place = 'onprem' } = parties[operator.index] as FoundingParty
    const { provider, region } = PLACES[place]
    return { ...operator, provider, region, endpoint: url, ...keys }
  })
  return {
    kind: 'federation',
    name: 'Trias demo',
    version: 1,
    parties: [a, b, c] as Federation['parties'],
    members: members.map(({ cast, keys }) => ({
      name: cast.name,
      country: cast.country,
      signingKey: toBase64url(keys.signing.publicKey),
      sealingKey: toBase64url(keys.sealing.publicKey),
      roles: [...cast.roles],
    })),
    purposes: Object.values(PURPOSES),
    policy: { minimumGroupSize: 5, approvalHoursMax: 168, ...policy },
    jurisdiction: { requiredPartyCountries: ['DE'] },
  }
}

export const foundFederation = async (
  parties: readonly FoundingParty[],
  folder: string,
  { policy = {}, ...connecting }: FoundingOptions = {},
): Promise<DemoFederation> => {
  const members = await Promise.all(
    [...OWNERS, RECIPIENT].map(async cast => ({ cast, keys: await createKeys(cast.name) })),
  )
  const owners = members.slice(0, OWNERS.length)
  const [first, ...others] = [
    ...parties.map(({ signer }) => signer),
    ...owners.map(({ keys }) => ({ kid: keys.kid, secretKey: keys.signing.secretKey })),
  ]
  let signed: SignedDocument = signDocument(
    manifestOf(parties, members, policy),
    first as FoundingParty['signer'],
  )
  for (const signer of others) signed = coSignDocument(signed, signer)

  const players: Player[] = []
  for (const { cast, keys } of members) {
    const home = join(folder, cast.name)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await createHome(home, keys)
    await writePublic(join(home, 'federation.json'), `${JSON.stringify(signed)}\n`)
    players.push({ ...cast, home, connection: connect({ federation: signed, keys, ...connecting }) })
  }
  const recipient = players.at(-1) as Player
  await postSigned(recipient.connection, signed)
  return {
    digest: recipient.connection.federation.digest,
    owners: players.slice(0, -1),
    recipient,
  }
}
