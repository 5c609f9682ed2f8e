/** `trias party export-secret`: the two seeds of a party as the secret store of a cloud holds them. */
import { join } from 'node:path'
import type { Command } from 'commander'
import { homeOf, print, verb } from '../command.ts'
import { asMember, type MemberOptions, passphraseOf } from '../member.ts'
import { UsageError } from '../outcome.ts'

interface Options extends MemberOptions {
  readonly partyKey?: string
}

export const partyExportSecret = (): Command =>
  asMember(
    verb('export-secret', 'Print the secret keys of a party, for the secret store of its cloud', {
      description: `Opens the key file and prints one line of JSON with both seeds, the content of the secret that a party on
AWS or Azure reads at its start. Whoever has it can pass for the party: pipe it into the command that stores it, and
never into a file, a chat or the log of a pipeline. It is not printed to a terminal.`,
      examples: [
        'trias party export-secret --home party-0 | aws secretsmanager put-secret-value --secret-id … --secret-string file:///dev/stdin',
      ],
    }).option('--party-key <file>', 'key file of the party (default: party.key.json in the state directory)'),
  ).action(async (options: Options) => {
    const passphrase = await passphraseOf(options)
    if (passphrase === undefined)
      throw new UsageError(
        'the key file of a party needs a passphrase',
        'Set TRIAS_PASSPHRASE or --passphrase-file.',
      )
    if (process.stdout.isTTY === true)
      throw new UsageError(
        'the secret keys of a party are not printed to a terminal',
        'Pipe them into the command that stores the secret.',
      )
    const { readPartySecret } = await import('../../sdk/node/party-key-file.ts')
    const secret = await readPartySecret(
      options.partyKey ?? join(homeOf(options), 'party.key.json'),
      passphrase,
    )
    print({ json: { ...secret }, text: JSON.stringify(secret) }, options)
  })
