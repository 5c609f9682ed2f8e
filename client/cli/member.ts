/** What most verbs start with: the member's state directory, its passphrase, its connection to the three parties. */
import type { Command } from 'commander'
import { type CommonOptions, common, homeOf } from './command.ts'

export interface MemberOptions extends CommonOptions {
  readonly passphraseFile?: string
}

/** Adds what a verb needs that uses the member's keys. */
export const asMember = (command: Command): Command =>
  common(
    command.option(
      '--passphrase-file <file>',
      'passphrase of the key file (default: TRIAS_PASSPHRASE, if set)',
    ),
  )

export const passphraseOf = async (options: MemberOptions): Promise<string | undefined> => {
  if (options.passphraseFile === undefined) return process.env.TRIAS_PASSPHRASE
  const { readText } = await import('../sdk/node/home.ts')
  return (await readText(options.passphraseFile, 'the passphrase file')).replace(/\r?\n$/, '')
}

export const openConnection = async (options: MemberOptions) => {
  const { connectHome } = await import('../sdk/node/home.ts')
  return connectHome(homeOf(options), { passphrase: await passphraseOf(options) })
}
