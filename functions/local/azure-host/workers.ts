/** The worker processes of an app: each that ends is replaced. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Unavailable } from '../../../shared/base/errors.ts'
import type { HostLog } from '../host/log.ts'
import type { AzureHostConfig } from './config.ts'
import type { RegisteredFunction } from './protocol.ts'
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts'

export interface WorkerState {
  readonly pid: number
  /** Invocations under way. */
  readonly busy: number
}

export interface Workers {
  readonly functions: readonly RegisteredFunction[]
  /** As of a worker; waits while none is ready. */
  readonly invoke: WorkerProcess['invoke']
  list(): readonly WorkerState[]
  /** SIGKILL to every worker; their process ids. */
  kill(): readonly number[]
  close(): Promise<void>
}

const RESTART_PAUSE_MS = 200

/** Throws InputError when the app does not load. */
export const startWorkers = async (
  config: AzureHostConfig,
  timeLimitMs: number,
  log: HostLog,
): Promise<Workers> => {
  const alive = new Set<WorkerProcess>()
  const ready = new Set<WorkerProcess>()
  const waiting: PromiseWithResolvers<WorkerProcess>[] = []
  let closed = false

  const start = (): WorkerProcess => {
    const worker = startWorkerProcess(config, timeLimitMs, log)
    alive.add(worker)
    worker.loaded.then(
      () => {
        ready.add(worker)
        for (const { resolve } of waiting.splice(0)) resolve(worker)
      },
      error => log.event('worker-failed', { pid: worker.pid, error: String(error) }),
    )
    void worker.exited.then(async () => {
      alive.delete(worker)
      ready.delete(worker)
      await sleep(RESTART_PAUSE_MS)
      if (!closed) start()
    })
    return worker
  }
  const pick = async (): Promise<WorkerProcess> => {
    const [first, ...others] = ready
    if (first === undefined) {
      if (closed) throw new Unavailable('the host is closed')
      const next = Promise.withResolvers<WorkerProcess>()
      waiting.push(next)
      return next.promise
    }
    return others.reduce((least, one) => (one.busy() < least.busy() ? one : least), first)
  }
  const kill = (): readonly number[] => {
    const killed = [...alive]
    for (const worker of killed) {
      // Not one more invocation for a process that is on its way out.
      ready.delete(worker)
      worker.kill()
    }
    return killed.map(({ pid }) => pid)
  }
  const close = async (): Promise<void> => {
    closed = true
    for (const { reject } of waiting.splice(0)) reject(new Unavailable('the host is closed'))
    const ending = [...alive].map(({ exited }) => exited)
    kill()
    await Promise.all(ending)
  }

  const first = Array.from({ length: config.workers }, start)
  try {
    const [functions = []] = await Promise.all(first.map(({ loaded }) => loaded))
    return {
      functions,
      invoke: async (name, data, metadata) => (await pick()).invoke(name, data, metadata),
      list: () => [...alive].map(worker => ({ pid: worker.pid, busy: worker.busy() })),
      kill,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
