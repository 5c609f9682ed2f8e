/**
 * The tables of rules in docs/operating/locality.md, made from the rules themselves:
 *
 *   npx node infra/locality/reference.ts
 */
import { pathToFileURL } from 'node:url'
import { RULES_OF, RULES_OF_DIRECTORY } from './directory.ts'
import { LIVE_AWS_RULES } from './live-aws.ts'
import { LIVE_AZURE_RULES } from './live-azure.ts'
import type { RuleText } from './rule.ts'
import { SEPARATION_RULES } from './separation.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|')

const table = (title: string, rules: readonly RuleText[]): string => `### ${title}

| rule | proves | expected | provision |
|---|---|---|---|
${rules.map(({ id, proves, expected, law }) => `| \`${id}\` | ${[proves, expected, law].map(cell).join(' | ')} |`).join('\n')}
`

export const ruleTables = (): string =>
  [
    table('Any directory', RULES_OF_DIRECTORY),
    table('AWS', RULES_OF.aws),
    table('Azure', RULES_OF.azure),
    table('On-premises', RULES_OF.onprem),
    table('Separation of the parties', SEPARATION_RULES),
    table('What AWS itself says (`--live`)', LIVE_AWS_RULES),
    table('What Azure itself says (`--live`)', LIVE_AZURE_RULES),
  ].join('\n')

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(ruleTables())
