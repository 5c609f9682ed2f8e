/** `trias refuse`: a no with its reason, which ends a request. */
import type { Command } from 'commander'
import { print, verb } from '../command.ts'
import { asMember, type MemberOptions, openConnection } from '../member.ts'
import { short } from '../style.ts'

interface Options extends MemberOptions {
  readonly reason: string
}

export const refuse = (): Command =>
  asMember(
    verb('refuse', 'Say no to a request; it ends at all three parties', {
      description: `Signs a refusal and sends it to the three parties. An owner whose data is read, or a data protection
officer, can refuse; the reason goes to everyone in the federation.`,
      examples: ['trias refuse latest --reason "the purpose does not cover bonuses"'],
    })
      .argument('<request>', 'digest, its beginning, or "latest"')
      .requiredOption('--reason <text>', 'why, for the analyst and the log'),
  ).action(async (name: string, options: Options) => {
    const sdk = await import('../../sdk/refuse.ts')
    const { request, digest } = await sdk.refuse(await openConnection(options), name, options.reason)
    print({ json: { request, refusal: digest }, text: `Refused: request ${short(request)}.` }, options)
  })
