/** A Lambda host: pools of function instances, and what invokes them. */
import { statSync } from 'node:fs'
import { InputError } from '../../../shared/base/errors.ts'
import type { HostLog } from '../host/log.ts'
import type { LambdaHostConfig } from './config.ts'
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
  const pools = new Map(functions.map(one => [one.name, createPool(one, region, log)]))
  const pool = (name: string): Pool => {
    const found = pools.get(name)
    if (found === undefined) throw new InputError(`there is no function ${name}`)
    return found
  }
  const front =
    url === undefined
      ? undefined
      : await serveFunctionUrl(url.port, event => pool(url.function).invoke(event))
  const sources = [
    ...queues.map(queue => startQueueSource(queue, region, event => pool(queue.function).invoke(event), log)),
    ...schedules.map(rule =>
      startScheduleSource(rule, region, event => pool(rule.function).invoke(event), log),
    ),
  ]
  return {
    url: front && `http://127.0.0.1:${front.port}`,
    invoke: async (name, event) => JSON.parse(await pool(name).invoke(event)),
    instances: () => [...pools.values()].flatMap(one => one.instances()),
    kill: name => pool(name).kill(),
    close: async () => {
      const stopping = sources.map(source => source.stop())
      await front?.close()
      await Promise.all([...pools.values()].map(one => one.close()))
      await Promise.all(stopping)
    },
  }
}
