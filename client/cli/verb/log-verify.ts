/** `trias log verify`: checks the chain of a party's log, from the party or from a file. */
import type { Command } from 'commander'
import { InputError } from '../../../shared/base/errors.ts'
import type { PartyIndex } from '../../../shared/sharing/shared.ts'
import type { VerifiedLog } from '../../sdk/log.ts'
import { print, verb } from '../command.ts'
import { asMember, type MemberOptions, openConnection } from '../member.ts'
import { UsageError } from '../outcome.ts'
import { count, green, plural, short } from '../style.ts'

interface Options extends MemberOptions {
  readonly party?: string
  readonly file?: string
  readonly save?: string
  readonly entries?: boolean
}

export const logVerify = (): Command =>
  asMember(
    verb('verify', 'Verify the hash chain of the parties’ logs, and the heads they signed', {
      description: `Fetches the log of each party (or of one), recomputes the chain from its first entry, and compares it with
every head that parties have signed. With --file it verifies a saved log without any network; without signed heads
a log that was cut at its end looks whole.`,
      examples: [
        'trias log verify',
        'trias log verify --party 1 --entries',
        'trias log verify --party 1 --save party-1.log.json',
        'trias log verify --file party-1.log.json',
      ],
    })
      .option('--party <index>', 'only this party')
      .option('--file <file>', 'a saved log instead: a JSON list of entries, or one entry a line')
      .option('--save <file>', 'keep the verified log in a file; with --party')
      .option('--entries', 'also print the entries'),
  ).action(async (options: Options) => {
    if (options.file !== undefined && options.party !== undefined)
      throw new UsageError('--file and --party exclude each other')
    if (options.save !== undefined && options.party === undefined)
      throw new UsageError('--save needs --party')
    const { verifyEntries } = await import('../../sdk/log.ts')
    if (options.file !== undefined) {
      const entries = await entriesIn(options.file)
      show([[options.file, verifyEntries(entries)]], options)
      return
    }
    if (options.party !== undefined && !['0', '1', '2'].includes(options.party))
      throw new UsageError('--party is 0, 1 or 2')
    const { fetchEntries, headsOf } = await import('../../sdk/log.ts')
    const connection = await openConnection(options)
    const parties = options.party === undefined ? ([0, 1, 2] as const) : [Number(options.party) as PartyIndex]
    const logs = await Promise.all(
      parties.map(async party => {
        // Heads first: the log only grows, so it reaches every head that was signed before.
        const heads = await headsOf(connection, party)
        return [`party ${party}`, verifyEntries(await fetchEntries(connection, party), heads)] as const
      }),
    )
    if (options.save !== undefined) {
      const { writePublic } = await import('../../sdk/node/home.ts')
      await writePublic(options.save, `${JSON.stringify(logs[0]?.[1].entries, null, 2)}\n`)
    }
    show(logs, options)
  })

/** A JSON list, an object with `entries`, or one entry a line. */
const entriesIn = async (file: string): Promise<readonly unknown[]> => {
  const { readText } = await import('../../sdk/node/home.ts')
  const text = await readText(file, 'the log')
  try {
    if (text.trimStart().startsWith('{') && text.trim().includes('\n{'))
      return text
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as unknown)
    const value = JSON.parse(text) as unknown
    if (Array.isArray(value)) return value
    const { entries } = value as { entries?: unknown }
    if (Array.isArray(entries)) return entries
  } catch {
    // Said below, for every way in which it is not a log.
  }
  throw new InputError('this is not a log', { where: file, hint: 'Save one with --party and --save.' })
}

const show = (logs: readonly (readonly [name: string, log: VerifiedLog])[], options: Options): void =>
  print(
    {
      json: {
        logs: logs.map(([name, { state, entries, heads }]) => ({
          log: name,
          entries: state.entries,
          head: state.head,
          heads: heads.map(({ head, witnesses }) => ({ entries: head.entries, witnesses })),
          ...(options.entries === true ? { list: entries } : {}),
        })),
      },
      text: logs
        .flatMap(([name, { state, entries, heads }]) => [
          `${green('holds')}  ${name}: ${count(state.entries)} entries, head ${short(state.head)}, ${plural(heads.length, 'signed head')}`,
          ...(options.entries === true
            ? entries.map(
                entry =>
                  `  ${String(entry.seq).padStart(4)}  ${entry.time}  ${entry.event.padEnd(20)} ${short(entry.subject)}  ${Object.entries(
                    entry.detail,
                  )
                    .map(([key, value]) => `${key}=${value}`)
                    .join(' ')}`,
              )
            : []),
        ])
        .join('\n'),
    },
    options,
  )
