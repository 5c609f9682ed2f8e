/**
 * The runtime inside an instance: loads the handler that the environment names, then takes one invocation after the other
 * from the Runtime API. It speaks the public protocol, so Amazon's own runtime client can take its place. The handler
 * may be TypeScript as well, so that a test needs no build.
 */
import { existsSync } from 'node:fs'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Context } from 'aws-lambda'
import { exitWithParent } from '../host/exit-with-parent.ts'

type Handler = (event: unknown, context: Context) => Promise<unknown>

exitWithParent(() => process.exit(0))

const setting = (name: string): string => process.env[name] ?? ''
const [host, port] = setting('AWS_LAMBDA_RUNTIME_API').split(':')
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

const call = (
  method: 'GET' | 'POST',
  path: string,
  body?: string,
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> =>
  new Promise((resolve, reject) => {
    const sent = request({ host, port, agent, method, path: `/2018-06-01/runtime${path}` }, answer => {
      const chunks: Buffer[] = []
      answer.on('data', chunk => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })

const load = async (): Promise<Handler> => {
  const [, file, name] = /^(.*)\.(\w+)$/.exec(setting('_HANDLER')) ?? []
  const path = ['.mjs', '.js', '.cjs', '.ts']
    .map(ending => join(setting('LAMBDA_TASK_ROOT'), `${file}${ending}`))
    .find(candidate => existsSync(candidate))
  if (path === undefined) throw new Error(`there is no module for the handler ${setting('_HANDLER')}`)
  const module = await import(pathToFileURL(path).href)
  const handler = module[name as string]
  if (typeof handler !== 'function') throw new Error(`${setting('_HANDLER')} is not a function`)
  return handler
}

const describe = (error: unknown): string => {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  return JSON.stringify({ errorType: name, errorMessage: message, stackTrace: stack?.split('\n') })
}

const contextOf = (headers: IncomingHttpHeaders): Context => {
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms'])
  return {
    awsRequestId: String(headers['lambda-runtime-aws-request-id']),
    callbackWaitsForEmptyEventLoop: true,
    functionName: setting('AWS_LAMBDA_FUNCTION_NAME'),
    functionVersion: setting('AWS_LAMBDA_FUNCTION_VERSION'),
    invokedFunctionArn: String(headers['lambda-runtime-invoked-function-arn']),
    memoryLimitInMB: setting('AWS_LAMBDA_FUNCTION_MEMORY_SIZE'),
    logGroupName: setting('AWS_LAMBDA_LOG_GROUP_NAME'),
    logStreamName: setting('AWS_LAMBDA_LOG_STREAM_NAME'),
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
    // Gone from the runtime since Node 24; the type still has them.
    done: () => {},
    fail: () => {},
    succeed: () => {},
  }
}

const invocations = async (handler: Handler): Promise<never> => {
  for (;;) {
    const next = await call('GET', '/invocation/next')
    const context = contextOf(next.headers)
    const path = `/invocation/${context.awsRequestId}`
    try {
      const result = await handler(JSON.parse(next.body), context)
      await call('POST', `${path}/response`, JSON.stringify(result) ?? 'null')
    } catch (error) {
      console.error(error)
      await call('POST', `${path}/error`, describe(error))
    }
  }
}

load()
  .catch(async error => {
    console.error(error)
    await call('POST', '/init/error', describe(error))
    process.exit(1)
  })
  .then(invocations)
  // The host is gone.
  .catch(() => process.exit(1))
