/**
 * The recipient's end of the door: three sealed boxes, one from each party. Each is compared with the digest that its
 * party signed, opened with the recipient's key, and every share is compared with its copy at the other holder before
 * anything is reconstructed. What does not match is never shown.
 */

import { Abort, InputError } from '../../shared/base/errors.ts'
import { decodeInteger } from '../../shared/field/field.ts'
import { checkDone } from '../../shared/governance/check/run.ts'
import type { DatasetVersion } from '../../shared/governance/document/dataset-version.ts'
import type { Done } from '../../shared/governance/document/done.ts'
import { runId } from '../../shared/governance/run.ts'
import type { OpenedDocument } from '../../shared/governance/sign.ts'
import { referenceKernel } from '../../shared/kernel/reference.ts'
import { openResult } from '../../shared/party/result.ts'
import { reconstructField, type ThreeShares } from '../../shared/sharing/reconstruct.ts'
import { PARTIES, type PartyIndex, type SharedField } from '../../shared/sharing/shared.ts'
import { finish, type Report } from '../../shared/sql/finish.ts'
import { revealedBy } from '../../shared/sql/plan.ts'
import { agreedOffers, requireOwnCompilation } from './approve.ts'
import { type Compilation, compileFor } from './compile-request.ts'
import {
  askAll,
  asUnder,
  type Connection,
  digestOfBytes,
  findDocuments,
  versionsOfRequest,
} from './federation-client.ts'
import { VerificationFailed } from './verification-failed.ts'
import { progressOf, requireDone } from './watch.ts'

export interface Result {
  readonly report: Report
  readonly compilation: Compilation
  /** What each party signed about the run: rounds, bytes, transcript. */
  readonly dones: readonly [Done, Done, Done]
  readonly run: string
}

/** Numbers that leave the computation: every revealed vector over every cell. */
const lengthOf = ({ query: { plan } }: Compilation): number => revealedBy(plan).length * plan.cells

/** Aborts of this client's own checks are failed verifications, not the parties' decision. */
const verified = async <T>(work: () => Promise<T> | T): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Abort)) throw error
    throw new VerificationFailed(error.check, `the result does not hold: ${error.message}`, {
      hint: 'Nothing was reconstructed. Ask for the run to be repeated, and keep the logs of the parties.',
      cause: error,
    })
  }
}

const donesOf = async (
  connection: Connection,
  request: OpenedDocument<'request'>,
  run: string,
): Promise<readonly [Done, Done, Done]> => {
  const all = await findDocuments(connection, 'done', request.digest)
  const dones = PARTIES.map(party => {
    const own = all.filter(({ document }) => document.party === party && document.run === run)
    const [done, second] = own
    if (done === undefined) throw new InputError(`party ${party} has not said that the run is done`)
    if (second !== undefined)
      throw new VerificationFailed('done-repeated', `party ${party} signed two different ends of one run`)
    checkDone(done, { federation: connection.federation, request, run })
    return done.document
  })
  return dones as unknown as readonly [Done, Done, Done]
}

const sharesOf = (
  connection: Connection,
  request: string,
  run: string,
  dones: readonly [Done, Done, Done],
  length: number,
): Promise<ThreeShares<SharedField>> =>
  verified(() =>
    askAll(connection, async (front, party: PartyIndex) => {
      const sealed = await front.bytes({ method: 'GET', path: `v1/requests/${request}/result` })
      if (sealed === undefined) throw new InputError(`${front.name} has no result of this request`)
      if (digestOfBytes(sealed) !== dones[party].result)
        throw new Abort('result-digest', `${front.name} sent another box than the one it signed`)
      return openResult(connection.keys.sealing.secretKey, { request, run, party }, sealed, length)
    }),
  )

/** Throws what ended the request when it was not done, VerificationFailed when something received does not hold. */
export const fetchResult = async (
  member: Connection,
  request: OpenedDocument<'request'>,
): Promise<Result> => {
  // A run of the past was agreed on by the keys and rules of then.
  const connection = asUnder(member, request.document.federation)
  if (request.document.recipient !== connection.member.name)
    throw new InputError(`only ${request.document.recipient} can open this result`, {
      hint: 'The result is sealed to the key of the recipient that the request names.',
    })
  const progress = await progressOf(connection, request)
  requireDone(progress)
  if (progress.state !== 'done')
    throw new InputError(`there is no result yet: the request is ${progress.state}`, {
      hint: 'Follow it with `trias run --watch`.',
    })
  const versions = await versionsOfRequest(connection, request)
  const compilation = await compileFor({
    sql: request.document.sql,
    versions: request.document.versions.map(digest => versions.get(digest) as DatasetVersion),
    minimumGroupSize: request.document.minimumGroupSize,
    epsilon: request.document.epsilon,
    federation: connection.federation.document,
  })
  // The run is over: offers that have expired since then still say which run it was.
  const offers = await agreedOffers(connection, request, Number.NEGATIVE_INFINITY)
  requireOwnCompilation(offers, compilation)
  const digests = [offers[0].digest, offers[1].digest, offers[2].digest] as const
  const run = runId(request.digest, digests, offers[0].document.attempt)
  const dones = await donesOf(connection, request, run)
  const shares = await sharesOf(connection, request.digest, run, dones, lengthOf(compilation))
  const values = await verified(() => reconstructField(referenceKernel, shares))
  const report = finish(compilation.query, Array.from(values.words, decodeInteger))
  return { report, compilation, dones, run }
}
