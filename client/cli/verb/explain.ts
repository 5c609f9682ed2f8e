/** `trias explain`: what a report would do, disclose and cost, before anybody is asked. */
import type { Command } from 'commander'
import type { Json } from '../../../shared/base/canonical.ts'
import { print, verb } from '../command.ts'
import { asMember, type MemberOptions, openConnection } from '../member.ts'
import { UsageError } from '../outcome.ts'
import { sqlOf, wholeNumber } from '../request-options.ts'
import { wrapLines } from '../style.ts'

interface Options extends MemberOptions {
  readonly sqlFile?: string
  readonly schema?: readonly string[]
  readonly rows?: readonly string[]
  readonly k?: string
}

export const explain = (): Command =>
  asMember(
    verb('explain', 'Show plan, disclosure and cost of a report without running it', {
      description: `Compiles a report and prints the logical plan, the oblivious plan with rounds and bytes per step, and
what the recipient and the parties would learn. With --schema and --rows it needs no federation and no network;
otherwise it compiles over the newest data of the federation.`,
      examples: [
        'trias explain "SELECT country, COUNT(*) FROM payroll GROUP BY country" --schema payroll.schema.json --rows 20000',
        'trias explain --sql-file report.sql --schema payroll.schema.json --rows 1000000 --k 20',
        'trias explain --sql-file join.sql --schema a.schema.json b.schema.json --rows 5000 20000',
        'trias explain --sql-file report.sql',
      ],
    })
      .argument('[sql]', 'the report as SQL')
      .option('--sql-file <file>', 'the report as SQL in a file')
      .option('--schema <file...>', 'schemas of the tables; then no federation is needed')
      .option('--rows <number...>', 'rows of each table, all owners together; one for every --schema')
      .option('--k <rows>', 'minimum group size (default: 10, or the policy of the federation)'),
  ).action(async (text: string | undefined, options: Options) => {
    const sql = await sqlOf({
      ...(text === undefined ? {} : { sql: text }),
      ...(options.sqlFile === undefined ? {} : { sqlFile: options.sqlFile }),
    })
    const { query, cost } =
      options.schema === undefined ? await online(sql, options) : await offline(sql, options)
    const { estimateOf } = await import('../../../shared/sql/estimate.ts')
    const { explain: explanation } = await import('../../../shared/sql/explain.ts')
    print(
      {
        json: {
          sql: query.sql,
          logical: query.logical,
          planDigest: query.digest,
          disclosureDigest: query.disclosureDigest,
          disclosure: { ...query.disclosure },
          ranges: query.ranges.map(range => ({ ...range })),
          rounds: cost.rounds,
          bytesPerParty: cost.bytesPerParty,
          steps: cost.steps.map(step => ({ ...step })),
          estimate: estimateOf(query, cost) as unknown as Json,
        },
        text: wrapLines(explanation(query, cost)),
      },
      options,
    )
  })

const offline = async (sql: string, options: Options) => {
  const { schema: files = [], rows } = options
  if (rows === undefined) throw new UsageError('--rows is missing', 'The cost depends on the number of rows.')
  if (rows.length !== files.length)
    throw new UsageError(
      `${files.length} schemas and ${rows.length} numbers of rows`,
      'Give one --rows for every --schema, in the same order.',
    )
  const { compile } = await import('../../../shared/sql/compile.ts')
  const { costOf } = await import('../../../shared/sql/cost.ts')
  const { readSchema } = await import('../read-schema.ts')
  const query = await compile(sql, {
    tables: await Promise.all(
      files.map(async (file, i) => ({
        schema: await readSchema(file),
        rows: wholeNumber(rows[i] as string, '--rows'),
      })),
    ),
    minimumGroupSize: options.k === undefined ? 10 : wholeNumber(options.k, '--k'),
  })
  return { query, cost: await costOf(query) }
}

const online = async (sql: string, options: Options) => {
  if (options.rows !== undefined) throw new UsageError('--rows goes with --schema')
  const { compileFor, tablesIn } = await import('../../sdk/compile-request.ts')
  const { newestOf } = await import('../../sdk/request.ts')
  const connection = await openConnection(options)
  const versions = await newestOf(connection, await tablesIn(sql))
  const minimumGroupSize =
    options.k === undefined
      ? connection.federation.document.policy.minimumGroupSize
      : wholeNumber(options.k, '--k')
  const federation = connection.federation.document
  return compileFor({ sql, versions: versions.map(({ document }) => document), minimumGroupSize, federation })
}
