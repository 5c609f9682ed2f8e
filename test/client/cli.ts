/** Runs the real `trias` command in a process of its own, as a script would. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ENTRY = fileURLToPath(new URL('../../client/cli/main.ts', import.meta.url))

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export const trias = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  new Promise(done => {
    const { TRIAS_HOME: _home, TRIAS_PASSPHRASE: _passphrase, ...inherited } = process.env
    const child = execFile(
      process.execPath,
      [ENTRY, ...args],
      { env: { ...inherited, NO_COLOR: '1', ...env }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    )
    child.stdin?.end()
  })

/** The one JSON object on stdout of a verb that succeeded. */
export const triasJson = async (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> => {
  const { code, stdout, stderr } = await trias([...args, '--json'], env)
  if (code !== 0) throw new Error(`trias ${args.join(' ')} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as Record<string, unknown>
}
