/** One way to declare a verb: summary, examples, `--home` and `--json`, and an action that returns an outcome. */
import { resolve } from 'node:path'
import { Command } from 'commander'
import { EXIT_CODES } from './exit-code.ts'
import type { Outcome } from './outcome.ts'
import { harmless } from './style.ts'

export interface CommonOptions {
  readonly home?: string
  readonly json?: boolean
}

/** The state directory: --home, else TRIAS_HOME, else .trias in the current directory. */
export const homeOf = (options: CommonOptions): string =>
  resolve(options.home ?? process.env.TRIAS_HOME ?? '.trias')

const exitCodeHelp = EXIT_CODES.map(([code, meaning]) => `  ${code}  ${meaning}`).join('\n')

/** Help is laid out for a terminal of 100 columns, wider when there is one. */
const helpWidth = (): number => Math.max(100, Math.min(120, process.stdout.columns ?? 100))

/** A verb or a group of verbs. Everything wrong with the command line is thrown, never printed by commander. */
const bare = (name: string, summary: string): Command =>
  new Command(name)
    .summary(summary)
    .exitOverride()
    .configureOutput({ outputError: () => {}, getOutHelpWidth: helpWidth, getErrHelpWidth: helpWidth })
    .showHelpAfterError(false)

export const group = (name: string, summary: string, verbs: readonly Command[]): Command => {
  const command = bare(name, summary).description(`${summary}.`).helpCommand(false)
  for (const verb of verbs) command.addCommand(verb)
  return command
}

export const verb = (
  name: string,
  summary: string,
  about: { readonly description: string; readonly examples: readonly string[] },
): Command =>
  bare(name, summary)
    .description(about.description.replaceAll('\n', ' '))
    .addHelpText('after', `\nExamples:\n${about.examples.map(line => `  $ ${line}`).join('\n')}\n`)
    .addHelpText('after', `Exit codes:\n${exitCodeHelp}`)

/** Adds the options that every verb has; called last, so that they end the list. */
export const common = (command: Command): Command =>
  command
    .option('--home <dir>', 'state directory: keys, locks, profile (default: TRIAS_HOME or .trias)')
    .option('--json', 'print one JSON object on stdout, and errors as JSON on stderr')

/** Prints what the verb returns. */
export const print = (outcome: Outcome, options: CommonOptions): void => {
  if (options.json === true) process.stdout.write(`${JSON.stringify(outcome.json)}\n`)
  else if (outcome.raw !== undefined) process.stdout.write(outcome.raw)
  else if (outcome.text !== '') process.stdout.write(`${harmless(outcome.text.trimEnd())}\n`)
}

/** `--member a --member b` → ['a', 'b']. */
export const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
]
