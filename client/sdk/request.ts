/** Asking for a report: compiled here first, so that what cannot be computed is never asked. */
import { InputError } from '../../shared/base/errors.ts'
import { checkRequest } from '../../shared/governance/check/request.ts'
import type { Request } from '../../shared/governance/document/request.ts'
import { memberNamed } from '../../shared/governance/roles.ts'
import { digestOfDocument, type OpenedDocument } from '../../shared/governance/sign.ts'
import { type Compilation, compileFor, tablesIn } from './compile-request.ts'
import {
  type Connection,
  datasetVersions,
  type Found,
  newestVersions,
  pick,
  post,
} from './federation-client.ts'

export interface RequestInput {
  readonly sql: string
  readonly purpose: string
  /** Who will be able to read the result; the analyst itself by default. */
  readonly recipient?: string
  /** Digests (or their beginnings) of dataset versions; the newest of every owner of the table by default. */
  readonly versions?: readonly string[]
  /** The federation's policy by default. */
  readonly minimumGroupSize?: number
  /** What the report may spend of privacy budgets, such as `0.5`. */
  readonly epsilon?: string
  /** How long it may wait for approvals, in hours; 24 or the policy's maximum by default. */
  readonly hours?: number
}

export interface PreparedRequest {
  readonly document: Request
  readonly digest: string
  readonly compilation: Compilation
  readonly versions: readonly Found<'dataset-version'>[]
}

const chosenVersions = async (
  connection: Connection,
  input: RequestInput,
): Promise<readonly Found<'dataset-version'>[]> => {
  if (input.versions !== undefined) {
    const all = await datasetVersions(connection)
    return input.versions.map(name => pick('dataset', all, name))
  }
  return newestOf(connection, await tablesIn(input.sql))
}

/** The newest version of every owner of every table. Throws InputError for a table that nobody has shared. */
export const newestOf = async (
  connection: Connection,
  tables: readonly string[],
): Promise<readonly Found<'dataset-version'>[]> => {
  if (tables.length === 0)
    throw new InputError('the query names no table', { hint: 'Write SELECT … FROM table.' })
  const newest = await Promise.all(tables.map(table => newestVersions(connection, table)))
  const missing = tables.find((_, i) => newest[i]?.length === 0)
  if (missing !== undefined) {
    const shared = [...new Set((await datasetVersions(connection)).map(({ document }) => document.table))]
    throw new InputError(`no owner has shared a table ${missing}`, {
      hint:
        shared.length === 0 ? 'No owner has shared any data yet.' : `Shared so far: ${shared.join(', ')}.`,
    })
  }
  return newest.flat()
}

/** Everything but the signature. Throws InputError for SQL that cannot be computed, Refusal where a rule says no. */
export const prepareRequest = async (
  connection: Connection,
  input: RequestInput,
): Promise<PreparedRequest> => {
  const { federation, member } = connection
  const { policy, members } = federation.document
  const versions = await chosenVersions(connection, input)
  const recipientName = input.recipient ?? member.name
  const recipient = memberNamed(federation.document, recipientName)
  if (recipient === undefined)
    throw new InputError(`the federation has no member ${recipientName}`, {
      hint: `Members: ${members.map(({ name }) => name).join(', ')}.`,
    })
  const createdMs = connection.nowMs()
  const lifeMs = 3_600_000 * (input.hours ?? Math.min(24, policy.approvalHoursMax))
  const document: Request = {
    kind: 'request',
    federation: federation.digest,
    analyst: member.name,
    sql: input.sql,
    purpose: input.purpose,
    recipient: recipient.name,
    recipientSealingKey: recipient.sealingKey,
    versions: versions.map(({ digest }) => digest),
    minimumGroupSize: input.minimumGroupSize ?? policy.minimumGroupSize,
    ...(input.epsilon === undefined ? {} : { epsilon: input.epsilon }),
    createdAt: new Date(createdMs).toISOString(),
    expiresAt: new Date(createdMs + lifeMs).toISOString(),
  }
  const opened: OpenedDocument<'request'> = {
    kind: 'request',
    document,
    digest: digestOfDocument(document),
    signers: [connection.keys.kid],
  }
  const known = new Map(versions.map(version => [version.digest, version.document]))
  checkRequest(opened, { federation, versions: known, nowS: connection.nowS() })
  const compilation = await compileFor({
    sql: document.sql,
    versions: versions.map(version => version.document),
    minimumGroupSize: document.minimumGroupSize,
    epsilon: document.epsilon,
    federation: federation.document,
  })
  return { document, digest: opened.digest, compilation, versions }
}

/** Prepares, signs and sends a request to all three parties. */
export const createRequest = async (
  connection: Connection,
  input: RequestInput,
): Promise<PreparedRequest> => {
  const prepared = await prepareRequest(connection, input)
  await post(connection, prepared.document)
  return prepared
}
