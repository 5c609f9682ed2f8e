/**
 * The reference page of the command line, made from the same definitions as its help:
 *
 *   npx node client/cli/reference.ts > docs/reference/cli.md
 */
import { pathToFileURL } from 'node:url'
import type { Command } from 'commander'
import { EXIT_CODES } from './exit-code.ts'
import { program } from './program.ts'

const leaves = (command: Command, path: readonly string[] = []): readonly (readonly [string, Command])[] =>
  command.commands.length === 0
    ? [[path.join(' '), command]]
    : command.commands.flatMap(one => leaves(one, [...path, one.name()]))

const cell = (text: string): string => text.replaceAll('|', '\\|')

const helpOf = (command: Command): string => {
  let text = ''
  const keep = (part: string): void => {
    text += part
  }
  command.configureOutput({ writeOut: keep })
  command.outputHelp()
  return text
}

const page = ([path, command]: readonly [string, Command]): string => {
  const examples = [...helpOf(command).matchAll(/^ {2}\$ (.*)$/gm)].map(([, example]) => example)
  const usage = `trias ${path} ${command.usage()}`
  const options = command.options.map(option => `| \`${cell(option.flags)}\` | ${cell(option.description)} |`)
  const values = command.registeredArguments.map(
    argument =>
      `| \`${argument.required ? `<${argument.name()}>` : `[${argument.name()}]`}\` | ${cell(argument.description)} |`,
  )
  return `## ${path}

\`${usage}\`

${command.description()}

| argument, option | meaning |
|---|---|
${[...values, ...options].join('\n')}

\`\`\`sh
${examples.join('\n')}
\`\`\`
`
}

export const reference = (): string => `# The \`trias\` command

Made from the definitions in \`client/cli\` by \`npx node client/cli/reference.ts\`; a test keeps it up to date.
Run it as \`npm run trias -- <verb>\`. A result goes to stdout, errors and progress go to stderr; with \`--json\` stdout
is exactly one JSON object, and an error is one JSON object on stderr:
\`{"error": {code, kind, message, rule?, where?, hint?, details?}}\`.

| exit code | meaning |
|---|---|
${EXIT_CODES.map(([code, meaning]) => `| ${code} | ${meaning} |`).join('\n')}

The state directory (\`--home\`, else \`TRIAS_HOME\`, else \`.trias\`) holds \`profile.json\`, \`key.json\` and \`locks/\` (secret,
mode 0600), \`card.json\` (public keys, to give away) and \`federation.json\`. Back it up: without the lock of a dataset
version nobody can approve a request over it.

${leaves(program).map(page).join('\n')}`

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(reference())
