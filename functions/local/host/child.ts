/**
 * A child process of a local host, in which functions run. Its environment is what is given and nothing else, as in a
 * cloud; what it prints goes to the log line by line; it ends when the host does, however that ends.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { HostLog } from './log.ts'

interface ChildOptions {
  /** The module to run, as a path. */
  readonly module: string
  readonly nodeOptions: readonly string[]
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  /** `stdin`: the child holds the other end of a pipe; `ipc`: of a message channel. Either breaks when the host ends. */
  readonly tie: 'stdin' | 'ipc'
  readonly log: HostLog
}

export const spawnChild = ({
  module,
  nodeOptions,
  directory,
  environment,
  tie,
  log,
}: ChildOptions): ChildProcess => {
  const stdio: StdioOptions = tie === 'ipc' ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['pipe', 'pipe', 'pipe']
  const child = spawn(process.execPath, [...nodeOptions, module], {
    cwd: directory,
    env: { ...environment },
    stdio,
    serialization: 'advanced',
  })
  for (const stream of [child.stdout, child.stderr] as Readable[])
    createInterface({ input: stream }).on('line', log.line)
  // A child that is gone breaks the pipe; its end is reported by `exit`.
  child.stdin?.on('error', () => {})
  return child
}

/** How a process ended, for a log line. */
export const endOf = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal === null ? `exit status ${code}` : `signal ${signal}`
