/** The instances of one function: warm ones are used again, new ones start up to the concurrency, the rest is throttled. */
import type { HostLog } from '../host/log.ts'
import type { FunctionConfig } from './config.ts'
import { FunctionError } from './function-error.ts'
import { type Instance, startInstance } from './instance.ts'
import { PAYLOAD_BYTES_MAX } from './limits.ts'

export interface InstanceState {
  readonly function: string
  readonly pid: number
  readonly busy: boolean
}

export interface Pool {
  /** The response as JSON text. Rejects with FunctionError. */
  invoke(event: unknown): Promise<string>
  instances(): readonly InstanceState[]
  /** SIGKILL to every instance; their process ids. */
  kill(): readonly number[]
  close(): Promise<void>
}

export const createPool = (config: FunctionConfig, region: string, log: HostLog): Pool => {
  const idle: Instance[] = []
  const alive = new Map<Instance, { busy: boolean }>()
  const starting = new Set<Promise<Instance>>()
  let busy = 0
  let closed = false

  const start = async (): Promise<Instance> => {
    const started = startInstance(config, region, log)
    starting.add(started)
    const instance = await started.finally(() => starting.delete(started))
    if (closed) instance.kill()
    alive.set(instance, { busy: true })
    void instance.exited.then(() => alive.delete(instance))
    return instance
  }
  const run = async (payload: Buffer): Promise<string> => {
    // The one that was used last is the warmest, and the others can be let go.
    let instance = idle.pop()
    while (instance !== undefined && !instance.usable()) instance = idle.pop()
    instance ??= await start()
    const state = alive.get(instance)
    if (state !== undefined) state.busy = true
    try {
      const response = await instance.invoke(payload)
      return response.toString()
    } finally {
      if (state !== undefined) state.busy = false
      if (instance.usable()) idle.push(instance)
    }
  }
  return {
    invoke: async event => {
      const payload = Buffer.from(JSON.stringify(event))
      if (payload.length > PAYLOAD_BYTES_MAX)
        throw new FunctionError('RequestTooLarge', `a request has at most ${PAYLOAD_BYTES_MAX} bytes`)
      if (busy >= config.concurrency) throw new FunctionError('TooManyRequests', 'rate exceeded')
      busy++
      try {
        return await run(payload)
      } finally {
        busy--
      }
    },
    instances: () => [...alive].map(([{ pid }, state]) => ({ function: config.name, pid, busy: state.busy })),
    kill: () => {
      const killed = [...alive.keys()]
      for (const instance of killed) instance.kill()
      return killed.map(({ pid }) => pid)
    },
    close: async () => {
      closed = true
      await Promise.allSettled(starting)
      await Promise.all(
        [...alive.keys()].map(instance => {
          instance.kill()
          return instance.exited
        }),
      )
    },
  }
}
