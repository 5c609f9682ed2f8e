/** A Lambda host: pools of function instances, and what invokes them. */
import { statSync } from 'node:fs'
import { InputError } from '../../../shared/base/errors.ts'
import type { EventSource } from '../host/event-source.ts'
import type { Listening } from '../host/listen.ts'
import type { HostLog } from '../host/log.ts'
import type { FunctionConfig, LambdaHostConfig } from './config.ts'
import { serveFunctionUrl } from './function-url.ts'
import { createPool, type InstanceState, type Pool } from './pool.ts'
import { startQueueSource } from './queue-source.ts'
import { startScheduleSource } from './schedule-source.ts'

export interface LambdaHost {
  /** Of the Function URL, if there is one. */
  readonly url: string | undefined
  /** One invocation, as the Invoke API makes it. Rejects with FunctionError. */
  invoke(name: string, event: unknown): Promise<unknown>
  instances(): readonly InstanceState[]
  /** SIGKILL to every instance of a function; their process ids. What they were doing fails, as when a machine dies. */
  kill(name: string): readonly number[]
  close(): Promise<void>
}

/** Throws InputError. */
export const startLambdaHost = async (config: LambdaHostConfig, log: HostLog): Promise<LambdaHost> => {
  const { region, functions, url, queues, schedules } = config
  for (const { name, directory } of functions)
    if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory())
      throw new InputError(`the function ${name} has no code`, {
        where: directory,
        hint: 'npm run build:functions',
      })
  const pools = new Map(functions.map(one => [one.name, { one, pool: createPool(one, region, log) }]))
  const of = (name: string): { readonly one: FunctionConfig; readonly pool: Pool } => {
    const found = pools.get(name)
    if (found === undefined) throw new InputError(`there is no function ${name}`)
    return found
  }
  const sources: EventSource[] = []
  let front: Listening | undefined
  const close = async (): Promise<void> => {
    const stopping = sources.map(source => source.stop())
    await front?.close()
    await Promise.all([...pools.values()].map(({ pool }) => pool.close()))
    await Promise.all(stopping)
  }
  try {
    for (const queue of queues) {
      const { one, pool } = of(queue.function)
      sources.push(await startQueueSource(queue, one, region, pool.invoke, log))
    }
    for (const rule of schedules)
      sources.push(startScheduleSource(rule, region, of(rule.function).pool.invoke, log))
    if (url !== undefined) front = await serveFunctionUrl(url.port, of(url.function).pool.invoke)
  } catch (error) {
    await close()
    throw error
  }
  return {
    url: front && `http://127.0.0.1:${front.port}`,
    invoke: async (name, event) => JSON.parse(await of(name).pool.invoke(event)),
    instances: () => [...pools.values()].flatMap(({ pool }) => pool.instances()),
    kill: name => of(name).pool.kill(),
    close,
  }
}
