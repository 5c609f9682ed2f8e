/** The stack of a party as its operator gets it: `npm run synth:aws`, with its checks, into a folder of its own. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { runProgram } from './run-program.ts'
import type { Template } from './template.ts'

const root = resolve(import.meta.dirname, '../..')
const SYNTH_MS = 180_000

export interface Synthesized {
  readonly name: string
  readonly region: string
  readonly template: Template
  /** The unpacked code of its functions. */
  readonly package: string
}

interface Artifact {
  readonly type: string
  readonly environment?: string
  readonly properties?: { readonly templateFile?: string }
}

/** The one asset of a stack is the package, under its hash. */
const packageOf = (directory: string, template: Template): string => {
  const keys = Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => (Properties?.Code as { S3Key: string }).S3Key)
  const [key, ...others] = new Set(keys)
  if (key === undefined || others.length > 0)
    throw new Error('the functions have more or less than one package')
  return join(directory, `asset.${key.replace(/\.zip$/, '')}`)
}

export const synthesize = async (
  directory: string,
  settings: readonly string[] = [],
): Promise<Synthesized> => {
  const { ok, output, lastLine } = await runProgram(
    process.execPath,
    [join(root, 'infra/aws/main.ts'), ...settings.flatMap(one => ['-c', one])],
    { timeoutMs: SYNTH_MS, env: { PATH: process.env.PATH, HOME: directory, CDK_OUTDIR: directory } },
  )
  if (!ok) throw new Error(`the stack cannot be synthesized: ${lastLine}\n${output}`)
  const { artifacts } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as {
    artifacts: Record<string, Artifact>
  }
  const [name, { environment, properties }] = Object.entries(artifacts).find(
    ([, { type }]) => type === 'aws:cloudformation:stack',
  ) as [string, Artifact]
  const template = JSON.parse(
    readFileSync(join(directory, properties?.templateFile as string), 'utf8'),
  ) as Template
  return {
    name,
    region: environment?.split('/').at(-1) as string,
    template,
    package: packageOf(directory, template),
  }
}
