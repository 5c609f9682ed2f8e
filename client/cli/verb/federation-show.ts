/** `trias federation show`: a manifest in plain words, before it is signed or taken as one's own. */
import type { Command } from 'commander'
import { byteCount } from '../../../shared/base/byte-count.ts'
import type { Draft } from '../../sdk/manifest.ts'
import { type CommonOptions, common, homeOf, print, verb } from '../command.ts'
import { bold, dim, fields, green, yellow } from '../style.ts'

interface Options extends CommonOptions {
  readonly use?: boolean
}

export const federationShow = (): Command =>
  common(
    verb('show', 'Show who takes part, where, under which rules, and who has signed', {
      description: `Verifies every signature under a manifest and shows it. Without a file it shows the federation of the
state directory. With --use the manifest becomes the federation of this state directory; compare its digest with
one that you got another way. A later version is taken only when it follows the one that is there, and the present
keys of all three parties are under it.`,
      examples: [
        'trias federation show federation.json',
        'trias federation show federation.json --use',
        'trias federation show',
      ],
    })
      .argument('[file]', 'a draft or a signed manifest')
      .option('--use', 'keep it as the federation of this state directory'),
  ).action(async (given: string | undefined, options: Options) => {
    const { isSigned, parseManifest, stateOfManifest } = await import('../../sdk/manifest.ts')
    const { currentFederation, federationPath, keepFederation, readJson } = await import(
      '../../sdk/node/home.ts'
    )
    const file = given ?? (await federationPath(homeOf(options)))
    const manifest = parseManifest(await readJson(file, 'the federation manifest'), file)
    if (!isSigned(manifest)) {
      print(
        {
          json: { file, federation: manifest, draft: true },
          text: `${describe(manifest)}\n\n${yellow('A draft: nobody has signed it.')}`,
        },
        options,
      )
      return
    }
    const current = await currentFederation(homeOf(options))
    const { federation, signedBy, missing, problem } = stateOfManifest(manifest, current)
    if (options.use === true) {
      const { InputError } = await import('../../../shared/base/errors.ts')
      if (missing.length > 0 || problem !== undefined)
        throw new InputError(problem ?? `the manifest lacks signatures: ${missing.join(', ')}`, {
          where: file,
        })
      await keepFederation(homeOf(options), manifest)
    }
    const verdict =
      missing.length > 0
        ? yellow(`Not in force: ${missing.join(', ')} has not signed.`)
        : problem !== undefined
          ? yellow(`Not in force: ${problem}`)
          : green('In force: all three parties and all data owners have signed.')
    print(
      {
        json: {
          file,
          digest: federation.digest,
          federation: federation.document,
          signedBy,
          missing,
          problem,
        },
        text: `${describe(federation.document)}\n\n${fields([
          ['digest', federation.digest],
          ['signed by', signedBy.join(', ')],
        ])}\n${verdict}`,
      },
      options,
    )
  })

const describe = (federation: Draft): string => {
  const { name, version, parties, members, purposes, policy, jurisdiction } = federation
  const required = jurisdiction.requiredPartyCountries ?? []
  const allowed = jurisdiction.allowedPartyCountries
  const rules = [
    ...required.map(country => `a party must run in ${country}`),
    ...(allowed === undefined ? [] : [`parties and their owners sit only in ${allowed.join(', ')}`]),
  ]
  return [
    bold(name) + (version === 1 ? '' : `, version ${version}`),
    '',
    'Computing parties',
    ...parties.map(
      party =>
        `  ${party.index}  ${party.operator} (${party.country})  ${party.provider} ${party.region}  ${party.endpoint}\n` +
        dim(`     owned by ${party.parent} (${party.parentCountry})`),
    ),
    '',
    'Members',
    ...members.map(member => `  ${member.name} (${member.country})  ${member.roles.join(', ')}`),
    '',
    fields([
      ['purposes', purposes.join(', ')],
      ['smallest group', `${policy.minimumGroupSize} rows`],
      ...(policy.stageRowsMax === undefined
        ? []
        : [['rows a stage', `${policy.stageRowsMax} at most`] as const]),
      ...(policy.network === undefined
        ? []
        : [
            [
              'network',
              `${policy.network.latencyMs} ms one way, ${byteCount(policy.network.bytesPerSecond)} a second: plans are chosen by it`,
            ] as const,
          ]),
      ['approvals within', `${policy.approvalHoursMax} hours`],
      ['jurisdiction', rules.length === 0 ? 'no rules' : rules.join('; ')],
    ]),
  ].join('\n')
}
