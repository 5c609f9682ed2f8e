/** `trias dataset push`: checks a source, splits it into shares here, and uploads them encrypted to the three parties. */

import type { Command } from 'commander'
import { byteCount } from '../../../shared/base/byte-count.ts'
import { nativeAead } from '../../../shared/crypto/native-aead.ts'
import { nativeKeystream } from '../../../shared/prss/native-keystream.ts'
import { addSourceOptions, checkSource, type SourceOptions } from '../check-source.ts'
import { homeOf, print, verb } from '../command.ts'
import { asMember, type MemberOptions, openConnection } from '../member.ts'
import { UsageError } from '../outcome.ts'
import { uploadBar } from '../progress-bar.ts'
import { wholeNumber } from '../request-options.ts'
import { count, fields } from '../style.ts'

interface Options extends SourceOptions, MemberOptions {
  readonly pad?: string
}

export const datasetPush = (): Command =>
  asMember(
    addSourceOptions(
      verb('push', 'Share a source: check it, split it into shares, upload them encrypted', {
        description: `Uploads nothing when a single cell breaks the schema. Each party gets two of three random-looking shares,
encrypted under a key that stays here (the lock, in the state directory): no party can read what it stores until
you approve a request, and then only for that run. Keep the state directory: without the lock nothing can be
approved.`,
        examples: [
          'trias dataset push --schema payroll.schema.json --source payroll.csv',
          `trias dataset push --schema payroll.schema.json --select "SELECT * FROM 'payroll-*.parquet'" --json`,
          'trias dataset push --schema payroll.schema.json --source payroll.csv --pad 5000',
        ],
      }),
    ).option(
      '--pad <rows>',
      'share so many rows, the rest empty, so that the parties do not learn how many there are',
    ),
  ).action(async (options: Options) => {
    const padTo = options.pad === undefined ? {} : { padTo: wholeNumber(options.pad, '--pad') }
    const checked = await checkSource(options)
    if (padTo.padTo !== undefined && padTo.padTo < checked.rows)
      throw new UsageError(
        `--pad ${padTo.padTo} is less than the ${count(checked.rows)} rows of the source`,
        'Pad to a round number above the rows that you expect in any version.',
      )
    const { push } = await import('../../sdk/push.ts')
    const { keepLock } = await import('../../sdk/node/home.ts')
    const connection = await openConnection(options)
    const bar = uploadBar()
    const { digest, document, bytes } = await push(connection, {
      ...checked,
      ...padTo,
      keystream: nativeKeystream,
      aead: nativeAead,
      keepLock: lock => keepLock(homeOf(options), lock),
      onProgress: bar.show,
    }).finally(bar.stop)
    print(
      {
        json: {
          dataset: digest,
          table: document.table,
          sequence: document.sequence,
          rows: document.rows,
          bytes,
        },
        text: fields([
          ['dataset', digest],
          ['table', `${document.table}, version ${document.sequence}`],
          [
            'rows',
            `${count(checked.rows)}${padTo.padTo === undefined ? '' : `, padded to ${count(document.rows)}`}`,
          ],
          [
            'uploaded',
            `${byteCount(bytes)} to three parties, encrypted; the lock stays in ${homeOf(options)}`,
          ],
        ]),
      },
      options,
    )
  })
