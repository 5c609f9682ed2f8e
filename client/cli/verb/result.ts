/** `trias result`: fetches, verifies and reconstructs the result, for its recipient alone. */
import type { Command } from 'commander'
import { byteCount } from '../../../shared/base/byte-count.ts'
import type { Json } from '../../../shared/base/canonical.ts'
import { print, verb } from '../command.ts'
import { asMember, type MemberOptions, openConnection } from '../member.ts'
import { UsageError } from '../outcome.ts'
import { count, dim } from '../style.ts'
import { reportCsv, reportTable } from '../table.ts'

interface Options extends MemberOptions {
  readonly csv?: boolean
  readonly parquet?: string
  readonly suppressed?: boolean
}

export const result = (): Command =>
  asMember(
    verb('result', 'Open the result of a finished request', {
      description: `Fetches the three sealed result shares, compares each with the digest its party signed, opens them,
compares both copies of every share, and only then reconstructs. Works for the recipient alone. Suppressed groups
are counted; --suppressed lists them.`,
      examples: [
        'trias result latest',
        'trias result latest --csv > report.csv',
        'trias result latest --parquet report.parquet',
        'trias result 3fJk2LqP --json',
      ],
    })
      .argument('<request>', 'digest, its beginning, or "latest"')
      .option('--csv', 'print comma-separated values')
      .option('--parquet <file>', 'write a Parquet file')
      .option('--suppressed', 'also list the groups that are not shown'),
  ).action(async (name: string, options: Options) => {
    if (options.csv === true && options.json === true)
      throw new UsageError('--csv and --json exclude each other')
    const { pick, requests } = await import('../../sdk/federation-client.ts')
    const { fetchResult } = await import('../../sdk/result.ts')
    const connection = await openConnection(options)
    const request = pick('request', await requests(connection), name)
    const { report, dones, run } = await fetchResult(connection, request)
    if (options.parquet !== undefined) {
      const { writeParquet } = await import('../parquet.ts')
      await writeParquet(report, options.parquet)
    }
    const sent = dones.reduce((sum, { bytesSent }) => sum + bytesSent, 0)
    const written = options.parquet === undefined ? '' : `\nWritten to ${options.parquet}.`
    print(
      {
        json: {
          request: request.digest,
          run,
          columns: report.columns.map(column => ({ ...column })),
          rows: report.rows as readonly Json[],
          counts: report.counts,
          ...(options.suppressed === true
            ? { keys: report.keys, suppressedGroups: report.suppressedGroups as readonly Json[] }
            : {}),
          parties: dones.map(({ party, rounds, bytesSent, transcript }) => ({
            party,
            rounds,
            bytesSent,
            transcript,
          })),
          ...(options.parquet === undefined ? {} : { parquet: options.parquet }),
        },
        text: `${reportTable(report, { suppressed: options.suppressed === true })}\n\n${dim(
          `${count(dones[0].rounds)} rounds, ${byteCount(sent)} between the parties; all three copies agree.`,
        )}${written}`,
        ...(options.csv === true ? { raw: reportCsv(report) } : {}),
      },
      options,
    )
  })
