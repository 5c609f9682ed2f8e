/** `trias keygen`: the keys of a member, or of a computing party, and the card with their public halves. */
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { collect, homeOf, print, verb } from '../command.ts'
import { asMember, type MemberOptions, passphraseOf } from '../member.ts'
import { UsageError } from '../outcome.ts'
import { fields } from '../style.ts'

interface Options extends MemberOptions {
  readonly name: string
  readonly country: string
  readonly role?: readonly string[]
  readonly party?: string
  readonly parent?: string
  readonly parentCountry?: string
  readonly provider: string
  readonly region: string
  readonly listen: string
  readonly endpoint?: string
}

const ROLES = ['owner', 'recipient', 'dpo']

export const keygen = (): Command =>
  asMember(
    verb('keygen', 'Create the keys of a member or a party, and a card to give away', {
      description: `Creates a state directory with fresh keys. The secret halves stay in key.json (mode 0600), under a
passphrase when TRIAS_PASSPHRASE or --passphrase-file gives one. The card holds only public keys: send it to
whoever prepares the federation manifest. With --party it makes the keys and the configuration of a computing
party instead; these always need a passphrase.`,
      examples: [
        'trias keygen --name "Nordwind Oy" --country FI --role owner',
        'trias keygen --name "Group Reporting" --country DE --role recipient --home ~/.trias-reporting',
        'TRIAS_PASSPHRASE=… trias keygen --party 0 --name "EU AWS" --country DE --listen 127.0.0.1:8400',
      ],
    })
      .requiredOption('--name <name>', 'name of the member, or of the legal entity that operates the party')
      .requiredOption('--country <code>', 'its country, two capital letters')
      .option('--role <role>', `${ROLES.join(', ')}; may be repeated (default: owner)`, collect)
      .option('--party <index>', 'make the keys of computing party 0, 1 or 2')
      .option('--parent <name>', 'party: who ultimately owns the operator (default: itself)')
      .option('--parent-country <code>', 'party: country of that owner (default: --country)')
      .option('--provider <name>', 'party: where it runs, such as aws, azure, onprem', 'onprem')
      .option('--region <name>', 'party: the region there', 'local')
      .option('--listen <host:port>', 'party: address to listen on', '127.0.0.1:8400')
      .option('--endpoint <url>', 'party: the URL that others reach it at (default: from --listen)'),
  ).action(async (options: Options) => {
    for (const country of [options.country, options.parentCountry ?? options.country])
      if (!/^[A-Z]{2}$/.test(country))
        throw new UsageError(`"${country}" is not a country code`, 'Two capital letters, such as DE or FI.')
    print(
      options.party === undefined ? await makeMember(options) : await makeParty(options, options.party),
      options,
    )
  })

const makeMember = async (options: Options) => {
  const roles = options.role ?? ['owner']
  const unknown = roles.find(role => !ROLES.includes(role))
  if (unknown !== undefined)
    throw new UsageError(`there is no role ${unknown}`, `Roles: ${ROLES.join(', ')}.`)
  const { createKeys } = await import('../../sdk/keys.ts')
  const { createHome, writePublic } = await import('../../sdk/node/home.ts')
  const { parseCard } = await import('../../sdk/manifest.ts')
  const { toBase64url } = await import('../../../shared/base/bytes.ts')
  const home = homeOf(options)
  const keys = await createKeys(options.name)
  const card = parseCard(
    {
      kind: 'member-card',
      name: options.name,
      country: options.country,
      signingKey: toBase64url(keys.signing.publicKey),
      sealingKey: toBase64url(keys.sealing.publicKey),
      roles,
    },
    'the options',
  )
  const passphrase = await passphraseOf(options)
  await createHome(home, keys, passphrase)
  const cardFile = join(home, 'card.json')
  await writePublic(cardFile, `${JSON.stringify(card, null, 2)}\n`)
  return {
    json: { member: keys.name, keyId: keys.kid, keyFile: join(home, 'key.json'), card: cardFile },
    text: fields([
      ['member', `${keys.name} (${options.country}), ${roles.join(', ')}`],
      ['key id', keys.kid],
      [
        'key file',
        `${join(home, 'key.json')}  ${passphrase === undefined ? 'no passphrase' : 'under a passphrase'}`,
      ],
      ['card', `${cardFile}  give this one away`],
    ]),
  }
}

const makeParty = async (options: Options, index: string) => {
  if (!['0', '1', '2'].includes(index)) throw new UsageError('--party is 0, 1 or 2')
  const passphrase = await passphraseOf(options)
  if (passphrase === undefined || passphrase === '')
    throw new UsageError(
      'the key file of a party needs a passphrase',
      'Set TRIAS_PASSPHRASE or --passphrase-file.',
    )
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(options.listen) ?? []
  if (host === undefined || Number(port) > 65535) throw new UsageError('--listen is host:port')
  const { mkdir } = await import('node:fs/promises')
  const { createPartyKeyFile } = await import('../../sdk/node/party-key-file.ts')
  const { writePublic } = await import('../../sdk/node/home.ts')
  const { parseCard } = await import('../../sdk/manifest.ts')
  const home = homeOf(options)
  await mkdir(home, { recursive: true, mode: 0o700 })
  const keyFile = resolve(home, 'party.key.json')
  const card = {
    kind: 'party-card',
    index: Number(index),
    operator: options.name,
    country: options.country,
    parent: options.parent ?? options.name,
    parentCountry: options.parentCountry ?? options.country,
    provider: options.provider,
    region: options.region,
    endpoint: options.endpoint ?? `http://${options.listen}`,
    ...(await createPartyKeyFile(keyFile, passphrase)),
  }
  const cardFile = join(home, 'party-card.json')
  await writePublic(cardFile, `${JSON.stringify(parseCard(card, 'the options'), null, 2)}\n`)
  const configFile = join(home, 'party.json')
  const config = {
    party: Number(index),
    region: options.region,
    listen: { host, port: Number(port) },
    dataDir: 'data',
    keyFile: 'party.key.json',
  }
  await writePublic(configFile, `${JSON.stringify(config, null, 2)}\n`)
  return {
    json: { party: Number(index), keyFile, card: cardFile, config: configFile },
    text: fields([
      ['party', `${index}, ${options.name} (${options.country})`],
      ['key file', keyFile],
      ['card', `${cardFile}  give this one away`],
      ['start with', `trias party start --config ${configFile}`],
    ]),
  }
}
