/** The stack of a party with some settings, synthesized with a package that holds nothing. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { App, Validations } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { AwsSolutionsChecks } from 'cdk-nag'
import { stackNameOf } from '../../../infra/aws/names.ts'
import { PartyStack } from '../../../infra/aws/party-stack.ts'
import { readSettings } from '../../../infra/aws/settings.ts'

const root = resolve(import.meta.dirname, '../../..')
const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as {
  context: Record<string, unknown>
}

export interface Resource {
  readonly Type: string
  // biome-ignore lint/suspicious/noExplicitAny: the shape of a template is what the tests ask about
  readonly Properties: any
  readonly DeletionPolicy?: string
  readonly DependsOn?: string[]
}

export const synthesized = (settings: Readonly<Record<string, string>> = {}) => {
  const packageDirectory = mkdtempSync(join(tmpdir(), 'trias-package-'))
  writeFileSync(join(packageDirectory, 'http.mjs'), '')
  const app = new App({ context, analyticsReporting: false })
  const { countries: _, ...read } = readSettings({ account: '111122223333', ...settings })
  const stack = new PartyStack(app, stackNameOf(read.party), { ...read, packageDirectory })
  rmSync(packageDirectory, { recursive: true })
  const checks = new AwsSolutionsChecks(app)
  Validations.of(app).addPlugins(checks)
  const template = Template.fromStack(stack)
  const resources = template.toJSON().Resources as Record<string, Resource>
  return {
    stack,
    template,
    resources,
    checks,
    /** What the CDK would have to ask the account for. */
    missing: app.synth().manifest.missing,
    text: JSON.stringify(template.toJSON()),
    of: (type: string): [string, Resource][] =>
      Object.entries(resources).filter(([, { Type }]) => Type === type),
  }
}

export type Synthesized = ReturnType<typeof synthesized>
