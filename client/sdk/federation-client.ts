/**
 * The three parties together, as a member sees them: what it says it says to all three, and what it reads it reads from
 * all three. Every document is verified here, whoever passed it on; a party can hide one, but not for long when the two
 * others show it.
 */
import { toBase64url } from '../../shared/base/bytes.ts'
import type { Json } from '../../shared/base/canonical.ts'
import { InputError, Refusal } from '../../shared/base/errors.ts'
import { sha256 } from '../../shared/crypto/hash.ts'
import { type KeyOf, type Signer, signToken } from '../../shared/crypto/jws.ts'
import { checkDatasetVersion } from '../../shared/governance/check/dataset-version.ts'
import { verifyFederation, verifySuccessor } from '../../shared/governance/check/federation.ts'
import type { DatasetVersion } from '../../shared/governance/document/dataset-version.ts'
import type { DocumentKind, TriasDocument } from '../../shared/governance/document/document.ts'
import type { Member } from '../../shared/governance/document/federation.ts'
import { memberNamed, signingKeysOf } from '../../shared/governance/roles.ts'
import {
  digestOfDocument,
  type OpenedDocument,
  openDocumentOf,
  openFederation,
  type SignedDocument,
  signDocument,
} from '../../shared/governance/sign.ts'
import { PARTIES, type PartyIndex } from '../../shared/sharing/shared.ts'
import { createFront, type Front } from './http.ts'
import type { MemberKeys } from './keys.ts'

export interface Connection {
  readonly federation: OpenedDocument<'federation'>
  /** Manifests that were in force before, the latest first. */
  readonly earlier: readonly OpenedDocument<'federation'>[]
  readonly member: Member
  readonly keys: MemberKeys
  readonly signer: Signer
  readonly keyOf: KeyOf
  readonly fronts: readonly [Front, Front, Front]
  readonly nowMs: () => number
  /** Whole seconds since 1970. */
  readonly nowS: () => number
}

export interface ConnectOptions {
  readonly federation: SignedDocument
  /** Those that it follows, the first version first, when this member has been there so long. */
  readonly earlier?: readonly SignedDocument[]
  readonly keys: MemberKeys
  readonly fetch?: typeof fetch
  readonly nowMs?: () => number
  readonly timeoutMs?: number
  readonly tries?: number
}

/** How long a read token lives; parties take at most 60 s. */
const TOKEN_S = 45

/** Throws `Refusal` when the manifest does not hold, InputError when the keys belong to none of its members. */
export const connect = (options: ConnectOptions): Connection => {
  const { keys, nowMs = Date.now } = options
  const nowS = (): number => Math.floor(nowMs() / 1000)
  const earlier: OpenedDocument<'federation'>[] = []
  for (const signed of [...(options.earlier ?? []), options.federation]) {
    const [before] = earlier
    const opened = openFederation(signed, before && signingKeysOf(before.document))
    if (before === undefined) verifyFederation(opened)
    else verifySuccessor(before, opened)
    earlier.unshift(opened)
  }
  const federation = earlier.shift() as OpenedDocument<'federation'>
  const member = memberNamed(federation.document, keys.name)
  if (member === undefined || member.signingKey !== toBase64url(keys.signing.publicKey))
    throw new InputError(
      `${keys.name} is not a member of the federation ${federation.document.name} with this key`,
      {
        hint: 'Use the key file of the member, or ask for a manifest that lists its keys.',
      },
    )
  const front = (party: PartyIndex): Front => {
    const { endpoint, operator } = federation.document.parties[party]
    const token = (): string => {
      const iat = nowS()
      const claims = {
        sub: keys.kid,
        aud: `party-${party}`,
        iat,
        exp: iat + TOKEN_S,
        federation: federation.digest,
      }
      return signToken(claims, keys.signing.secretKey)
    }
    const { fetch, timeoutMs, tries } = options
    return createFront({
      endpoint,
      name: `party ${party} (${operator})`,
      token,
      ...(fetch === undefined ? {} : { fetch }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(tries === undefined ? {} : { tries }),
    })
  }
  const keysEver = [federation, ...earlier].map(({ document }) => signingKeysOf(document))
  return Object.freeze({
    federation,
    earlier,
    member,
    keys,
    signer: { kid: keys.kid, secretKey: keys.signing.secretKey },
    keyOf: (kid: string) => keysEver.map(keyOf => keyOf(kid)).find(key => key !== undefined),
    fronts: [front(0), front(1), front(2)] as const,
    nowMs,
    nowS,
  })
}

/** The same connection, looking at what was agreed under an earlier manifest. */
export const asUnder = (connection: Connection, manifest: string): Connection => {
  const all = [connection.federation, ...connection.earlier]
  const then = all.find(({ digest }) => digest === manifest)
  return then === undefined || then === connection.federation
    ? connection
    : { ...connection, federation: then, earlier: all.filter(one => one !== then) }
}

/** What each party says, or its error. */
export const askEach = <T>(
  connection: Connection,
  ask: (front: Front, party: PartyIndex) => Promise<T>,
): Promise<PromiseSettledResult<T>[]> =>
  Promise.allSettled(PARTIES.map(party => ask(connection.fronts[party], party)))

/** The same question to all three; the first error counts, after all have answered. */
export const askAll = async <T>(
  connection: Connection,
  ask: (front: Front, party: PartyIndex) => Promise<T>,
): Promise<[T, T, T]> => {
  const answers = await askEach(connection, ask)
  const failed = answers.find(answer => answer.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return answers.map(answer => (answer as PromiseFulfilledResult<T>).value) as [T, T, T]
}

/** Posts a signed document to all three parties. Posting again is harmless. */
export const postSigned = async (connection: Connection, signed: SignedDocument): Promise<void> => {
  await askAll(connection, front =>
    front.json({ method: 'POST', path: 'v1/documents', json: signed as unknown as Json }),
  )
}

/** Signs with the member's key and posts to all three; the digest by which others refer to it. */
export const post = async (connection: Connection, document: TriasDocument): Promise<string> => {
  await postSigned(connection, signDocument(document, connection.signer))
  return digestOfDocument(document)
}

const listIn = (answer: unknown, front: Front): readonly unknown[] => {
  const list = Array.isArray(answer) ? answer : (answer as { documents?: unknown } | undefined)?.documents
  if (answer === undefined) return []
  if (!Array.isArray(list))
    throw new InputError(`${front.name} sent something that is not a list of documents`)
  return list
}

export interface Found<K extends DocumentKind> extends OpenedDocument<K> {
  readonly signed: SignedDocument
  /** Parties that showed it. */
  readonly at: readonly PartyIndex[]
}

/** All documents of a kind that any party shows, each once, signatures verified here. */
export const findDocuments = async <K extends DocumentKind>(
  connection: Connection,
  kind: K,
  request?: string,
): Promise<readonly Found<K>[]> => {
  const lists = await askAll(connection, async front =>
    listIn(await front.json({ method: 'GET', path: 'v1/documents', query: { kind, request } }), front),
  )
  const found = new Map<string, Found<K>>()
  for (const party of PARTIES) {
    for (const signed of lists[party] as readonly SignedDocument[]) {
      const opened = openDocumentOf(kind, signed, connection.keyOf)
      const before = found.get(opened.digest)
      // One document with other signers, such as a log head with one more witness: the fuller one is kept.
      const fuller = before === undefined || before.signers.length < opened.signers.length
      const at = [...(before?.at ?? []), party]
      found.set(opened.digest, fuller ? { ...opened, signed, at } : { ...before, at })
    }
  }
  return [...found.values()]
}

/** What was shared under another manifest of the chain counts as long as its owner is there with the same key. */
const stillCounts = ({ federation, earlier }: Connection, version: Found<'dataset-version'>): boolean => {
  const { previous } = federation.document
  const chain = new Set([
    ...earlier.map(({ digest }) => digest),
    ...(previous === undefined ? [] : [previous]),
  ])
  try {
    checkDatasetVersion(version, federation, chain)
    return true
  } catch (error) {
    // Of a manifest that this member does not know, or of an owner that has left or has another key now.
    if (error instanceof Refusal && version.document.federation !== federation.digest) return false
    throw error
  }
}

/** Dataset versions that their owners signed, in order of creation. */
export const datasetVersions = async (
  connection: Connection,
): Promise<readonly Found<'dataset-version'>[]> => {
  const versions = await findDocuments(connection, 'dataset-version')
  const { federation } = connection
  const isOf = (one: Found<'dataset-version'>): boolean => one.document.federation === federation.digest
  for (const version of versions.filter(isOf)) checkDatasetVersion(version, federation)
  const usable = versions.filter(version => isOf(version) || stillCounts(connection, version))
  return usable.toSorted((a, b) => (a.document.createdAt < b.document.createdAt ? -1 : 1))
}

/** The newest version of each owner's table. */
export const newestVersions = async (
  connection: Connection,
  table: string,
): Promise<readonly Found<'dataset-version'>[]> => {
  const newest = new Map<string, Found<'dataset-version'>>()
  for (const version of await datasetVersions(connection)) {
    if (version.document.table !== table) continue
    const before = newest.get(version.document.owner)
    if (before === undefined || before.document.sequence < version.document.sequence)
      newest.set(version.document.owner, version)
  }
  return [...newest.values()].toSorted((a, b) => (a.document.owner < b.document.owner ? -1 : 1))
}

export const requests = async (connection: Connection): Promise<readonly Found<'request'>[]> =>
  (await findDocuments(connection, 'request')).toSorted((a, b) =>
    a.document.createdAt < b.document.createdAt ? -1 : 1,
  )

/** One of a list by its digest, the beginning of its digest, or the word `latest`. */
export const pick = <T extends { readonly digest: string }>(
  what: string,
  list: readonly T[],
  name: string,
): T => {
  if (name === 'latest') {
    const last = list.at(-1)
    if (last === undefined) throw new InputError(`there is no ${what} yet`)
    return last
  }
  const [found, second] = list.filter(({ digest }) => digest.startsWith(name))
  if (found === undefined)
    throw new InputError(`no ${what} has a digest that begins with ${name}`, {
      hint: `List them with \`trias ${what} list\`.`,
    })
  if (second !== undefined)
    throw new InputError(`several ${what}s have digests that begin with ${name}`, {
      hint: 'Give more characters.',
    })
  return found
}

/** The dataset versions that a request reads, by digest. Throws InputError when one is not to be had. */
export const versionsOfRequest = async (
  connection: Connection,
  request: OpenedDocument<'request'>,
): Promise<ReadonlyMap<string, DatasetVersion>> => {
  const known = new Map((await datasetVersions(connection)).map(({ digest, document }) => [digest, document]))
  return new Map(
    request.document.versions.map(digest => {
      const version = known.get(digest)
      if (version === undefined)
        throw new InputError(`no party shows the data version ${digest} of this request`)
      return [digest, version]
    }),
  )
}

/** SHA-256 as documents write it. */
export const digestOfBytes = (bytes: Uint8Array): string => toBase64url(sha256(bytes))
