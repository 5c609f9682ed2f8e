/** An Azure Functions host: the worker processes of one app, and what invokes its functions. */
import { InputError } from '../../../shared/base/errors.ts'
import type { EventSource } from '../host/event-source.ts'
import type { HostLog } from '../host/log.ts'
import type { AzureHostConfig } from './config.ts'
import { readHostJson } from './host-json.ts'
import { serveHttpTriggers } from './http-front.ts'
import type { RegisteredFunction } from './protocol.ts'
import { startQueueTrigger } from './queue-trigger.ts'
import { startTimerTrigger } from './timer-trigger.ts'
import { startWorkers, type WorkerState } from './workers.ts'

export interface AzureHost {
  readonly url: string
  workers(): readonly WorkerState[]
  /** SIGKILL to every worker; their process ids. They are replaced at once; what they were doing fails. */
  kill(): readonly number[]
  close(): Promise<void>
}

/** `%NAME%` in a binding stands for an app setting. */
const resolve = (text: string, settings: Readonly<Record<string, string>>): string =>
  text.replace(/%(\w+)%/g, (_, name: string) => {
    const value = settings[name]
    if (value === undefined) throw new InputError(`there is no app setting ${name}`, { where: text })
    return value
  })

const connectionStringOf = (connection: string, settings: Readonly<Record<string, string>>): string => {
  const value = settings[`AzureWebJobs${connection}`] ?? settings[connection]
  if (value === undefined)
    throw new InputError(`there is no app setting ${connection} with a connection string`, {
      hint: 'the local host knows no managed identities',
    })
  return value
}

/** Throws InputError: of the app, its `host.json` or its settings. */
export const startAzureHost = async (config: AzureHostConfig, log: HostLog): Promise<AzureHost> => {
  const { directory, settings, port, timersEveryS, messageLeaseS } = config
  const hostJson = readHostJson(directory)
  const workers = await startWorkers(config, hostJson.timeLimitMs, log)

  const sourceOf = ({ name, trigger }: RegisteredFunction): EventSource[] => {
    switch (trigger.type) {
      case 'httpTrigger':
        return []
      case 'queueTrigger':
        return [
          startQueueTrigger({
            function: name,
            queue: resolve(trigger.queueName ?? '', settings),
            connectionString: connectionStringOf(trigger.connection ?? 'AzureWebJobsStorage', settings),
            settings: hostJson.queues,
            leaseS: messageLeaseS,
            workers,
            log,
          }),
        ]
      case 'timerTrigger':
        return [
          startTimerTrigger(name, timersEveryS ?? resolve(trigger.schedule ?? '', settings), workers, log),
        ]
      default:
        throw new InputError(`the local host has no ${trigger.type}, which the function ${name} needs`)
    }
  }
  const sources: EventSource[] = []
  try {
    const front = await serveHttpTriggers(port, hostJson.routePrefix, workers, log)
    for (const one of workers.functions) sources.push(...sourceOf(one))
    return {
      url: `http://127.0.0.1:${front.port}`,
      workers: workers.list,
      kill: workers.kill,
      close: async () => {
        const stopping = sources.map(source => source.stop())
        await front.close()
        await workers.close()
        await Promise.all(stopping)
      },
    }
  } catch (error) {
    for (const source of sources) void source.stop()
    await workers.close()
    throw error
  }
}
