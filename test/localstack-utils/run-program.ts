/** A program that is waited for. */
import { execFile } from 'node:child_process'

interface Ran {
  readonly ok: boolean
  readonly output: string
  /** The last line that it had to say, for a reason that fits into one. */
  readonly lastLine: string
}

export const runProgram = (
  program: string,
  args: readonly string[],
  { timeoutMs, env = process.env }: { readonly timeoutMs: number; readonly env?: NodeJS.ProcessEnv },
): Promise<Ran> =>
  new Promise(resolve => {
    execFile(
      program,
      args,
      { timeout: timeoutMs, env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const said = (stderr || stdout).trim() || (error?.message ?? '')
        resolve({ ok: error === null, output: stdout.trim(), lastLine: said.split('\n').at(-1) as string })
      },
    )
  })
