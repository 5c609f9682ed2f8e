/**
 * Synthesizes the party on Azure into cdktf.out, offline and without credentials: `npm run synth:azure -- --location
 * westeurope`, or `cdktf synth`, which runs this file. Ends with an error when our locality rules find anything in what was
 * written. Terraform takes it from there: docs/operating/deploy-azure.md.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { App } from 'cdktf'
import { InputError } from '../../shared/base/errors.ts'
import { checkAzureStack } from '../locality/azure.ts'
import type { Finding } from '../locality/finding.ts'
import { PartyStack } from './party-stack.ts'
import type { PartyProps } from './props.ts'
import { readSettings, SETTINGS } from './settings.ts'

const root = resolve(import.meta.dirname, '../..')
const outdir = resolve(root, process.env.CDKTF_OUTDIR ?? 'cdktf.out')

const settingsOfArguments = (): Record<string, unknown> => {
  try {
    return parseArgs({
      options: Object.fromEntries(SETTINGS.map(name => [name, { type: 'string' as const }])),
    }).values
  } catch (cause) {
    throw new InputError((cause as Error).message, {
      where: 'command line',
      hint: `There are ${SETTINGS.map(name => `--${name}`).join(', ')}.`,
      cause,
    })
  }
}

/**
 * What an earlier synthesis left, perhaps of another party, must not be taken for part of this one. Of the same party
 * Terraform's own files stay: they hold what `init` has downloaded.
 */
const clear = (id: string): void => {
  const stacks = join(outdir, 'stacks')
  if (!existsSync(stacks)) return
  for (const name of readdirSync(stacks))
    rmSync(join(stacks, name, ...(name === id ? ['cdk.tf.json'] : [])), { recursive: true, force: true })
}

const textOf = (findings: readonly Finding[]): string =>
  findings
    .map(({ rule, resource, expected, found }) => `${rule} ${resource}: expected ${expected}, found ${found}`)
    .join('\n  ')

/** Over what was written, since that is what Terraform reads. What breaks a rule does not stay there to be deployed. */
const check = (file: string, { location, countries, network }: PartyProps): void => {
  const all = checkAzureStack(
    JSON.parse(readFileSync(file, 'utf8')),
    { location, ...(countries === null ? {} : { countries }) },
    file,
  )
  // Whoever asks for a party without a network has asked for these, and is told so; a check of what is deployed says it again.
  const isAskedFor = ({ rule }: Finding): boolean => network === null && rule === 'AZ-PUBLIC-NETWORK'
  const accepted = all.filter(isAskedFor)
  if (accepted.length > 0) console.error(`accepted, because of --network public:\n  ${textOf(accepted)}`)
  const findings = all.filter(one => !isAskedFor(one))
  if (findings.length === 0) return
  rmSync(file)
  throw new InputError('the stack breaks the rules of locality', { hint: textOf(findings) })
}

const synthesize = (): void => {
  const own = settingsOfArguments()
  const { context } = JSON.parse(readFileSync(join(root, 'cdktf.json'), 'utf8'))
  // Without stack traces: they hold paths of this machine, and two machines would write different files.
  const app = new App({ outdir, context, stackTraces: false })
  const props = readSettings(
    Object.fromEntries(SETTINGS.map(name => [name, own[name] ?? app.node.tryGetContext(name)])),
  )
  const id = `trias-party-${props.party}`
  clear(id)
  new PartyStack(app, id, props)
  app.synth()
  check(join(outdir, 'stacks', id, 'cdk.tf.json'), props)
  console.log(`${id} in ${props.location}: ${join('cdktf.out', 'stacks', id)}`)
}

try {
  synthesize()
} catch (error) {
  if (!(error instanceof InputError)) throw error
  console.error([error.message, error.where, error.hint].filter(Boolean).join('\n  '))
  process.exitCode = 1
}
