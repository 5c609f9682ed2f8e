/** The stacks as `npm run synth` writes them, into a directory of the test. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../../..')

// biome-ignore lint/suspicious/noExplicitAny: mutations reach into templates at will, and a wrong reach throws.
export type Template = Record<string, any>

const run = (main: string, variable: string): string => {
  const directory = mkdtempSync(join(tmpdir(), 'trias-locality-'))
  execFileSync(process.execPath, [join(root, main)], {
    cwd: root,
    env: { ...process.env, [variable]: directory },
    stdio: 'pipe',
  })
  return directory
}

export const synthesizeAws = (): string => run('infra/aws/main.ts', 'CDK_OUTDIR')
export const synthesizeAzure = (): string => run('infra/azure/main.ts', 'CDKTF_OUTDIR')

export const readJson = (...path: readonly string[]): Template =>
  JSON.parse(readFileSync(join(...path), 'utf8'))
