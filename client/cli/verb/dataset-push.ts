/** `trias dataset push`: checks a source, splits it into shares here, and uploads them encrypted to the three parties. */
import type { Command } from 'commander'
import { addSourceOptions, checkSource, type SourceOptions } from '../check-source.ts'
import { homeOf, print, verb } from '../command.ts'
import { asMember, type MemberOptions, openConnection } from '../member.ts'
import { byteCount, count, fields } from '../style.ts'

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
        ],
      }),
    ),
  ).action(async (options: SourceOptions & MemberOptions) => {
    const checked = await checkSource(options)
    const { push } = await import('../../sdk/push.ts')
    const { keepLock } = await import('../../sdk/node/home.ts')
    const { nativeCrypto } = await import('../../sdk/node/native-crypto.ts')
    const connection = await openConnection(options)
    const isTerminal = process.stderr.isTTY === true
    const { digest, document, bytes } = await push(connection, {
      ...checked,
      ...nativeCrypto,
      keepLock: lock => keepLock(homeOf(options), lock),
      ...(isTerminal
        ? {
            onProgress: progress =>
              void process.stderr.write(
                `\ruploaded ${byteCount(progress.bytes)} of ${byteCount(progress.bytesTotal)} `,
              ),
          }
        : {}),
    })
    if (isTerminal) process.stderr.write('\r\x1b[K')
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
          ['rows', count(document.rows)],
          [
            'uploaded',
            `${byteCount(bytes)} to three parties, encrypted; the lock stays in ${homeOf(options)}`,
          ],
        ]),
      },
      options,
    )
  })
