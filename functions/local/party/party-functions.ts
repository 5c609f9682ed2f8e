/** The three functions of a party on AWS on this machine's Lambda host, over tables, queues and a secret that are there, wherever. */
import type { HostLog } from '../host/log.ts'
import type { LambdaHostConfig } from '../lambda-host/config.ts'
import { startLambdaHost } from '../lambda-host/start.ts'
import type { LocalParty } from './config.ts'

export type PartyFunctionName = 'http' | 'worker' | 'timer'

interface PartyFunctionsConfig {
  readonly region: string
  /** The unpacked deployment package. */
  readonly package: string
  /** Of each function alike; without what Lambda sets by itself. */
  readonly environment: Readonly<Record<string, string>>
  readonly limits: Readonly<
    Record<
      PartyFunctionName,
      { readonly memoryMb: number; readonly timeLimitS: number; readonly concurrency: number }
    >
  >
  /** Of the front on loopback; 0 takes a free one. */
  readonly port: number
  /** What the worker is called from; its origin is the endpoint of SQS. */
  readonly wakeQueueUrl: string
  readonly timerS: number
}

export const startPartyFunctions = async (
  { region, package: directory, environment, limits, port, wakeQueueUrl, timerS }: PartyFunctionsConfig,
  log: HostLog,
): Promise<LocalParty> => {
  const functions: LambdaHostConfig['functions'] = Object.entries(limits).map(([name, its]) => ({
    name,
    directory,
    handler: `${name}.handler`,
    environment: { ...environment },
    ...its,
  }))
  const host = await startLambdaHost(
    {
      region,
      functions,
      url: { function: 'http', port },
      queues: [
        {
          function: 'worker',
          queueUrl: wakeQueueUrl,
          batchSize: 1,
          maximumConcurrency: Math.max(2, limits.worker.concurrency),
        },
      ],
      schedules: [{ function: 'timer', everyS: timerS }],
    },
    log,
  )
  return {
    url: host.url as string,
    killWorkers: () => host.kill('worker'),
    workerPids: () =>
      host
        .instances()
        .filter(one => one.function === 'worker')
        .map(({ pid }) => pid),
    close: () => host.close(),
  }
}
