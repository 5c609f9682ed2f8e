/** `trias explain`: what a report would do, disclose and cost, before anybody is asked; and after, what it did cost. */
import type { Command } from 'commander'
import { byteCount } from '../../../shared/base/byte-count.ts'
import type { Json } from '../../../shared/base/canonical.ts'
import { InputError } from '../../../shared/base/errors.ts'
import type { TableSchema } from '../../../shared/data/schema.ts'
import type { DatasetVersion } from '../../../shared/governance/document/dataset-version.ts'
import type { Federation } from '../../../shared/governance/document/federation.ts'
import type { Actual } from '../../../shared/sql/analyze.ts'
import type { TableOwner } from '../../../shared/sql/demands.ts'
import type { Network } from '../../../shared/sql/estimate.ts'
import type { CompiledQuery, Cost } from '../../../shared/sql/plan.ts'
import type { GraphNames } from '../../../shared/sql/plan-graph.ts'
import { print, verb } from '../command.ts'
import { asMember, type MemberOptions, openConnection } from '../member.ts'
import { UsageError } from '../outcome.ts'
import { epsilonGiven, positiveNumber, sqlOf, wholeNumber } from '../request-options.ts'
import { wrapLines } from '../style.ts'

interface Options extends MemberOptions {
  readonly sqlFile?: string
  readonly schema?: readonly string[]
  readonly rows?: readonly string[]
  readonly owners?: readonly string[]
  readonly k?: string
  readonly epsilon?: string
  readonly diff?: string
  readonly request?: string
  readonly analyze?: boolean
  readonly latency?: string
  readonly bandwidth?: string
  readonly graph?: string
}

interface Explained {
  readonly query: CompiledQuery
  readonly cost: Cost
  /** What the parties measured; only after a run. */
  readonly actual?: Actual
  /** As the manifest says it. */
  readonly network?: Network | undefined
  /** Who shares, computes and learns, where that is known. */
  readonly names?: GraphNames
}

export const explain = (): Command =>
  asMember(
    verb('explain', 'Show plan, disclosure and cost of a report without running it', {
      description: `Compiles a report and prints the logical plan, the oblivious plan with rounds and bytes per step, and
what the recipient and the parties would learn. With --schema and --rows it needs no federation and no network;
otherwise it compiles over the newest data of the federation. With --analyze, rounds, bytes and time measured for every step
stand beside what was announced: of a run that is over with --request, otherwise of the engine in this process, over as many
rows of which none counts, so no data is needed. --graph draws the plan: whose data goes in, every step with its rounds and
bytes, and what is disclosed. Of several plans for one result the cheapest at the latency and bandwidth in the manifest is taken,
because all have to take the same; --latency and --bandwidth say for a federation what its time would be, and with --schema
choose the plan as well.`,
      examples: [
        'trias explain "SELECT country, COUNT(*) FROM payroll GROUP BY country" --schema payroll.schema.json --rows 20000',
        'trias explain --sql-file report.sql --schema payroll.schema.json --rows 1000000 --k 20',
        'trias explain --sql-file join.sql --schema a.schema.json b.schema.json --rows 5000 20000',
        'trias explain --sql-file report.sql',
        'trias explain --sql-file report.sql --schema payroll.schema.json --rows 20000 --analyze',
        'trias explain --request latest --analyze',
        'trias explain --sql-file new.sql --diff old.sql --schema payroll.schema.json --rows 20000',
        'trias explain --request latest --graph plan.svg',
      ],
    })
      .argument('[sql]', 'the report as SQL')
      .option('--sql-file <file>', 'the report as SQL in a file')
      .option('--schema <file...>', 'schemas of the tables; then no federation is needed')
      .option('--rows <number...>', 'rows of each table, all owners together; one for every --schema')
      .option('--owners <number...>', 'owners of each table, where a policy in its schema speaks of them')
      .option('--k <rows>', 'minimum group size (default: 10, or the policy of the federation)')
      .option(
        '--diff <file>',
        'the SQL of another report: what this one asks and discloses more or less than that',
      )
      .option('--epsilon <number>', 'what the report may spend of privacy budgets, such as 0.5')
      .option('--request <request>', 'explain what was asked for: digest, its beginning, or "latest"')
      .option('--analyze', 'measure every step, and show it beside the estimate')
      .option('--graph <file>', 'draw the plan as SVG')
      .option('--latency <ms>', 'one way between two parties (default: as the manifest says, or 20)')
      .option(
        '--bandwidth <megabytes>',
        'a second between two parties (default: as the manifest says, or 50)',
      ),
  ).action(async (text: string | undefined, options: Options) => {
    const { query, cost, actual, names, network } = await explained(text, options)
    const { estimateOf, SURROUNDINGS } = await import('../../../shared/sql/estimate.ts')
    const { explain: explanation } = await import('../../../shared/sql/explain.ts')
    const surroundings = { ...SURROUNDINGS, ...network, ...networkIn(options) }
    const measured = options.analyze === true ? (actual ?? (await local(query))) : undefined
    const { analysisOf } = await import('../../../shared/sql/analyze.ts')
    const analysis = measured && analysisOf(cost, measured, surroundings)
    const difference =
      options.diff === undefined ? undefined : await differenceTo(options.diff, query, cost, options)
    if (options.graph !== undefined) await writeGraph(options.graph, query, cost, names)
    print(
      {
        json: {
          sql: query.sql,
          logical: query.logical,
          planDigest: query.digest,
          disclosureDigest: query.disclosureDigest,
          disclosure: { ...query.disclosure },
          ranges: query.ranges.map(range => ({ ...range })),
          considered: query.considered.map(one => ({ ...one })),
          rounds: cost.rounds,
          bytesPerParty: cost.bytesPerParty,
          steps: cost.steps.map(step => ({ ...step })),
          estimate: estimateOf(query, cost, surroundings) as unknown as Json,
          ...(analysis === undefined ? {} : { analysis: analysis as unknown as Json }),
          ...(options.graph === undefined ? {} : { graph: options.graph }),
          ...(difference === undefined ? {} : { diff: difference.json }),
        },
        text:
          difference?.text ??
          `${wrapLines(explanation(query, { cost, surroundings, analysis }))}${
            options.graph === undefined ? '' : `\nDrawn in ${options.graph}.\n`
          }`,
      },
      options,
    )
  })

/** What the report says that the one in this file does not, and what it costs beside it. */
const differenceTo = async (file: string, query: CompiledQuery, cost: Cost, options: Options) => {
  const { diffOf, renderDiff } = await import('../../../shared/sql/differencing.ts')
  const sql = await sqlOf({ sqlFile: file })
  const before = await (options.schema === undefined ? online(sql, options) : offline(sql, options))
  const diff = diffOf(before.query, query)
  const bytesOf = ({ bytesPerParty }: Cost): number => Math.max(...bytesPerParty)
  const costs = `cost: ${cost.rounds} rounds and ${byteCount(bytesOf(cost))} sent by a party at most; before: ${before.cost.rounds} rounds and ${byteCount(bytesOf(before.cost))}`
  return {
    json: {
      differences: diff.differences,
      more: diff.more,
      less: diff.less,
      together: diff.together,
      before: {
        planDigest: before.query.digest,
        disclosureDigest: before.query.disclosureDigest,
        rounds: before.cost.rounds,
        bytesPerParty: before.cost.bytesPerParty,
      },
    },
    text: wrapLines(`${renderDiff(diff)}\n${costs}\n`),
  }
}

const explained = async (text: string | undefined, options: Options): Promise<Explained> => {
  if (options.request === undefined) {
    const sql = await sqlOf({
      ...(text === undefined ? {} : { sql: text }),
      ...(options.sqlFile === undefined ? {} : { sqlFile: options.sqlFile }),
    })
    return options.schema === undefined ? online(sql, options) : offline(sql, options)
  }
  const named = {
    SQL: text,
    '--sql-file': options.sqlFile,
    '--schema': options.schema,
    '--k': options.k,
    '--epsilon': options.epsilon,
  }
  for (const [name, value] of Object.entries(named))
    if (value !== undefined)
      throw new UsageError(
        `--request and ${name} exclude each other`,
        'A request says itself what it asks for.',
      )
  return asked(options.request, options)
}

/** What the options say about the network. */
const networkIn = ({ latency, bandwidth }: Options): Partial<Network> => ({
  ...(latency === undefined ? {} : { latencyMs: positiveNumber(latency, '--latency') }),
  ...(bandwidth === undefined ? {} : { bytesPerSecond: 1e6 * positiveNumber(bandwidth, '--bandwidth') }),
})

const writeGraph = async (
  file: string,
  query: CompiledQuery,
  cost: Cost,
  names: GraphNames | undefined,
): Promise<void> => {
  const { planGraph } = await import('../../../shared/sql/plan-graph.ts')
  const { graphSvg } = await import('../../../shared/sql/graph-svg.ts')
  const { writePublic } = await import('../../sdk/node/home.ts')
  await writePublic(file, graphSvg(planGraph(query, cost, names))).catch(cause => {
    throw new InputError('cannot write the drawing', { where: file, cause })
  })
}

/** Operators, and the owners of each table, as the documents name them. */
const namesIn = (federation: Federation, versions: readonly DatasetVersion[]): GraphNames => ({
  owners: new Map(
    [...Map.groupBy(versions, ({ schema }) => schema.table)].map(([table, all]) => [
      table,
      [...new Set(all.map(({ owner }) => owner))],
    ]),
  ),
  parties: federation.parties.map(
    ({ index, operator, country }) => `party ${index} (${operator}, ${country})`,
  ),
})

/** The engine in this process. */
const local = async (query: CompiledQuery): Promise<Actual> => {
  const { analyzeLocally } = await import('../../sdk/analyze.ts')
  const { nodeEngine } = await import('../../sdk/node/engine.ts')
  return analyzeLocally(query, await nodeEngine())
}

/** So many owners, each of whom signs this schema. */
const alike = (count: number, { policy }: TableSchema): readonly TableOwner[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `owner ${i + 1}`,
    ...(policy !== undefined && { policy }),
  }))

const offline = async (sql: string, options: Options): Promise<Explained> => {
  const { schema: files = [], rows } = options
  if (rows === undefined) throw new UsageError('--rows is missing', 'The cost depends on the number of rows.')
  if (rows.length !== files.length)
    throw new UsageError(
      `${files.length} schemas and ${rows.length} numbers of rows`,
      'Give one --rows for every --schema, in the same order.',
    )
  if (options.owners !== undefined && options.owners.length !== files.length)
    throw new UsageError(
      `${files.length} schemas and ${options.owners.length} numbers of owners`,
      'Give one --owners for every --schema, in the same order.',
    )
  const { compile } = await import('../../../shared/sql/compile.ts')
  const { costOf } = await import('../../../shared/sql/cost.ts')
  const { readSchema } = await import('../read-schema.ts')
  const { DEFAULT_NETWORK } = await import('../../../shared/sql/estimate.ts')
  const query = await compile(sql, {
    network: { ...DEFAULT_NETWORK, ...networkIn(options) },
    tables: await Promise.all(
      files.map(async (file, i) => {
        const schema = await readSchema(file)
        const owners = options.owners?.[i]
        return {
          schema,
          rows: wholeNumber(rows[i] as string, '--rows'),
          ...(owners !== undefined && { owners: alike(wholeNumber(owners, '--owners'), schema) }),
        }
      }),
    ),
    minimumGroupSize: options.k === undefined ? 10 : wholeNumber(options.k, '--k'),
    epsilon: epsilonGiven(options),
  })
  return { query, cost: await costOf(query) }
}

const asked = async (name: string, options: Options): Promise<Explained> => {
  const { pick, requests, versionsOfRequest } = await import('../../sdk/federation-client.ts')
  const { compileFor } = await import('../../sdk/compile-request.ts')
  const { progressOf } = await import('../../sdk/watch.ts')
  const { actualOf } = await import('../../sdk/actual.ts')
  const connection = await openConnection(options)
  const request = pick('request', await requests(connection), name)
  const { sql, minimumGroupSize, epsilon, recipient } = request.document
  const federation = connection.federation.document
  const versions = [...(await versionsOfRequest(connection, request)).values()]
  const compilation = await compileFor({ sql, versions, minimumGroupSize, epsilon, federation })
  const names = { ...namesIn(federation, versions), recipient }
  const named = { ...compilation, names, network: federation.policy.network }
  if (options.analyze !== true) return named
  return { ...named, actual: actualOf(await progressOf(connection, request)) }
}

const online = async (sql: string, options: Options): Promise<Explained> => {
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
  const documents = versions.map(({ document }) => document)
  const compilation = await compileFor({
    sql,
    versions: documents,
    minimumGroupSize,
    epsilon: epsilonGiven(options),
    federation,
  })
  return { ...compilation, names: namesIn(federation, documents), network: federation.policy.network }
}
