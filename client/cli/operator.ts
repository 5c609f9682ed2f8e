/** What the verbs of a party's operator share: which party, where it is, and the key that proves who asks. */
import { join } from 'node:path'
import type { Command } from 'commander'
import type { ControlStatus, OpenRequest } from '../../shared/party/control.ts'
import { homeOf } from './command.ts'
import { asMember, type MemberOptions, passphraseOf } from './member.ts'
import { type Outcome, UsageError } from './outcome.ts'
import { count, duration, fields, green, plural, short, yellow } from './style.ts'

export interface OperatorOptions extends MemberOptions {
  readonly card?: string
  readonly partyKey?: string
  readonly endpoint?: string
}

export const asOperator = (command: Command): Command =>
  asMember(
    command
      .option('--card <file>', 'card of the party (default: party-card.json in the state directory)')
      .option('--party-key <file>', 'key file of the party (default: party.key.json in the state directory)')
      .option('--endpoint <url>', 'where to reach the party (default: the endpoint on its card)'),
  )

export const openOperator = async (options: OperatorOptions) => {
  const home = homeOf(options)
  const passphrase = await passphraseOf(options)
  if (passphrase === undefined)
    throw new UsageError(
      'the key file of a party needs a passphrase',
      'Set TRIAS_PASSPHRASE or --passphrase-file.',
    )
  const { connectOperator } = await import('../sdk/party-control.ts')
  const { parsePartyCard } = await import('../sdk/manifest.ts')
  const { readJson } = await import('../sdk/node/home.ts')
  const { readPartySigner } = await import('../sdk/node/party-key-file.ts')
  const cardFile = options.card ?? join(home, 'party-card.json')
  const hint = 'Name the directory that `trias keygen --party` made with --home, or the card with --card.'
  const card = parsePartyCard(await readJson(cardFile, 'the card of the party', hint), cardFile)
  return connectOperator({
    party: card.index,
    endpoint: options.endpoint ?? card.endpoint,
    signer: await readPartySigner(options.partyKey ?? join(home, 'party.key.json'), passphrase),
  })
}

const ago = (time: string): string => `${duration(Math.max(0, Date.now() - Date.parse(time)))} ago`

const rowOf = ({ request, state, stage, round, roundsTotal, updatedAt, workerSeenAt }: OpenRequest) => [
  short(request),
  state,
  roundsTotal === 0 ? '' : `${count(round)} of ${count(roundsTotal)}`,
  stage ?? '',
  ago(updatedAt),
  workerSeenAt === null ? 'none' : `seen ${ago(workerSeenAt)}`,
]

export const statusOutcome = async (status: ControlStatus): Promise<Outcome> => {
  const { party, release, speaks, mode, modeSince, manifest, open, unposted, headsToWitness, log } = status
  const { plainTable } = await import('./table.ts')
  const since = modeSince === null ? '' : `  since ${modeSince}`
  const summary = fields([
    ['party', `${party}`],
    ['mode', `${mode === 'running' ? green(mode) : yellow(mode)}${since}`],
    [
      'release',
      `${release}, speaks protocol ${speaks.protocol.join(' and ')}, frames ${speaks.frames.join(' and ')}`,
    ],
    [
      'manifest',
      manifest === null ? 'none yet' : `${manifest.name}, version ${manifest.version}, ${manifest.digest}`,
    ],
    ['open requests', count(open.length)],
    ['to post', plural(unposted, 'document')],
    ['to witness', plural(headsToWitness, 'log head')],
    ['log', `${plural(log.entries, 'entry').replace(/entrys$/, 'entries')}, head ${short(log.head)}`],
  ])
  const table =
    open.length === 0
      ? ''
      : `\n\n${plainTable(['request', 'state', 'round', 'step', 'changed', 'worker'], open.map(rowOf))}`
  return { json: { ...status } as unknown as Outcome['json'], text: summary + table }
}

/** Such as `3 open: 1 running, 2 offered; 1 document to post`. */
export const leftInWords = ({ open, unposted, headsToWitness }: ControlStatus): string => {
  const states = [...new Set(open.map(({ state }) => state))]
  const each = states.map(state => `${open.filter(one => one.state === state).length} ${state}`)
  const words = [
    open.length === 0 ? 'nothing is open' : `${open.length} open: ${each.join(', ')}`,
    ...(unposted === 0 ? [] : [`${plural(unposted, 'document')} to post`]),
    ...(headsToWitness === 0 ? [] : [`${plural(headsToWitness, 'log head')} to witness`]),
  ]
  return words.join('; ')
}
