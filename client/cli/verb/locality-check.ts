/** `trias locality <dir>`: whether templates keep a party in its region; the evidence can be signed and filed. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { DirectoryReport } from '../../../infra/locality/directory.ts'
import type { Home } from '../../../infra/locality/home.ts'
import type { Json } from '../../../shared/base/canonical.ts'
import { collect, print, verb } from '../command.ts'
import { asMember, type MemberOptions, passphraseOf } from '../member.ts'
import { UsageError } from '../outcome.ts'
import { dim, fields, green, plural, red } from '../style.ts'

interface Options extends MemberOptions {
  readonly provider: string
  readonly region?: string
  readonly country?: readonly string[]
  readonly account?: string
  readonly live?: boolean
  readonly subscription?: string
  readonly resourceGroup?: string
  readonly stack?: string
  readonly table?: readonly string[]
  readonly queue?: readonly string[]
  readonly secret?: readonly string[]
  readonly evidence?: string
  readonly key?: string
}

const PROVIDERS = ['aws', 'azure', 'onprem']
/** Findings end with the code of a refusal by a rule. */
const VIOLATED = 4

export const localityCheck = (): Command =>
  asMember(
    verb('check', 'Check that templates keep a party in its region (the default verb)', {
      description: `Reads every template in a directory, such as cdk.out, cdktf.out or onprem.out, or one that was saved from
what is deployed, and holds each resource against the rules of docs/operating/locality.md. What is not known fails: a type
that is not on the allow-list, a nested stack, a region that is not written out. With --live it asks the provider, with the
read-only credentials in your environment, what is really there. Ends with code 4 when anything was found.`,
      examples: [
        'trias locality cdk.out --provider aws --region eu-central-1',
        'trias locality check cdktf.out --provider azure --region germanywestcentral --country DE --json',
        'trias locality check onprem.out --provider onprem --country FI --evidence e.json --key key.json',
        'trias locality check --live --provider aws --region eu-central-1 --stack trias-party-0',
      ],
    })
      .argument('[dir]', 'directory with templates')
      .requiredOption('--provider <name>', 'aws, azure or onprem')
      .option('--region <name>', 'home region or location; for onprem the name of the site')
      .option('--country <code>', 'a declared country; may be repeated (default: any of the EEA)', collect)
      .option('--account <id>', 'AWS account of the party (default: the one that the assembly names)')
      .option('--live', 'ask the provider (aws, azure) instead of reading files')
      .option('--stack <name>', 'with --live: the CloudFormation stack, with everything in it')
      .option('--table <name>', 'with --live: a table; may be repeated', collect)
      .option('--queue <url>', 'with --live: a queue; may be repeated', collect)
      .option('--secret <id>', 'with --live: a secret; may be repeated', collect)
      .option('--subscription <id>', 'with --live on Azure: the subscription of the party')
      .option('--resource-group <name>', 'with --live on Azure: its resource group')
      .option('--evidence <file>', 'write signed evidence there; with --key')
      .option('--key <file>', 'key file of the party, which signs the evidence'),
  ).action(async (directory: string | undefined, options: Options) => {
    const home = homeOfParty(options)
    if ((options.evidence === undefined) !== (options.key === undefined))
      throw new UsageError('--evidence and --key belong together')
    const report = await reportOf(directory, home, options)
    const kid = options.evidence === undefined ? undefined : await file(report, home, options)
    await show(report, home, kid, options)
    if (report.findings.length > 0) process.exitCode = VIOLATED
  })

const homeOfParty = ({ provider, region, country, account }: Options): Home => {
  if (!PROVIDERS.includes(provider))
    throw new UsageError(`there is no provider ${provider}`, `Providers: ${PROVIDERS.join(', ')}.`)
  if (region === undefined && provider !== 'onprem')
    throw new UsageError('--region is missing', 'Name the region that the manifest says for this party.')
  if (provider === 'onprem' && country === undefined)
    throw new UsageError('--country is missing', 'No file shows where a machine stands, so it is declared.')
  const wrong = country?.find(code => !/^[A-Z]{2}$/.test(code))
  if (wrong !== undefined)
    throw new UsageError(`"${wrong}" is not a country code`, 'Two capital letters, such as DE or FI.')
  return {
    provider: provider as Home['provider'],
    region: region ?? 'on-premises',
    ...(country === undefined ? {} : { countries: country }),
    ...(account === undefined ? {} : { accountId: account }),
  }
}

const reportOf = async (
  directory: string | undefined,
  home: Home,
  options: Options,
): Promise<DirectoryReport> => {
  if (options.live !== true) {
    if (directory === undefined) throw new UsageError('name a directory with templates, or --live')
    const { examineDirectory } = await import('../../../infra/locality/directory.ts')
    return examineDirectory(resolve(directory), home)
  }
  if (directory !== undefined) throw new UsageError('a directory and --live exclude each other')
  if (home.provider === 'onprem')
    throw new UsageError('--live asks a cloud, and an on-premises party has none')
  if (home.provider === 'azure') {
    const { subscription, resourceGroup } = options
    if (subscription === undefined || resourceGroup === undefined)
      throw new UsageError('--live on Azure needs --subscription and --resource-group')
    const { examineLiveAzure } = await import('../../../infra/locality/live-azure.ts')
    return examineLiveAzure({ subscription, resourceGroup }, home)
  }
  const { stack, table = [], queue = [], secret = [] } = options
  if (stack === undefined && table.length + queue.length + secret.length === 0)
    throw new UsageError('--live needs something to look at', 'Name --stack, or --table, --queue, --secret.')
  const { examineLiveAws } = await import('../../../infra/locality/live-aws.ts')
  return examineLiveAws(
    { ...(stack === undefined ? {} : { stack }), tables: table, queues: queue, secrets: secret },
    home,
  )
}

const file = async (report: DirectoryReport, home: Home, options: Options): Promise<string> => {
  const { signEvidence } = await import('../../../infra/locality/evidence.ts')
  const { readPartySigner } = await import('../../sdk/node/party-key-file.ts')
  const { readJson, writePublic } = await import('../../sdk/node/home.ts')
  const { fileURLToPath } = await import('node:url')
  const packageFile = fileURLToPath(new URL('../../../package.json', import.meta.url))
  const { version } = (await readJson(packageFile, 'the version of trias')) as { version: string }
  const signer = await readPartySigner(options.key as string, (await passphraseOf(options)) ?? '')
  const signed = signEvidence({
    report,
    home,
    source: options.live === true ? 'provider' : 'files',
    version,
    time: new Date().toISOString(),
    signer,
  })
  await writePublic(options.evidence as string, `${JSON.stringify(signed)}\n`)
  return signer.kid
}

const show = async (
  report: DirectoryReport,
  home: Home,
  kid: string | undefined,
  options: Options,
): Promise<void> => {
  const { verdictsOf } = await import('../../../infra/locality/evidence.ts')
  const { findings, files } = report
  const verdicts = verdictsOf(report)
  const held = verdicts.filter(({ verdict }) => verdict === 'holds').length
  const idle = verdicts.filter(({ verdict }) => verdict === 'nothing to look at').length
  const evidence = options.evidence === undefined ? null : { file: options.evidence, keyId: kid ?? null }
  print(
    {
      json: { home, files, findings, rules: verdicts, evidence } as unknown as {
        readonly [key: string]: Json | undefined
      },
      text: [
        ...(findings.length === 0
          ? []
          : [
              ...findings.map(
                ({ rule, resource, expected, found, file }) =>
                  `${red(rule)}  ${resource}\n${fields(
                    [
                      ['expected', expected],
                      ['found', found],
                      ...(file === undefined ? [] : [['file', file] as const]),
                    ],
                    '  ',
                  )}`,
              ),
              '',
            ]),
        fields([
          ['home', `${home.provider} ${home.region}`],
          ['files', plural(files.length, 'file')],
          [
            'rules',
            `${held} hold, ${verdicts.length - held - idle} violated, ${idle} had nothing to look at`,
          ],
          ...(evidence === null ? [] : [['evidence', `${evidence.file}, signed by ${kid}`] as const]),
        ]),
        findings.length === 0
          ? `${green('holds')}  nothing was found ${dim('(what a template can show; see docs/operating/locality.md)')}`
          : `${red('violated')}  ${plural(findings.length, 'finding')}`,
      ].join('\n'),
    },
    options,
  )
}
