/** `trias locality verify`: whether filed evidence was signed by the party, and whether it speaks of these files. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { VerificationFailed } from '../../sdk/verification-failed.ts'
import { type CommonOptions, common, print, verb } from '../command.ts'
import { fields, green, plural, red } from '../style.ts'
import { plainTable } from '../table.ts'

interface Options extends CommonOptions {
  readonly card: string
  readonly dir?: string
}

export const localityVerify = (): Command =>
  common(
    verb('verify', 'Verify signed evidence of a locality check', {
      description: `Verifies the signature under evidence with the key on the party's card, and shows what it says. With
--dir it also compares the digest of every file. Ends with code 4 when the signature does not hold, 7 when a file differs.`,
      examples: [
        'trias locality verify locality.json --card party-card.json',
        'trias locality verify locality.json --card party-card.json --dir cdk.out',
      ],
    })
      .argument('<file>', 'the evidence')
      .requiredOption('--card <file>', 'card of the party whose operator signed')
      .option('--dir <dir>', 'the directory that was checked'),
  ).action(async (file: string, options: Options) => {
    const { openEvidence } = await import('../../../infra/locality/evidence.ts')
    const { readJson } = await import('../../sdk/node/home.ts')
    const { parsePartyCard } = await import('../../sdk/manifest.ts')
    const card = parsePartyCard(await readJson(options.card, 'the card'), options.card)
    const { evidence, kid } = openEvidence(await readJson(file, 'the evidence'), card.signingKey)
    if (options.dir !== undefined)
      for (const { path, sha256 } of evidence.files)
        if ((await digestOfFile(join(options.dir, path))) !== sha256)
          throw new VerificationFailed('locality-file-differs', `${path} is not the file that was checked`)
    const { home, time, tool, source, files, rules, findings } = evidence
    const held = rules.filter(({ verdict }) => verdict === 'holds').length
    print(
      {
        json: {
          signedBy: kid,
          time,
          source,
          home,
          files: files.length,
          held,
          findings: [...findings],
        } as never,
        text: [
          `${green('holds')}  signature of ${card.operator}, key ${kid}`,
          fields([
            [
              'checked',
              `${time}, trias ${tool.version}, ${source === 'files' ? plural(files.length, 'file') : 'at the provider'}`,
            ],
            [
              'home',
              `${home.provider} ${home.region}, ${home.country ?? 'country not known'}${home.eea ? ', EEA' : ', not in the EEA'}`,
            ],
            ['rules', `${held} of ${rules.length} hold`],
          ]),
          findings.length === 0
            ? 'Nothing was found.'
            : plainTable(
                ['rule', 'resource', 'found'],
                findings.map(({ rule, resource, found }) => [red(rule), resource, found]),
              ),
        ].join('\n'),
      },
      options,
    )
  })

const digestOfFile = async (path: string): Promise<string | undefined> => {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
  } catch {
    return undefined
  }
}
