/** Members of a small federation around three parties in this process, acting through the SDK as people would. */

import { approve, review } from '../../client/sdk/approve.ts'
import { type Connection, connect, pick, postSigned, requests } from '../../client/sdk/federation-client.ts'
import { createKeys, type MemberKeys } from '../../client/sdk/keys.ts'
import { type Pushed, push } from '../../client/sdk/push.ts'
import { createRequest, type RequestInput } from '../../client/sdk/request.ts'
import { requireDone, watch } from '../../client/sdk/watch.ts'
import { startThreeParties, type ThreeParties } from '../../functions/local/three-parties.ts'
import { toBase64url } from '../../shared/base/bytes.ts'
import { keyId } from '../../shared/crypto/key-id.ts'
import { signingKeyPair } from '../../shared/crypto/signature.ts'
import { checkRows } from '../../shared/data/check-rows.ts'
import { type TableSchema, tableSchema } from '../../shared/data/schema.ts'
import type { Federation, Role } from '../../shared/governance/document/federation.ts'
import { coSignDocument, type SignedDocument, signDocument } from '../../shared/governance/sign.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'

export const SCHEMA: TableSchema = tableSchema.parse({
  table: 'pay',
  columns: [
    {
      name: 'country',
      type: { kind: 'category', values: ['DE', 'FR'] },
      nullable: false,
      visibility: 'secret',
      uses: ['filter', 'group'],
    },
    {
      name: 'amount',
      type: { kind: 'decimal', scale: 2, min: '0.00', max: '1000.00' },
      nullable: true,
      visibility: 'secret',
      uses: ['filter', 'aggregate'],
    },
  ],
})

export const PURPOSE = 'pay equity'

export interface Player {
  readonly name: string
  readonly keys: MemberKeys
  readonly connection: Connection
  readonly locks: Map<string, Uint8Array>
}

export const partySigner = ({ secrets }: ThreeParties['parties'][number]) => ({
  kid: keyId(signingKeyPair(secrets.signingSeed).publicKey),
  secretKey: secrets.signingSeed,
})

export interface Stage {
  readonly three: ThreeParties
  readonly manifest: SignedDocument
  readonly ann: Player
  readonly bob: Player
  readonly rita: Player
  /** The same member, on a network that does as `fetch` says. */
  readonly over: (player: Player, fetch: typeof globalThis.fetch) => Player
}

const MEMBERS: readonly { name: string; country: string; roles: Role[] }[] = [
  { name: 'ann', country: 'DE', roles: ['owner'] },
  { name: 'bob', country: 'FR', roles: ['owner'] },
  { name: 'rita', country: 'NL', roles: ['recipient'] },
]

export const setStage = async (): Promise<Stage> => {
  const three = await startThreeParties()
  const keys = await Promise.all(MEMBERS.map(({ name }) => createKeys(name)))
  const federation: Federation = {
    kind: 'federation',
    name: 'test',
    version: 1,
    parties: three.parties.map(({ index, endpoint, signingKey, sealingKey }) => ({
      index,
      operator: `operator ${index}`,
      country: 'DE',
      parent: `parent ${index}`,
      parentCountry: 'DE',
      provider: 'local',
      region: 'this machine',
      endpoint,
      signingKey,
      sealingKey,
    })) as unknown as Federation['parties'],
    members: MEMBERS.map((member, i) => ({
      ...member,
      signingKey: toBase64url((keys[i] as MemberKeys).signing.publicKey),
      sealingKey: toBase64url((keys[i] as MemberKeys).sealing.publicKey),
    })),
    purposes: [PURPOSE],
    policy: { minimumGroupSize: 2, approvalHoursMax: 48 },
    jurisdiction: {},
  }
  const signers = [
    ...three.parties.map(partySigner),
    ...keys.map(({ kid, signing }) => ({ kid, secretKey: signing.secretKey })),
  ]
  let manifest = signDocument(federation, signers[0] as (typeof signers)[number])
  for (const signer of signers.slice(1)) manifest = coSignDocument(manifest, signer)
  const player = (member: MemberKeys, fetch: typeof globalThis.fetch): Player => ({
    name: member.name,
    keys: member,
    connection: connect({ federation: manifest, keys: member, fetch, tries: 1 }),
    locks: new Map(),
  })
  const [ann, bob, rita] = keys.map(member => player(member, three.fetch)) as [Player, Player, Player]
  await postSigned(rita.connection, manifest)
  return {
    three,
    manifest,
    ann,
    bob,
    rita,
    over: (one, fetch) => ({ ...player(one.keys, fetch), locks: one.locks }),
  }
}

export const pushRows = async (
  owner: Player,
  rows: readonly (readonly [string, string | null])[],
): Promise<Pushed> => {
  const checked = checkRows(SCHEMA, {
    names: ['country', 'amount'],
    columns: [rows.map(([country]) => country), rows.map(([, amount]) => amount)],
  })
  if (!checked.ok) throw new Error('the test gave rows that break the schema')
  return push(owner.connection, {
    schema: SCHEMA,
    columns: checked.columns,
    keepLock: async ({ dataset, secret }) => void owner.locks.set(dataset, secret),
  })
}

export const say = async (owner: Player, request: string) =>
  approve(owner.connection, await review(owner.connection, request), async dataset => {
    const lock = owner.locks.get(dataset)
    if (lock === undefined) throw new Error('no lock')
    return lock
  })

/** Asks, has both owners approve, and waits for the end. */
export const runToEnd = async ({ ann, bob, rita }: Stage, input: Partial<RequestInput> & { sql: string }) => {
  const { digest } = await createRequest(rita.connection, { purpose: PURPOSE, ...input })
  await say(ann, digest)
  await say(bob, digest)
  const request = pick('request', await requests(rita.connection), digest)
  requireDone(await watch(rita.connection, request, { pollMs: 20, timeoutMs: 15_000 }))
  return request
}

/** A network on which some answers are replaced. */
export const intercept =
  (
    network: typeof globalThis.fetch,
    change: (url: URL, response: Response, party: PartyIndex) => Promise<Response | undefined>,
  ): typeof globalThis.fetch =>
  async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const party = Number(/party-(\d)/.exec(url.host)?.[1]) as PartyIndex
    const response = await network(input, init)
    return (await change(url, response.clone(), party)) ?? response
  }
