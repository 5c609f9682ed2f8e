/** The party of a deployed stack: its own functions with their own limits and settings, on our Lambda host. */
import type { HostLog } from '../../functions/local/host/log.ts'
import type { LocalParty, LocalPartyConfig } from '../../functions/local/party/config.ts'
import { type PartyFunctionName, startPartyFunctions } from '../../functions/local/party/party-functions.ts'
import type { Deployed } from './deploy.ts'
import type { Synthesized } from './synthesize.ts'
import { environmentOutput, functionsIn, readEnvironment, type Template } from './template.ts'

/** The emulator names queues by a host of its own, which need not resolve here. */
const atEndpoint = (queueUrl: string, endpoint: string): string =>
  new URL(new URL(queueUrl).pathname, endpoint).href

const limitsIn = (template: Template) =>
  Object.fromEntries(
    Object.entries(functionsIn(template)).map(([name, properties]) => [
      name,
      {
        memoryMb: Number(properties.MemorySize),
        timeLimitS: Number(properties.Timeout),
        concurrency: Number(properties.ReservedConcurrentExecutions),
      },
    ]),
  ) as Parameters<typeof startPartyFunctions>[0]['limits']

/** Of the one rule, `rate(1 minute)`. */
const timerSIn = (template: Template): number => {
  const [rule, ...others] = Object.values(template.Resources).filter(
    ({ Type }) => Type === 'AWS::Events::Rule',
  )
  const [, minutes] = /^rate\((\d+) minutes?\)$/.exec(String(rule?.Properties?.ScheduleExpression)) ?? []
  if (minutes === undefined || others.length > 0)
    throw new Error('there is not one timer with a rate of minutes')
  return Number(minutes) * 60
}

/** What the stack gives its functions, with addresses that lead to the emulator. */
export const environmentOf = (
  name: PartyFunctionName,
  { outputs }: Deployed,
  endpoint: string,
): Readonly<Record<string, string>> => {
  const given = readEnvironment(outputs[environmentOutput(name)] as string)
  const lanes = (given.TRIAS_LANE_QUEUE_URLS as string).split(',').map(url => atEndpoint(url, endpoint))
  return {
    ...given,
    TRIAS_LANE_QUEUE_URLS: lanes.join(','),
    TRIAS_WAKE_QUEUE_URL: atEndpoint(given.TRIAS_WAKE_QUEUE_URL as string, endpoint),
    AWS_ENDPOINT_URL: endpoint,
  }
}

export const startDeployedParty = (
  { template, region, package: directory }: Synthesized,
  deployed: Deployed,
  endpoint: string,
  { port, deadlines, environment: more }: Pick<LocalPartyConfig, 'port' | 'deadlines' | 'environment'>,
  log: HostLog,
): Promise<LocalParty> => {
  const environment = environmentOf('worker', deployed, endpoint)
  return startPartyFunctions(
    {
      region,
      package: directory,
      environment: {
        ...environment,
        ...(deadlines === undefined ? {} : { TRIAS_DEADLINES: JSON.stringify(deadlines) }),
        ...more,
      },
      limits: limitsIn(template),
      port,
      wakeQueueUrl: environment.TRIAS_WAKE_QUEUE_URL as string,
      timerS: timerSIn(template),
    },
    log,
  )
}
