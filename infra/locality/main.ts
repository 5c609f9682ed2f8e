/**
 * `npm run check:locality`: everything that `npm run synth` wrote, each directory against the home of its party, and then the
 * three against each other. Ends with code 1 when anything was found, and when a directory is missing.
 *
 *   npm run check:locality -- --aws eu-central-1 --azure germanywestcentral --onprem DE
 */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { InputError } from '../../shared/base/errors.ts'
import { examineDirectory, readTemplates } from './directory.ts'
import type { Finding } from './finding.ts'
import type { Home } from './home.ts'
import { checkSeparation } from './separation.ts'

const root = resolve(import.meta.dirname, '../..')

const { values } = parseArgs({
  options: {
    aws: { type: 'string', default: 'eu-central-1' },
    azure: { type: 'string', default: 'germanywestcentral' },
    onprem: { type: 'string', default: 'DE' },
  },
})

const PARTIES: readonly (readonly [directory: string, home: Home])[] = [
  ['cdk.out', { provider: 'aws', region: values.aws }],
  ['cdktf.out', { provider: 'azure', region: values.azure }],
  ['onprem.out', { provider: 'onprem', region: 'on-premises', countries: [values.onprem] }],
]

const say = (where: string, findings: readonly Finding[]): void => {
  for (const { rule, resource, expected, found } of findings)
    console.error(`${where}: ${rule} ${resource}\n  expected ${expected}, found ${found}`)
  if (findings.length > 0) process.exitCode = 1
}

try {
  for (const [directory, home] of PARTIES) {
    const { findings, files, looked } = await examineDirectory(join(root, directory), home)
    say(directory, findings)
    const places = [...looked.values()].reduce((sum, count) => sum + count, 0)
    console.log(`${directory}: ${files.length} files, ${places} places, ${findings.length} findings`)
  }
  const stacks = await Promise.all(
    PARTIES.map(async ([directory]) => ({
      party: directory,
      documents: await readTemplates(join(root, directory)),
    })),
  )
  const shared = checkSeparation(stacks)
  say('separation', shared)
  console.log(`separation: ${shared.length} findings`)
} catch (error) {
  if (!(error instanceof InputError)) throw error
  console.error([error.message, error.where, 'Run npm run synth first.'].filter(Boolean).join('\n  '))
  process.exitCode = 1
}
