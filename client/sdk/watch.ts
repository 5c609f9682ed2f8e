/** Following a request at the three parties until it ends. */
import { Abort, Refusal, Unavailable } from '../../shared/base/errors.ts'
import { ownersOf } from '../../shared/governance/check/approval.ts'
import type { OpenedDocument } from '../../shared/governance/sign.ts'
import { hasEnded, type RequestStatus } from '../../shared/party/status.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { askEach, type Connection, findDocuments, versionsOfRequest } from './federation-client.ts'

export interface Progress {
  /** By party; undefined where the request is not known. */
  readonly parties: readonly (RequestStatus | undefined)[]
  /** The least advanced state of the three, or the end that one of them reports. */
  readonly state: RequestStatus['state']
  /** The step of the plan that the slowest party is at. */
  readonly stage: string | undefined
  readonly round: number
  readonly roundsTotal: number
  /** Of all three parties together. */
  readonly bytes: number
  readonly bytesTotal: number
  /** Owners that have not approved yet; only while the request waits for them. */
  readonly waitingFor: readonly string[]
  /** Parties that their operators have paused. */
  readonly paused: readonly PartyIndex[]
}

const ORDER: readonly RequestStatus['state'][] = ['requested', 'offered', 'ready', 'running', 'done']

const stateOf = (parties: readonly (RequestStatus | undefined)[]): RequestStatus['state'] => {
  const bad = parties.find(hasEndedBadly)
  if (bad !== undefined) return bad.state
  const places = parties.map(status => (status === undefined ? 0 : ORDER.indexOf(status.state)))
  return ORDER[Math.min(...places)] as RequestStatus['state']
}

const waitingFor = async (
  connection: Connection,
  request: OpenedDocument<'request'>,
): Promise<readonly string[]> => {
  const versions = await versionsOfRequest(connection, request)
  const approvals = await findDocuments(connection, 'approval', request.digest)
  const said = new Set(approvals.map(({ document }) => document.owner))
  return ownersOf({ request, versions }).filter(owner => !said.has(owner))
}

const hasEndedBadly = (status: RequestStatus | undefined): boolean =>
  status !== undefined && hasEnded(status.state) && status.state !== 'done'

/**
 * Where the request stands at each party; undefined where it is not known. A party that does not answer is an error,
 * unless another one says that the request has ended without a result: then that is the news.
 */
const statuses = async (
  connection: Connection,
  request: string,
): Promise<readonly (RequestStatus | undefined)[]> => {
  const answers = await askEach(
    connection,
    async front =>
      (await front.json({ method: 'GET', path: `v1/requests/${request}` })) as RequestStatus | undefined,
  )
  const known = answers.map(answer => (answer.status === 'fulfilled' ? answer.value : undefined))
  const failed = answers.find(answer => answer.status === 'rejected')
  if (failed !== undefined && !known.some(hasEndedBadly)) throw failed.reason
  return known
}

export const progressOf = async (
  connection: Connection,
  request: OpenedDocument<'request'>,
): Promise<Progress> => {
  const parties = await statuses(connection, request.digest)
  const known = parties.filter(status => status !== undefined)
  const slowest = known.toSorted((a, b) => a.round - b.round)[0]
  const state = stateOf(parties)
  return {
    parties,
    state,
    stage: slowest?.stage,
    round: slowest?.round ?? 0,
    roundsTotal: Math.max(0, ...known.map(({ roundsTotal }) => roundsTotal)),
    bytes: known.reduce((sum, { bytes }) => sum + bytes, 0),
    bytesTotal: known.reduce((sum, { bytesTotal }) => sum + bytesTotal, 0),
    paused: known.filter(({ isPaused }) => isPaused).map(({ party }) => party),
    waitingFor: state === 'offered' ? await waitingFor(connection, request) : [],
  }
}

export interface WatchOptions {
  readonly pollMs?: number
  /** Throws Unavailable when the request has not ended by then. */
  readonly timeoutMs?: number
  readonly onProgress?: (progress: Progress) => void
}

/** The last progress, when the request has ended at all three parties, or badly at one of them. */
export const watch = async (
  connection: Connection,
  request: OpenedDocument<'request'>,
  options: WatchOptions = {},
): Promise<Progress> => {
  const { pollMs = 250, timeoutMs = Number.POSITIVE_INFINITY, onProgress } = options
  const endMs = Date.now() + timeoutMs
  for (;;) {
    const progress = await progressOf(connection, request)
    onProgress?.(progress)
    if (hasEnded(progress.state)) return progress
    if (Date.now() >= endMs)
      throw new Unavailable(`the request is still ${progress.state} after ${Math.round(timeoutMs / 1000)} s`)
    await new Promise(done => setTimeout(done, pollMs))
  }
}

/** Throws what ended the request, unless it was done: Refusal, Abort, or Refusal('request-expired'). */
export const requireDone = (progress: Progress): void => {
  const bad = progress.parties.find(hasEndedBadly)
  if (bad === undefined) return
  const { reason } = bad
  const by = reason?.by === undefined ? '' : ` by ${reason.by}`
  const text = reason === undefined ? bad.state : `${bad.state}${by}: ${reason.detail}`
  const hint = reason?.hint === undefined ? {} : { hint: reason.hint }
  if (bad.state === 'aborted')
    throw new Abort(reason?.check ?? reason?.rule ?? 'aborted', `the run was ${text}`, {
      ...(reason?.where === undefined ? {} : { where: reason.where }),
    })
  throw new Refusal(reason?.rule ?? `request-${bad.state}`, `the request was ${text}`, hint)
}
