/** A small federation around three running parties: owners, a recipient, a DPO, and everything they sign. */

import { randomBytes } from 'node:crypto'
import type { ThreeParties } from '../../functions/local/three-parties.ts'
import { loadKernel } from '../../functions/party/load-kernel.ts'
import { fromBase64url, toBase64url } from '../../shared/base/bytes.ts'
import { type Signer, signToken } from '../../shared/crypto/jws.ts'
import { keyId } from '../../shared/crypto/key-id.ts'
import { type BoxKeyPair, generateBoxKeyPair } from '../../shared/crypto/sealed-box.ts'
import { signingKeyPair } from '../../shared/crypto/signature.ts'
import { dealBatch } from '../../shared/data/deal.ts'
import { grantFor, lockBatch } from '../../shared/data/owner-lock.ts'
import type { TableSchema } from '../../shared/data/schema.ts'
import { encodeValue, type RawValue } from '../../shared/data/value.ts'
import { decodeInteger } from '../../shared/field/field.ts'
import { checkOffersAgree, type ThreeOffers } from '../../shared/governance/check/offer.ts'
import type { Approval } from '../../shared/governance/document/approval.ts'
import type { DatasetVersion } from '../../shared/governance/document/dataset-version.ts'
import type { DocumentKind, TriasDocument } from '../../shared/governance/document/document.ts'
import type { Federation, Member, Party } from '../../shared/governance/document/federation.ts'
import type { Request as ReportRequest } from '../../shared/governance/document/request.ts'
import { sealGrants } from '../../shared/governance/grants.ts'
import { signingKeysOf } from '../../shared/governance/roles.ts'
import {
  coSignDocument,
  digestOfDocument,
  type OpenedDocument,
  openDocumentOf,
  type SignedDocument,
  signDocument,
  signedText,
} from '../../shared/governance/sign.ts'
import { compileRequest } from '../../shared/party/compile-request.ts'
import { openResult } from '../../shared/party/result.ts'
import type { RequestStatus } from '../../shared/party/status.ts'
import { nativeKeystream } from '../../shared/prss/native-keystream.ts'
import { reconstructField } from '../../shared/sharing/reconstruct.ts'
import { PARTIES, type PartyIndex, type SharedField } from '../../shared/sharing/shared.ts'
import { finish, type Report } from '../../shared/sql/finish.ts'
import { revealedBy } from '../../shared/sql/plan.ts'
import { nativeFrameCrypto } from '../../shared/wire/native-frame-crypto.ts'

export interface Person extends Signer {
  readonly name: string
  readonly signingKey: string
  readonly sealingKey: string
  readonly box: BoxKeyPair
}

export const person = async (name: string): Promise<Person> => {
  const pair = signingKeyPair(new Uint8Array(randomBytes(32)))
  const box = await generateBoxKeyPair(new Uint8Array(randomBytes(32)))
  return {
    name,
    kid: keyId(pair.publicKey),
    secretKey: pair.secretKey,
    signingKey: toBase64url(pair.publicKey),
    sealingKey: toBase64url(box.publicKey),
    box,
  }
}

/** Where the parties are and how they sign: in this process or in others. */
export interface RunningParty {
  readonly endpoint: string
  readonly signingKey: string
  readonly sealingKey: string
  readonly signingSeed: Uint8Array
}

export const SCHEMA: TableSchema = {
  table: 'pay',
  columns: [
    {
      name: 'grade',
      type: { kind: 'category', values: ['junior', 'senior'] },
      nullable: false,
      visibility: 'secret',
      uses: ['filter', 'group'],
    },
    {
      name: 'salary',
      type: { kind: 'integer', min: 0, max: 100_000 },
      nullable: false,
      visibility: 'secret',
      uses: ['filter', 'aggregate'],
    },
  ],
}
const SQL = 'SELECT grade, COUNT(*), SUM(salary) FROM pay GROUP BY grade'

export type Row = readonly [grade: string, salary: number]

/** What one owner has, where it does not matter what. */
export const FOUR_ROWS: readonly Row[] = [
  ['junior', 30_000],
  ['senior', 70_000],
  ['junior', 31_000],
  ['senior', 2],
]

interface Pushed {
  readonly digest: string
  readonly document: DatasetVersion
  readonly secret: Uint8Array
}

export interface Cast {
  readonly federation: Federation
  readonly digest: string
  readonly signed: SignedDocument
  readonly owners: readonly [Person, Person]
  readonly recipient: Person
  readonly dpo: Person
  post(to: PartyIndex, body: unknown, headers?: Record<string, string>): Promise<Response>
  /** Posts to all three; throws when one does not take it. */
  say(document: TriasDocument, by: Signer): Promise<string>
  get(party: PartyIndex, path: string, by: Signer): Promise<Response>
  documents<K extends DocumentKind>(
    party: PartyIndex,
    kind: K,
    request?: string,
  ): Promise<readonly OpenedDocument<K>[]>
  push(
    owner: Person,
    rows: readonly (readonly RawValue[])[],
    change?: (pieces: Uint8Array[], party: PartyIndex) => void,
    schema?: TableSchema,
  ): Promise<Pushed>
  ask(versions: readonly Pushed[], changes?: Partial<ReportRequest>): Promise<string>
  /** Waits for the three offers. */
  offers(request: string): Promise<ThreeOffers>
  approval(request: string, owner: Person, versions: readonly Pushed[]): Promise<Approval>
  status(party: PartyIndex, request: string): Promise<RequestStatus>
  /** Waits until the request has ended at this party. */
  ended(party: PartyIndex, request: string): Promise<RequestStatus>
  /** What the recipient sees; `change` is a party that lies to it. */
  report(request: string, change?: (shares: readonly SharedField[]) => void): Promise<Report>
}

export const waitFor = async <T>(
  what: string,
  look: () => Promise<T | undefined>,
  limitMs = 20_000,
): Promise<T> => {
  for (const startMs = Date.now(); Date.now() - startMs < limitMs; ) {
    const seen = await look()
    if (seen !== undefined) return seen
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`waited ${limitMs} ms for ${what}`)
}

export const createCast = async (
  parties: readonly [RunningParty, RunningParty, RunningParty],
  send: typeof fetch,
  policy: Partial<Federation['policy']> = {},
): Promise<Cast> => {
  const [north, south, analyst, dpo] = await Promise.all(['north', 'south', 'analyst', 'dpo'].map(person))
  const people = [north!, south!, analyst!, dpo!] as const
  const roles: readonly Member['roles'][] = [['owner'], ['owner'], ['recipient'], ['dpo']]
  const federation: Federation = {
    kind: 'federation',
    name: 'test federation',
    version: 1,
    parties: PARTIES.map(
      (index): Party => ({
        index,
        operator: `operator ${index}`,
        country: 'DE',
        parent: `parent ${index}`,
        parentCountry: 'DE',
        provider: 'onprem',
        region: 'this machine',
        endpoint: parties[index].endpoint,
        signingKey: parties[index].signingKey,
        sealingKey: parties[index].sealingKey,
      }),
    ) as unknown as [Party, Party, Party],
    members: people.map(({ name, signingKey, sealingKey }, i) => ({
      name,
      country: 'DE',
      signingKey,
      sealingKey,
      roles: [...roles[i]!],
    })),
    purposes: ['pay report'],
    policy: { minimumGroupSize: 2, approvalHoursMax: 24, ...policy },
    jurisdiction: {},
  }
  const partySigners = parties.map(({ signingKey, signingSeed }) => ({
    kid: keyId(fromBase64url(signingKey)),
    secretKey: signingSeed,
  }))
  const signed = [...partySigners, north!, south!]
    .slice(1)
    .reduce(
      (document, signer) => coSignDocument(document, signer),
      signDocument(federation, partySigners[0]!),
    )
  const digest = digestOfDocument(federation)
  const keyOf = signingKeysOf(federation)
  const { recipient: reader } = { recipient: analyst! }

  const post: Cast['post'] = (to, body, headers = {}) =>
    send(`${parties[to].endpoint}/v1/documents`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const sayAll = async (text: string): Promise<void> => {
    for (const party of PARTIES) {
      const response = await post(party, text)
      if (!response.ok) throw new Error(`party ${party}: ${response.status} ${await response.text()}`)
    }
  }
  const say: Cast['say'] = async (document, by) => {
    await sayAll(signedText(signDocument(document, by)))
    return digestOfDocument(document)
  }
  const get: Cast['get'] = (party, path, by) => {
    const nowS = Math.floor(Date.now() / 1000)
    const claims = { sub: by.kid, aud: `party-${party}`, iat: nowS, exp: nowS + 30, federation: digest }
    return send(`${parties[party].endpoint}${path}`, {
      headers: { authorization: `Bearer ${signToken(claims, by.secretKey)}` },
    })
  }
  const documents: Cast['documents'] = async (party, kind, request) => {
    const query = request === undefined ? '' : `&request=${request}`
    const response = await get(party, `/v1/documents?kind=${kind}${query}`, reader)
    const body = (await response.json()) as { documents: unknown[] }
    return body.documents.map(document => openDocumentOf(kind, document, keyOf))
  }

  const push: Cast['push'] = async (owner, rows, change = () => {}, schema = SCHEMA) => {
    const seed = () => new Uint8Array(randomBytes(32))
    const columns = schema.columns.map((column, c) => rows.map(row => encodeValue(column.type, row[c]!)))
    const batch = dealBatch(loadKernel(), nativeKeystream, schema, columns, [seed(), seed()])
    const secret = seed()
    const version = toBase64url(new Uint8Array(randomBytes(16)))
    const locked = lockBatch(nativeFrameCrypto, secret, version, batch)
    const pieces = PARTIES.map(party => locked.pieces[party].map(piece => piece.slice()))
    for (const party of PARTIES) change(pieces[party]!, party)
    const digestsOf = (party: PartyIndex) =>
      pieces[party]!.map(piece => toBase64url(nativeFrameCrypto.sha256([piece])))
    const document: DatasetVersion = {
      kind: 'dataset-version',
      federation: digest,
      owner: owner.name,
      table: schema.table,
      schema,
      version,
      sequence: 1,
      rows: batch.rows,
      pieces: [digestsOf(0), digestsOf(1), digestsOf(2)],
      shareDigests: [...locked.shareDigests] as [string, string, string],
      createdAt: new Date().toISOString(),
    } as DatasetVersion
    const documentDigest = await say(document, owner)
    for (const party of PARTIES)
      for (const [i, piece] of pieces[party]!.entries()) {
        const response = await send(`${parties[party].endpoint}/v1/chunks/${documentDigest}/${i}`, {
          method: 'PUT',
          headers: { 'content-type': 'application/octet-stream' },
          body: piece as Uint8Array<ArrayBuffer>,
        })
        if (!response.ok) throw new Error(`piece ${i} at party ${party}: ${response.status}`)
      }
    return { digest: documentDigest, document, secret }
  }

  const ask: Cast['ask'] = (versions, changes = {}) =>
    say(
      {
        kind: 'request',
        federation: digest,
        analyst: reader.name,
        sql: SQL,
        purpose: 'pay report',
        recipient: reader.name,
        recipientSealingKey: reader.sealingKey,
        versions: versions.map(version => version.digest),
        minimumGroupSize: 2,
        createdAt: new Date().toISOString(),
        expiresAt: new Date(Date.now() + 3600_000).toISOString(),
        ...changes,
      },
      reader,
    )

  const offers: Cast['offers'] = request =>
    waitFor('three offers at each party', async () => {
      const found = await Promise.all(PARTIES.map(party => documents(party, 'offer', request)))
      return found.every(list => list.length === 3) ? checkOffersAgree(found[0]!) : undefined
    })

  const requestOf = async (digest: string): Promise<OpenedDocument<'request'>> =>
    (await documents(0, 'request', digest))[0]!

  const approval: Cast['approval'] = async (request, owner, versions) => {
    const three = await offers(request)
    const { document } = await requestOf(request)
    const own = versions.filter(version => version.document.owner === owner.name)
    const grants = await sealGrants({
      request,
      versions: own.map(version => version.digest),
      offers: [three[0].document, three[1].document, three[2].document],
      grantOf: (digest, party) => {
        const version = own.find(one => one.digest === digest)!
        return grantFor(version.secret, version.document.version, party)
      },
    })
    return {
      kind: 'approval',
      request,
      offers: [three[0].digest, three[1].digest, three[2].digest],
      planDigest: three[0].document.planDigest,
      disclosureDigest: three[0].document.disclosureDigest,
      purpose: document.purpose,
      recipient: document.recipient,
      recipientSealingKey: document.recipientSealingKey,
      versions: document.versions,
      owner: owner.name,
      grants,
      expiresAt: document.expiresAt,
    }
  }

  const status: Cast['status'] = async (party, request) =>
    (await (await get(party, `/v1/requests/${request}`, reader)).json()) as RequestStatus

  const ended: Cast['ended'] = (party, request) =>
    waitFor(`the end of the request at party ${party}`, async () => {
      const seen = await status(party, request)
      return ['done', 'aborted', 'refused', 'expired'].includes(seen.state) ? seen : undefined
    })

  const report: Cast['report'] = async (request, change = () => {}) => {
    const { document } = await requestOf(request)
    const known = new Map((await documents(0, 'dataset-version')).map(one => [one.digest, one.document]))
    const { query } = await compileRequest(document, known, federation)
    const run = (await status(0, request)).run!
    const vectors = revealedBy(query.plan)
    const length = vectors.length * query.plan.cells
    const shares = await Promise.all(
      PARTIES.map(async party => {
        const response = await get(party, `/v1/requests/${request}/result`, reader)
        if (!response.ok) throw new Error(`result of party ${party}: ${response.status}`)
        const sealed = new Uint8Array(await response.arrayBuffer())
        return openResult(reader.box.secretKey, { request, run, party }, sealed, length)
      }),
    )
    change(shares)
    const field = reconstructField(loadKernel(), [shares[0]!, shares[1]!, shares[2]!])
    return finish(query, Array.from(field.words, decodeInteger))
  }

  return {
    federation,
    digest,
    signed,
    owners: [north!, south!],
    recipient: reader,
    dpo: dpo!,
    post,
    say,
    get,
    documents,
    push,
    ask,
    offers,
    approval,
    status,
    ended,
    report,
  }
}

/** The cast of a federation whose parties run in this process. */
export const castOf = (
  { parties, fetch }: ThreeParties,
  policy: Partial<Federation['policy']> = {},
): Promise<Cast> => {
  const [a, b, c] = parties.map(({ secrets, ...party }) => ({ ...party, signingSeed: secrets.signingSeed }))
  return createCast([a!, b!, c!], fetch, policy)
}

/** Posts the manifest to all three, as an operator's `trias federation` command does. */
export const found = async (cast: Cast): Promise<void> => {
  for (const party of PARTIES) {
    const response = await cast.post(party, signedText(cast.signed))
    if (!response.ok) throw new Error(`party ${party}: ${response.status} ${await response.text()}`)
  }
}
