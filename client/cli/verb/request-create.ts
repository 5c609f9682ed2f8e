/** `trias request create`: asks for a report. */
import type { Command } from 'commander'
import { byteCount } from '../../../shared/base/byte-count.ts'
import { print, verb } from '../command.ts'
import { asMember, openConnection } from '../member.ts'
import { addRequestOptions, type RequestOptions, requestInputOf } from '../request-options.ts'
import { count, fields, wrapLines } from '../style.ts'

export const requestCreate = (): Command =>
  asMember(
    addRequestOptions(
      verb('create', 'Ask for a report: compile it here, sign it, send it to the three parties', {
        description: `Compiles the SQL over the chosen data versions, says what the report would disclose and cost, signs the
request and sends it to the three parties. Nothing runs before every owner whose data is read has approved. With
--dry-run nothing is signed or sent.`,
        examples: [
          'trias request create --sql "SELECT country, AVG(pay) FROM payroll GROUP BY country" --purpose pay-equity',
          'trias request create --sql-file report.sql --purpose pay-equity --recipient "Group Reporting" --hours 48',
          'trias request create --sql-file report.sql --purpose pay-equity --dry-run',
        ],
      }),
    ).option('--dry-run', 'only show what it would disclose and cost'),
  ).action(async (options: RequestOptions & { readonly dryRun?: boolean }) => {
    const { createRequest, prepareRequest } = await import('../../sdk/request.ts')
    const connection = await openConnection(options)
    const input = await requestInputOf(options)
    const make = options.dryRun === true ? prepareRequest : createRequest
    const { digest, document, compilation, versions } = await make(connection, input)
    const { query, cost } = compilation
    const bytes = cost.bytesPerParty.reduce((sum, one) => sum + one, 0)
    print(
      {
        json: {
          request: digest,
          sent: options.dryRun !== true,
          planDigest: query.digest,
          disclosureDigest: query.disclosureDigest,
          disclosure: { ...query.disclosure },
          rounds: cost.rounds,
          bytesPerParty: cost.bytesPerParty,
          versions: document.versions,
          expiresAt: document.expiresAt,
        },
        text: [
          fields([
            ['request', digest],
            ['purpose', document.purpose],
            ['recipient', document.recipient],
            [
              'data',
              versions
                .map(({ document: one }) => `${one.owner}: ${count(one.rows)} rows, version ${one.sequence}`)
                .join('\n'),
            ],
            ['recipient learns', wrapLines(query.disclosure.recipientLearns.join('\n'), 82)],
            ['parties learn', wrapLines(query.disclosure.partiesLearn.join('\n'), 82)],
            ['cost', `${count(cost.rounds)} rounds, ${byteCount(bytes)} between the parties`],
            ['expires', document.expiresAt],
          ]),
          '',
          options.dryRun === true
            ? 'Nothing was sent.'
            : `Sent. Each owner decides with: trias approve ${digest.slice(0, 12)}`,
        ].join('\n'),
      },
      options,
    )
  })
