/** `trias federation init`: the draft of a manifest. */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { InputError } from '../../../shared/base/errors.ts'
import { type CommonOptions, collect, common, print, verb } from '../command.ts'
import { UsageError } from '../outcome.ts'

interface Options extends CommonOptions {
  readonly name: string
  readonly purpose: readonly string[]
  readonly k: string
  readonly approvalHours: string
  readonly stageRows?: string
  readonly latency?: string
  readonly bandwidth?: string
  readonly requireCountry?: readonly string[]
  readonly allowCountry?: readonly string[]
}

export const federationInit = (): Command =>
  common(
    verb('init', 'Begin the draft of a federation manifest', {
      description: `Writes the draft of a manifest: name, purposes, policy and jurisdiction rules. Add the cards of the
three parties and of the members with "trias federation add", then everyone signs it.`,
      examples: [
        'trias federation init federation.json --name "Nordic payroll" --purpose pay-equity --k 10',
        'trias federation init f.json --name Banks --purpose exposure --require-country FR --allow-country FR --allow-country DE',
      ],
    })
      .argument('<file>', 'where to write the draft')
      .requiredOption('--name <name>', 'name of the federation')
      .requiredOption('--purpose <purpose>', 'what may be computed for; may be repeated', collect)
      .option('--k <rows>', 'no result about fewer rows is ever shown', '10')
      .option('--approval-hours <hours>', 'how long a request may wait for approvals', '168')
      .option('--stage-rows <rows>', 'rows between two checkpoints, for parties with little memory')
      .option('--latency <ms>', 'measured one way between two parties; the planner chooses plans by it')
      .option('--bandwidth <megabytes>', 'measured a second between two parties; with --latency')
      .option('--require-country <code>', 'a party must run there; may be repeated', collect)
      .option(
        '--allow-country <code>',
        'parties and their owners may sit only there; may be repeated',
        collect,
      ),
  ).action(async (file: string, options: Options) => {
    if (existsSync(file))
      throw new InputError('there is a file already', { where: file, hint: 'Choose another name.' })
    const { latency, bandwidth } = options
    if ((latency === undefined) !== (bandwidth === undefined))
      throw new UsageError('--latency and --bandwidth go together')
    const { parseManifest } = await import('../../sdk/manifest.ts')
    const { writePublic } = await import('../../sdk/node/home.ts')
    const draft = parseManifest(
      {
        kind: 'federation',
        name: options.name,
        version: 1,
        parties: [],
        members: [],
        purposes: options.purpose,
        policy: {
          minimumGroupSize: Number(options.k),
          approvalHoursMax: Number(options.approvalHours),
          ...(latency === undefined
            ? {}
            : {
                network: {
                  latencyMs: Number(latency),
                  bytesPerSecond: Math.round(1e6 * Number(bandwidth)),
                },
              }),
          ...(options.stageRows === undefined ? {} : { stageRowsMax: Number(options.stageRows) }),
        },
        jurisdiction: {
          ...(options.requireCountry === undefined ? {} : { requiredPartyCountries: options.requireCountry }),
          ...(options.allowCountry === undefined ? {} : { allowedPartyCountries: options.allowCountry }),
        },
      },
      'the options',
    )
    await writePublic(file, `${JSON.stringify(draft, null, 2)}\n`)
    print(
      {
        json: { file, name: options.name },
        text: `Draft of "${options.name}" written to ${file}.\nNext: trias federation add ${file} <card>…`,
      },
      options,
    )
  })
