/** The locality of one synthesized CloudFormation template, and of the assembly that says where it goes. */
import { AWS_RULES } from './aws-rules.ts'
import { nameInTemplate, readTemplate } from './aws-template.ts'
import type { Finding } from './finding.ts'
import type { Home } from './home.ts'
import { at, objectOf, shown } from './json.ts'
import { TRANSFER } from './law.ts'
import { type Examination, examine, type Rule } from './rule.ts'

export type AwsHome = Omit<Home, 'provider'>

export const examineAwsTemplate = (template: unknown, home: AwsHome, file?: string): Examination =>
  examine(AWS_RULES, readTemplate(template, { ...home, provider: 'aws' }), nameInTemplate, file)

export const checkAwsTemplate = (template: unknown, home: AwsHome, file?: string): readonly Finding[] =>
  examineAwsTemplate(template, home, file).findings

interface Assembly {
  readonly manifest: unknown
  readonly home: AwsHome
}

/** `aws://account/region` of every stack in the manifest of an assembly. */
export const stacksOf = (
  manifest: unknown,
): readonly { readonly id: string; readonly environment: string; readonly template: string }[] =>
  Object.entries(objectOf(at(manifest, 'artifacts')))
    .filter(([, artifact]) => at(artifact, 'type') === 'aws:cloudformation:stack')
    .map(([id, artifact]) => ({
      id,
      environment: String(at(artifact, 'environment')),
      template: String(at(artifact, 'properties', 'templateFile')),
    }))

export const ASSEMBLY_RULES: readonly Rule<Assembly>[] = [
  {
    id: 'AWS-STACK-REGION',
    proves: 'Every stack is bound to the home region and account before it is deployed',
    expected: 'aws://account/home region, both written out',
    law: TRANSFER,
    *look({ manifest, home }) {
      const stacks = stacksOf(manifest)
      if (stacks.length === 0) yield { path: ['manifest'], holds: false, found: 'no stack' }
      for (const { id, environment } of stacks) {
        const [, account, region] = /^aws:\/\/(\d{12})\/([a-z0-9-]+)$/.exec(environment) ?? []
        yield {
          path: [id, 'environment'],
          holds: region === home.region && (home.accountId === undefined || account === home.accountId),
          found: shown(environment),
        }
      }
    },
  },
  {
    id: 'AWS-MISSING-CONTEXT',
    proves: 'No value of the template was left to a look-up in an account',
    expected: 'nothing missing',
    law: TRANSFER,
    *look({ manifest }) {
      const missing = at(manifest, 'missing')
      yield { path: ['missing'], holds: missing === undefined, found: shown(missing) }
    },
  },
]

export const examineAwsAssembly = (manifest: unknown, home: AwsHome, file?: string): Examination =>
  examine(ASSEMBLY_RULES, { manifest, home }, path => path.join('.'), file)
