/**
 * Reports that the same recipient has had over the same data: what a new one says beside them. Owners see it before they
 * sign, because a pair of reports can be about fewer rows than either of them (`shared/sql/differencing.ts`).
 */
import type { DatasetVersion } from '../../shared/governance/document/dataset-version.ts'
import type { PlainAnswer } from '../../shared/governance/plain-words.ts'
import type { OpenedDocument } from '../../shared/governance/sign.ts'
import {
  differencesBetween,
  type Margin,
  marginInWords,
  marginOf,
  sharedTotals,
} from '../../shared/sql/differencing.ts'
import { type Compilation, queryFor } from './compile-request.ts'
import { type Connection, datasetVersions, findDocuments, requests } from './federation-client.ts'

/** The newest ones that are looked at; each is compiled again. */
const LOOKED_AT_MAX = 20

export interface EarlierReport {
  /** Digest of its request. */
  readonly request: string
  readonly createdAt: string
  readonly differences: readonly string[]
  /** Totals that both show of different rows; empty where the pair tells nothing more. */
  readonly sharedTotals: readonly string[]
  /** Where one of the two shows the margin of the other, over the same data. */
  readonly margin: Margin | null
}

const tableOf = ({ owner, schema }: DatasetVersion): string => JSON.stringify([owner, schema.table])

const sameVersions = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join() === [...b].sort().join()

/** Reports that are done, newest first; those that ask exactly the same are left out. */
export const earlierReports = async (
  connection: Connection,
  request: OpenedDocument<'request'>,
  compilation: Compilation,
): Promise<readonly EarlierReport[]> => {
  const [all, dones, versions] = await Promise.all([
    requests(connection),
    findDocuments(connection, 'done'),
    datasetVersions(connection),
  ])
  const known = new Map(versions.map(({ digest, document }) => [digest, document]))
  const done = new Set(dones.map(({ document }) => document.request))
  const versionsOf = (digests: readonly string[]): readonly DatasetVersion[] =>
    digests.flatMap(digest => known.get(digest) ?? [])
  const mine = new Set(versionsOf(request.document.versions).map(tableOf))
  const candidates = all
    .filter(
      ({ digest, document }) =>
        digest !== request.digest &&
        done.has(digest) &&
        document.recipient === request.document.recipient &&
        // One whose data nobody shows any more cannot be compiled again.
        document.versions.every(version => known.has(version)) &&
        versionsOf(document.versions).some(version => mine.has(tableOf(version))),
    )
    .toReversed()
    .slice(0, LOOKED_AT_MAX)
  const reports = await Promise.all(
    candidates.map(async ({ digest, document }): Promise<EarlierReport> => {
      const earlier = await queryFor({
        sql: document.sql,
        versions: versionsOf(document.versions),
        minimumGroupSize: document.minimumGroupSize,
        epsilon: document.epsilon,
        federation: connection.federation.document,
      })
      return {
        request: digest,
        createdAt: document.createdAt,
        differences: differencesBetween(earlier, compilation.query),
        sharedTotals: sharedTotals(earlier, compilation.query, true),
        margin: sameVersions(document.versions, request.document.versions)
          ? marginOf(earlier, compilation.query)
          : null,
      }
    }),
  )
  return reports.filter(({ differences }) => differences.length > 0)
}

const SHORT = 8

/** In the words in which an owner reads a request. */
export const earlierInPlainWords = (recipient: string, reports: readonly EarlierReport[]): PlainAnswer => {
  const telling = reports.filter(report => report.sharedTotals.length > 0)
  return {
    question: 'What has the recipient learned of this data before?',
    answer:
      telling.length === 0
        ? [
            reports.length === 0
              ? `${recipient} has had no other report over this data.`
              : `${recipient} has had ${reports.length} other reports over this data; none shows the same totals of other rows.`,
          ]
        : telling.flatMap(({ request, createdAt, differences, sharedTotals: totals, margin }) => [
            `Report ${request.slice(0, SHORT)} of ${createdAt.slice(0, 10)} shows ${totals.join(', ')} as well, of other rows. The difference of the two may be about fewer rows than the minimum group size.`,
            ...(margin === null
              ? []
              : [marginInWords(margin, { before: 'The earlier one', after: 'This one' })]),
            ...differences.map(difference => `  ${difference}`),
          ]),
  }
}
