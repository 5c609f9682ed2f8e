/** The Lambda host: real instances, Lambda's environment and limits, a Function URL, an SQS mapping and a schedule. */
import { createHash, randomBytes } from 'node:crypto'
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { ScheduledEvent } from 'aws-lambda'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type SqsEmulator, startSqs } from '../../../functions/local/emulator/sqs.ts'
import { hostLog } from '../../../functions/local/host/log.ts'
import { lambdaHostSchema } from '../../../functions/local/lambda-host/config.ts'
import { type LambdaHost, startLambdaHost } from '../../../functions/local/lambda-host/start.ts'
import { waitFor } from '../../support/federation.ts'

const MIB = 1024 * 1024
const hosts: LambdaHost[] = []
let lines: string[] = []
afterEach(async () => {
  await Promise.all(hosts.splice(0).map(host => host.close()))
  lines = []
})

type Config = typeof lambdaHostSchema._zod.input
const start = async (
  name: string,
  settings: object = {},
  sources: Partial<Config> = {},
): Promise<LambdaHost> => {
  const handler = name === 'broken' ? 'lambda-broken-handler.handler' : `lambda-handlers.${name}`
  const host = await startLambdaHost(
    lambdaHostSchema.parse({
      functions: [{ name, handler, directory: import.meta.dirname, ...settings }],
      ...sources,
    }),
    hostLog('lambda-host', line => lines.push(line.trimEnd())),
  )
  hosts.push(host)
  return host
}
/** What handlers printed as JSON, without the host's own events. */
const printed = <T>(): T[] =>
  lines.filter(line => line.startsWith('{') && !line.includes('"host"')).map(line => JSON.parse(line))
const events = (name: string): Record<string, unknown>[] =>
  lines.filter(line => line.includes(`"event":"${name}"`)).map(line => JSON.parse(line))
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

interface Inspected {
  readonly pid: number
  readonly invocations: number
  readonly remainingMs: number
  readonly context: Record<string, string>
  readonly environment: Record<string, string>
  readonly directory: string
  readonly nodeOptions: string[]
}

test('a Function URL carries binary bodies up to what fits into an event, and refuses more', async () => {
  const host = await start('echo', { memoryMb: 512 }, { url: { function: 'echo' } })
  for (const size of [1, 70_000, Math.floor(4.4 * MIB)]) {
    const body = randomBytes(size)
    const answer = await fetch(`${host.url}/v1/frames`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/octet-stream' },
    })
    expect(answer.status).toBe(200)
    expect(sha256(await answer.bytes())).toBe(sha256(body))
  }
  const tooLarge = await fetch(`${host.url}/v1/frames`, { method: 'POST', body: randomBytes(4.7 * MIB) })
  expect(tooLarge.status).toBe(413)
  const muchTooLarge = await fetch(`${host.url}/v1/frames`, { method: 'POST', body: randomBytes(8 * MIB) })
  expect(muchTooLarge.status).toBe(413)
  expect(host.instances()).toHaveLength(1)
})

test('a Function URL makes an event of format 2.0 from a request', async () => {
  const host = await start('echo', {}, { url: { function: 'echo' } })
  const answer = await fetch(`${host.url}/v1/log?from=1&from=2&to=%C3%A4`, {
    method: 'PUT',
    body: '{"a":"ä"}',
    headers: { 'Content-Type': 'application/json', 'X-Mixed-Case': 'Yes', cookie: 'c=3; d=4' },
  })
  expect(await answer.text()).toBe('{"a":"ä"}')
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  const event = JSON.parse(answer.headers.get('x-event') as string)
  expect(event).toMatchObject({
    version: '2.0',
    rawPath: '/v1/log',
    rawQueryString: 'from=1&from=2&to=%C3%A4',
    queryStringParameters: { from: '1,2', to: 'ä' },
    cookies: ['c=3', 'd=4'],
    headers: { 'x-mixed-case': 'Yes', 'content-type': 'application/json' },
    requestContext: { http: { method: 'PUT', path: '/v1/log' } },
    isBase64Encoded: false,
  })
  expect(event.headers).not.toHaveProperty('cookie')
  const empty = await fetch(`${host.url}/`)
  expect(JSON.parse(empty.headers.get('x-event') as string)).toMatchObject({
    rawPath: '/',
    rawQueryString: '',
  })
})

test('an instance has the environment of Lambda and nothing of ours, and is used again', async () => {
  process.env.TRIAS_CANARY = 'of the host'
  const host = await start('inspect', { memoryMb: 256, timeLimitS: 5, environment: { TABLE: 'records' } })
  const first = (await host.invoke('inspect', {})) as Inspected
  const second = (await host.invoke('inspect', {})) as Inspected
  delete process.env.TRIAS_CANARY
  expect(second.pid).toBe(first.pid)
  expect([first.invocations, second.invocations]).toEqual([1, 2])
  expect(first.environment).toMatchObject({
    TABLE: 'records',
    AWS_REGION: 'eu-central-1',
    AWS_LAMBDA_FUNCTION_NAME: 'inspect',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    _HANDLER: 'lambda-handlers.inspect',
    LAMBDA_TASK_ROOT: import.meta.dirname,
  })
  for (const name of ['TRIAS_CANARY', 'PATH', 'HOME', 'VITEST', 'NODE_OPTIONS'])
    expect(first.environment).not.toHaveProperty(name)
  expect(first.directory).toBe(import.meta.dirname)
  expect(first.nodeOptions).toContain('--max-old-space-size=256')
  expect(first.context).toMatchObject({
    functionName: 'inspect',
    memoryLimitInMB: '256',
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:inspect',
  })
  expect(first.context.awsRequestId).not.toBe(second.context.awsRequestId)
  expect(first.remainingMs).toBeGreaterThan(2000)
  expect(first.remainingMs).toBeLessThanOrEqual(5000)
})

test('busy instances are not shared: more start up to the concurrency, the rest is throttled', async () => {
  const host = await start('inspect', { concurrency: 2 }, { url: { function: 'inspect' } })
  const waiting = { waitMs: 1500 }
  const both = [host.invoke('inspect', waiting), host.invoke('inspect', waiting)]
  await expect(host.invoke('inspect', {})).rejects.toMatchObject({ type: 'TooManyRequests' })
  expect((await fetch(`${host.url}/`)).status).toBe(429)
  const pids = (await Promise.all(both)).map(result => (result as Inspected).pid)
  expect(new Set(pids).size).toBe(2)
  expect(pids).toContain(((await host.invoke('inspect', {})) as Inspected).pid)
  expect(host.instances()).toHaveLength(2)
})

test('what runs beyond its time limit is killed, even when it never yields', async () => {
  const host = await start('spin', { timeLimitS: 0.5 }, { url: { function: 'spin' } })
  await expect(host.invoke('spin', {})).rejects.toMatchObject({
    type: 'Sandbox.Timedout',
    message: 'task timed out after 0.50 seconds',
  })
  const [ended] = await waitFor('the end of the instance', async () => {
    const found = events('instance-ended')
    return found.length > 0 ? found : undefined
  })
  expect(ended?.end).toBe('signal SIGKILL')
  expect((await fetch(`${host.url}/`)).status).toBe(502)
})

test('a handler that throws, ends its process, answers too much or does not load fails its invocation', async () => {
  const failing = await start('fail')
  await expect(failing.invoke('fail', {})).rejects.toMatchObject({
    type: 'Handler',
    message: 'TypeError: this handler always fails',
  })
  await expect(failing.invoke('fail', {})).rejects.toMatchObject({ type: 'Handler' })
  expect(failing.instances()).toHaveLength(1)
  const ending = await start('exit')
  await expect(ending.invoke('exit', {})).rejects.toMatchObject({
    type: 'Runtime.ExitError',
    message: 'the instance ended: exit status 7',
  })
  const large = await start('tooMuch')
  await expect(large.invoke('tooMuch', {})).rejects.toMatchObject({ type: 'Function.ResponseSizeTooLarge' })
  const broken = await start('broken')
  await expect(broken.invoke('broken', {})).rejects.toMatchObject({
    type: 'Runtime.ExitError',
    message: 'the instance ended: Error: no database is configured',
  })
  await expect(
    startLambdaHost(
      lambdaHostSchema.parse({ functions: [{ name: 'a', handler: 'a.b', directory: '/nowhere' }] }),
      hostLog('lambda-host', () => {}),
    ),
  ).rejects.toThrow(/has no code/)
  expect(() =>
    lambdaHostSchema.parse({
      functions: [{ name: 'a', handler: 'a.b', directory: '.', environment: { AWS_REGION: 'x' } }],
    }),
  ).toThrow(/reserves/)
})

test('a killed instance fails its invocation, the next gets a new one, and none outlives the host', async () => {
  const host = await start('inspect', { timeLimitS: 30 })
  const { pid } = (await host.invoke('inspect', {})) as Inspected
  const interrupted = host.invoke('inspect', { waitMs: 20_000 })
  expect(host.instances()).toEqual([{ function: 'inspect', pid, busy: true }])
  expect(host.kill('inspect')).toEqual([pid])
  await expect(interrupted).rejects.toMatchObject({ type: 'Runtime.ExitError' })
  const next = (await host.invoke('inspect', {})) as Inspected
  expect(next.pid).not.toBe(pid)
  await host.close()
  expect(isAlive(next.pid)).toBe(false)
})

test('a schedule invokes its function', async () => {
  await start('tick', {}, { schedules: [{ function: 'tick', everyS: 0.2 }] })
  const ticks = await waitFor('two ticks', async () => {
    const found = printed<ScheduledEvent>()
    return found.length >= 2 ? found : undefined
  })
  expect(ticks[0]).toMatchObject({ source: 'aws.events', 'detail-type': 'Scheduled Event' })
})

let emulator: SqsEmulator
let sqs: SQSClient
beforeAll(async () => {
  emulator = await startSqs()
  sqs = new SQSClient({
    region: 'eu-central-1',
    endpoint: emulator.endpoint,
    useQueueUrlAsEndpoint: false,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
})
afterAll(async () => {
  sqs.destroy()
  await emulator.close()
})

const createQueue = async (name: string, attributes: Record<string, string>): Promise<string> => {
  await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }))
  return emulator.queueUrl(name)
}
const remaining = async (url: string): Promise<number> => {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  )
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0)
}
const send = (url: string, order: object) =>
  sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(order) }))

interface Consumed {
  readonly name: string
  readonly count: number
  readonly pid: number
  readonly batch: number
  readonly eventSourceARN: string
}
const consumed = (count: number): Promise<Consumed[]> =>
  waitFor(`${count} messages`, async () => {
    const found = printed<Consumed>()
    return found.length >= count ? found : undefined
  })

test('an event source mapping deletes what was dealt with; what failed comes back after its time-out', async () => {
  const url = await createQueue('partial', { VisibilityTimeout: '1' })
  await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: url,
      Entries: ['good', 'bad', 'fine'].map(name => ({
        Id: name,
        MessageBody: JSON.stringify({ name, failures: name === 'bad' ? 1 : 0 }),
      })),
    }),
  )
  await start(
    'consume',
    { timeLimitS: 1 },
    { queues: [{ function: 'consume', queueUrl: url, batchSize: 10 }] },
  )
  const seen = await consumed(4)
  expect(seen.slice(0, 3).map(({ name, count, batch }) => [name, count, batch])).toEqual([
    ['good', 1, 3],
    ['bad', 1, 3],
    ['fine', 1, 3],
  ])
  expect(seen[3]).toMatchObject({ name: 'bad', count: 2, batch: 1 })
  expect(seen[0]?.eventSourceARN).toBe('arn:aws:sqs:eu-central-1:000000000000:partial')
  await waitFor('an empty queue', async () => ((await remaining(url)) === 0 ? true : undefined))
  expect(printed()).toHaveLength(4)
})

test('a mapping that Lambda refuses is refused: messages would come back too early', async () => {
  const url = await createQueue('early', { VisibilityTimeout: '4' })
  const mapping = { queues: [{ function: 'consume', queueUrl: url }] }
  await expect(start('consume', { timeLimitS: 5 }, mapping)).rejects.toThrow(/\(4 s\) is less than.*\(5 s\)/)
  await start('consume', { timeLimitS: 4 }, mapping)
  await expect(
    start('consume', {}, { queues: [{ function: 'consume', queueUrl: emulator.queueUrl('nowhere') }] }),
  ).rejects.toThrow(/does not answer/)
})

test('the message of a killed instance comes back to another one', async () => {
  const url = await createQueue('killed', { VisibilityTimeout: '2' })
  const host = await start('consume', { timeLimitS: 2 }, { queues: [{ function: 'consume', queueUrl: url }] })
  await send(url, { name: 'wake', hang: true })
  const [first] = await consumed(1)
  expect(host.kill('consume')).toContain(first?.pid)
  const [, second] = await consumed(2)
  expect(second).toMatchObject({ name: 'wake' })
  expect(second?.count).toBeGreaterThan(1)
  expect(second?.pid).not.toBe(first?.pid)
  await waitFor('an empty queue', async () => ((await remaining(url)) === 0 ? true : undefined))
})

test('a message that keeps failing goes to the dead-letter queue of the redrive policy', async () => {
  const dead = await createQueue('dead', {})
  const url = await createQueue('poison', {
    VisibilityTimeout: '1',
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: 'arn:aws:sqs:eu-central-1:000000000000:dead',
      maxReceiveCount: 2,
    }),
  })
  await start('consume', { timeLimitS: 1 }, { queues: [{ function: 'consume', queueUrl: url }] })
  await send(url, { name: 'poison', failures: 100 })
  await waitFor('the dead letter', async () => ((await remaining(dead)) === 1 ? true : undefined))
  expect(printed<Consumed>().map(({ count }) => count)).toEqual([1, 2])
  expect(await remaining(url)).toBe(0)
})
