/**
 * Synthesizes the party on AWS into cdk.out, offline and without credentials: `npm run synth:aws`, or through the CDK's
 * command, which runs this file. Ends with an error when cdk-nag, the schema of CloudFormation or our own locality rules
 * find anything in what was synthesized.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { App, Validations } from 'aws-cdk-lib'
import { RegionInfo } from 'aws-cdk-lib/region-info'
import { AwsSolutionsChecks } from 'cdk-nag'
import { bundle } from '../../functions/build/bundle.ts'
import { InputError } from '../../shared/base/errors.ts'
import { checkAwsTemplate } from '../locality/aws.ts'
import { stackNameOf } from './names.ts'
import { resourceControlPolicy, serviceControlPolicy } from './organization-policies.ts'
import { PartyStack } from './party-stack.ts'
import { readSettings, SETTINGS } from './settings.ts'

const root = resolve(import.meta.dirname, '../..')
/** A place of its own: whoever runs functions from dist/functions meanwhile must not find them gone. */
const PACKAGES = 'dist/infra'
const outdir = resolve(root, process.env.CDK_OUTDIR ?? 'cdk.out')

/** `-c name=value`, for whoever calls this file without the CDK's command. */
const contextOfArguments = (): Record<string, string> => {
  const { values } = parseArgs({ options: { context: { type: 'string', short: 'c', multiple: true } } })
  return Object.fromEntries(
    (values.context ?? []).map(pair => {
      const at = pair.indexOf('=')
      if (at < 1) throw new InputError('a setting is not of the form name=value', { where: `-c ${pair}` })
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

/** What an earlier synthesis left, perhaps of another party, must not be taken for part of this one. */
const clear = (): void => {
  if (!existsSync(join(outdir, 'cdk.out'))) return
  for (const name of readdirSync(outdir))
    if (!name.endsWith('.lock')) rmSync(join(outdir, name), { recursive: true })
}

const synthesize = async (): Promise<void> => {
  const own = contextOfArguments()
  const unknown = Object.keys(own).find(name => !SETTINGS.includes(name))
  if (unknown !== undefined)
    throw new InputError('there is no such setting', {
      where: `-c ${unknown}`,
      hint: `There are ${SETTINGS.join(', ')}.`,
    })
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'))
  const app = new App({ outdir, context: { ...context, ...own }, analyticsReporting: false })
  const { countries, ...settings } = readSettings(
    Object.fromEntries(SETTINGS.map(name => [name, app.node.tryGetContext(name)])),
  )
  const { directory } = await bundle('aws', join(root, PACKAGES))
  clear()
  const stack = new PartyStack(app, stackNameOf(settings.party), { ...settings, packageDirectory: directory })
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { verbose: true }))
  const { manifest, stacks } = app.synth()
  if (manifest.missing !== undefined)
    throw new Error(
      `the template holds values that only the account knows: ${JSON.stringify(manifest.missing)}`,
    )

  const home = {
    region: settings.region,
    accountId: settings.account,
    ...(countries === undefined ? {} : { countries }),
  }
  const findings = stacks.flatMap(one => checkAwsTemplate(one.template, home, one.templateFile))
  if (findings.length > 0)
    throw new InputError('the template breaks the rules of locality', {
      hint: findings
        .map(
          ({ rule, resource, expected, found }) =>
            `${rule} ${resource}: expected ${expected}, found ${found}`,
        )
        .join('\n  '),
    })

  const target = {
    partition: RegionInfo.get(settings.region).partition as string,
    region: settings.region,
    account: settings.account,
    stackName: stack.stackName,
  }
  mkdirSync(join(outdir, 'organization'), { recursive: true })
  for (const [name, policy] of [
    ['service-control-policy', serviceControlPolicy(target)],
    ['resource-control-policy', resourceControlPolicy(target)],
  ] as const)
    writeFileSync(join(outdir, 'organization', `${name}.json`), `${JSON.stringify(policy, null, 2)}\n`)
}

try {
  await synthesize()
} catch (error) {
  // Templates are written before they are checked; without its manifest the CDK's command does not deploy a folder.
  rmSync(join(outdir, 'manifest.json'), { force: true })
  if (!(error instanceof InputError)) throw error
  console.error([error.message, error.where, error.hint].filter(Boolean).join('\n  '))
  process.exitCode = 1
}
