/** One language worker as the host sees it: a child process that loads the app and runs many invocations at a time. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { InputError, Unavailable } from '../../../shared/base/errors.ts'
import { endOf, spawnChild } from '../host/child.ts'
import type { HostLog } from '../host/log.ts'
import type { AzureHostConfig } from './config.ts'
import type { FromWorker, Invocation, RegisteredFunction, TypedData } from './protocol.ts'

export interface WorkerProcess {
  readonly pid: number
  /** The functions that the app registered. Rejects with InputError when it does not load. */
  readonly loaded: Promise<readonly RegisteredFunction[]>
  readonly exited: Promise<void>
  /** Invocations under way. */
  busy(): number
  /** What the function returned. Rejects when it threw, and with Unavailable when the process ended before. */
  invoke(name: string, data: TypedData, metadata: Record<string, TypedData>): Promise<TypedData | null>
  /** Ends the process at once, as a crash would. */
  kill(): void
}

const MODULE = join(import.meta.dirname, 'language-worker.ts')
const START_LIMIT_MS = 60_000

/** Some of what the platform sets, then the app settings. */
const environmentOf = ({ directory, region, settings }: AzureHostConfig): Record<string, string> => ({
  AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
  AzureWebJobsScriptRoot: directory,
  FUNCTIONS_EXTENSION_VERSION: '~4',
  FUNCTIONS_WORKER_RUNTIME: 'node',
  REGION_NAME: region,
  WEBSITE_HOSTNAME: 'localhost',
  WEBSITE_INSTANCE_ID: randomUUID(),
  WEBSITE_SITE_NAME: 'local',
  ...settings,
})

export const startWorkerProcess = (
  config: AzureHostConfig,
  timeLimitMs: number,
  log: HostLog,
): WorkerProcess => {
  const running = new Map<string, PromiseWithResolvers<TypedData | null>>()
  const loaded = Promise.withResolvers<readonly RegisteredFunction[]>()
  const exited = Promise.withResolvers<void>()
  const child = spawnChild({
    module: MODULE,
    nodeOptions: ['--enable-source-maps', `--max-old-space-size=${config.memoryMb}`],
    directory: config.directory,
    environment: environmentOf(config),
    tie: 'ipc',
    log,
  })
  const pid = child.pid ?? 0
  const kill = (): void => void child.kill('SIGKILL')
  const startDeadline = setTimeout(kill, START_LIMIT_MS)
  log.event('worker-started', { pid })

  const ended = (end: string): void => {
    clearTimeout(startDeadline)
    log.event('worker-ended', { pid, end })
    loaded.reject(new InputError(`the worker ended before the app was loaded: ${end}`))
    for (const { reject } of running.values()) reject(new Unavailable(`the worker ended: ${end}`))
    running.clear()
    exited.resolve()
  }
  child.once('exit', (code, signal) => ended(endOf(code, signal)))
  child.once('error', error => ended(String(error)))
  child.on('message', given => {
    const message = given as FromWorker
    if (message.kind === 'loaded') {
      clearTimeout(startDeadline)
      loaded.resolve(message.functions)
    } else if (message.kind === 'not-loaded') {
      loaded.reject(new InputError(`the app does not load: ${message.error}`, { where: config.directory }))
      kill()
    } else if (message.kind === 'done') running.get(message.id)?.resolve(message.result)
    else running.get(message.id)?.reject(new Error(message.error))
  })

  return {
    pid,
    loaded: loaded.promise,
    exited: exited.promise,
    busy: () => running.size,
    invoke: async (name, data, metadata) => {
      const invocation: Invocation = { id: randomUUID(), function: name, data, metadata }
      const result = Promise.withResolvers<TypedData | null>()
      running.set(invocation.id, result)
      const deadline = setTimeout(() => {
        log.event('function-timed-out', { function: name, pid, limitMs: timeLimitMs })
        kill()
      }, timeLimitMs)
      child.send(invocation, error => {
        if (error) result.reject(new Unavailable('the worker takes no more invocations', { cause: error }))
      })
      try {
        return await result.promise
      } finally {
        clearTimeout(deadline)
        running.delete(invocation.id)
      }
    },
    kill,
  }
}
