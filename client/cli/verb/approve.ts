/** `trias approve`: an owner reads a request, verified here, and signs it. */
import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { homeOf, print, verb } from '../command.ts'
import { asMember, type MemberOptions, openConnection } from '../member.ts'
import { UsageError } from '../outcome.ts'
import { harmless, short, wrapLines } from '../style.ts'

interface Options extends MemberOptions {
  readonly yes?: boolean
  readonly acceptMargins?: boolean
}

export const approve = (): Command =>
  asMember(
    verb('approve', 'Read a request, and sign that it may run over your data', {
      description: `Verifies the request and the offers of the three parties, compiles the SQL here and compares the plan
and the disclosure with what the parties offer. Then shows in plain words what you would sign, and asks. Your
approval carries the keys to your shares for this one run, sealed to each party.`,
      examples: ['trias approve latest', 'trias approve 3fJk2LqP --yes --json'],
    })
      .argument('<request>', 'digest, its beginning, or "latest"')
      .option('--yes', 'sign without asking; for scripts that have decided by themselves')
      .option(
        '--accept-margins',
        'sign although this report and an earlier one are a table and its margins, which uncovers suppressed cells',
      ),
  ).action(async (name: string, options: Options) => {
    if (options.yes !== true && (options.json === true || !process.stdin.isTTY))
      throw new UsageError(
        'nobody can be asked here',
        'Look with `trias request show`, then approve with --yes.',
      )
    const sdk = await import('../../sdk/approve.ts')
    const { plainText } = await import('../../../shared/governance/plain-words.ts')
    const { readLock } = await import('../../sdk/node/home.ts')
    const connection = await openConnection(options)
    const reviewed = await sdk.review(connection, name)
    const words = wrapLines(plainText(reviewed.answers))
    if (options.yes !== true) {
      process.stdout.write(`${harmless(words)}\n\n`)
      if (!(await confirm(`Sign as ${connection.member.name}? Type yes: `))) {
        print(
          { json: { approved: false }, text: 'Nothing was signed. To say no for good: trias refuse' },
          options,
        )
        return
      }
    }
    const { digest, document } = await sdk.approve(
      connection,
      reviewed,
      version => readLock(homeOf(options), version),
      { acceptMargins: options.acceptMargins === true },
    )
    print(
      {
        json: {
          approved: true,
          approval: digest,
          request: document.request,
          owner: document.owner,
          planDigest: document.planDigest,
          disclosureDigest: document.disclosureDigest,
          versions: reviewed.own,
        },
        text: `${options.yes === true ? `${words}\n\n` : ''}Approved by ${document.owner}: request ${short(document.request)}, approval ${short(digest)}.`,
      },
      options,
    )
  })

const confirm = async (question: string): Promise<boolean> => {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await terminal.question(question)).trim().toLowerCase() === 'yes'
  } finally {
    terminal.close()
  }
}
