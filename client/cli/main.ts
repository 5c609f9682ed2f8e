#!/usr/bin/env node
/** The `trias` command: parses the line, runs one verb, prints its outcome, turns errors into exit codes. */
import { CommanderError } from 'commander'
import { reportError } from './exit-code.ts'
import { UsageError } from './outcome.ts'
import { dashedValuesLast, program } from './program.ts'

// npm starts a script at the root of the package; a path means what it means where the user stands.
if (process.env.npm_lifecycle_event === 'trias' && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD)

const given = process.argv.slice(2)
const asJson = given.includes('--json')
// `trias help dataset push` is another way to say `trias dataset push --help`.
const line = given[0] === 'help' ? [...given.slice(1), '--help'] : given
// Whoever read the output has had enough, such as `head`.
process.stdout.on('error', error => process.exit((error as NodeJS.ErrnoException).code === 'EPIPE' ? 0 : 1))

try {
  await program.parseAsync(dashedValuesLast(line), { from: 'user' })
} catch (error) {
  if (!(error instanceof CommanderError)) process.exitCode = reportError(error, asJson)
  else if (error.exitCode !== 0) {
    const message = error.message.replace(/^error: /, '')
    // A group without its verb: commander has already printed the help, nothing more to say.
    const isHelp = error.code === 'commander.help'
    process.exitCode = isHelp
      ? 2
      : reportError(
          new UsageError(message, 'Try --help after the verb for its options and examples.'),
          asJson,
        )
  }
}
