/** A Python that runs LocalStack. Its package takes 3.10; its tags, and so its KMS, need what 3.13 brought. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from './run-program.ts'

const OLDEST = 13
/** The one that it was tried with comes first. */
const NAMES = ['python3.13', 'python3', 'python3.14']
const ASK_MS = 10_000

/** Those that a version manager keeps and does not put into the PATH. */
const managed = (home: string | undefined): readonly string[] => {
  const versions = join(home ?? '', '.pyenv/versions')
  if (home === undefined || !existsSync(versions)) return []
  return readdirSync(versions)
    .filter(name => /^3\.1[3-9]\./.test(name))
    .map(name => join(versions, name, 'bin/python3'))
}

/** Its path or name and its version; undefined where there is none. */
export const findPython = async (
  env: NodeJS.ProcessEnv,
): Promise<{ readonly program: string; readonly version: string } | undefined> => {
  for (const program of [...NAMES, ...managed(env.HOME)]) {
    // One without venv, as Debian splits it, is of no use.
    const code = 'import ensurepip, platform, venv; print(platform.python_version())'
    const { ok, output } = await runProgram(program, ['-c', code], { timeoutMs: ASK_MS, env })
    const [, major, minor] = /^(\d+)\.(\d+)\./.exec(output) ?? []
    if (ok && Number(major) === 3 && Number(minor) >= OLDEST) return { program, version: output }
  }
  return undefined
}
