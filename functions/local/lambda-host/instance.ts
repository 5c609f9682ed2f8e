/**
 * One instance of a function: a child process and the Runtime API that it talks to, on a port of its own. The process
 * runs one invocation at a time and is reused. Unlike Lambda, it is not frozen in between, and memory is bounded by
 * V8's heap limit only: buffers outside the heap are not counted.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { endOf, spawnChild } from '../host/child.ts'
import { listen } from '../host/listen.ts'
import type { HostLog } from '../host/log.ts'
import { readBody } from '../host/read-body.ts'
import { type FunctionConfig, functionArn } from './config.ts'
import { FunctionError } from './function-error.ts'
import { INIT_LIMIT_MS, PAYLOAD_BYTES_MAX } from './limits.ts'

export interface Instance {
  readonly pid: number
  /** Resolves to the response, as JSON; rejects with FunctionError. Not while another invocation is running. */
  invoke(payload: Uint8Array): Promise<Buffer>
  /** Ends the process at once, as a crash of the machine would. */
  kill(): void
  /** False when it was killed or has ended: no more invocations. */
  usable(): boolean
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>
}

interface Invocation {
  readonly id: string
  readonly payload: Uint8Array
  readonly settled: PromiseWithResolvers<Buffer>
}

const API = '/2018-06-01/runtime'
const BOOTSTRAP = join(import.meta.dirname, 'bootstrap.ts')
/** What a message of an error may take in a log. */
const ERROR_BYTES_MAX = 64 * 1024

/** The variables of a real instance, then those of the function. */
const environmentOf = (
  { name, handler, directory, memoryMb, environment }: FunctionConfig,
  region: string,
  runtimeApi: string,
): Record<string, string> => ({
  AWS_DEFAULT_REGION: region,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: randomUUID(),
  AWS_LAMBDA_RUNTIME_API: runtimeApi,
  AWS_REGION: region,
  // In place of the role's; the emulators take any.
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SESSION_TOKEN: 'local',
  LAMBDA_TASK_ROOT: directory,
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
  _HANDLER: handler,
  ...environment,
})

const messageOf = (body: Buffer | undefined): string => {
  try {
    const { errorType, errorMessage } = JSON.parse((body ?? Buffer.of()).toString())
    return `${errorType}: ${errorMessage}`
  } catch {
    return 'the runtime gave no reason'
  }
}

export const startInstance = async (
  config: FunctionConfig,
  region: string,
  log: HostLog,
): Promise<Instance> => {
  const { name, memoryMb, timeLimitS } = config
  let current: Invocation | undefined
  /** The runtime's open question for the next invocation. */
  let asking: ServerResponse | undefined
  let deadline: NodeJS.Timeout | undefined
  let initError: string | undefined
  let usable = true

  const kill = (): void => {
    usable = false
    child.kill('SIGKILL')
  }

  const fail = (error: FunctionError): void => {
    clearTimeout(deadline)
    current?.settled.reject(error)
    current = undefined
  }
  const hand = (): void => {
    if (asking === undefined || current === undefined) return
    const answer = asking
    asking = undefined
    const limitMs = timeLimitS * 1000
    deadline = setTimeout(() => {
      fail(new FunctionError('Sandbox.Timedout', `task timed out after ${timeLimitS.toFixed(2)} seconds`))
      kill()
    }, limitMs)
    answer
      .writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': current.id,
        'lambda-runtime-deadline-ms': String(Date.now() + limitMs),
        'lambda-runtime-invoked-function-arn': functionArn(region, name),
        'lambda-runtime-trace-id': `Root=1-${current.id}`,
      })
      .end(current.payload)
  }
  const answerTo = async (path: string, request: IncomingMessage): Promise<number> => {
    if (path === '/init/error') {
      initError = messageOf(await readBody(request, ERROR_BYTES_MAX))
      return 202
    }
    const [, id, verb] = /^\/invocation\/([\w-]+)\/(response|error)$/.exec(path) ?? []
    if (id === undefined) return 404
    const body = await readBody(request, verb === 'response' ? PAYLOAD_BYTES_MAX : ERROR_BYTES_MAX)
    if (current?.id !== id) return 400
    clearTimeout(deadline)
    const { settled } = current
    if (verb === 'error') fail(new FunctionError('Handler', messageOf(body)))
    else if (body === undefined) {
      fail(
        new FunctionError(
          'Function.ResponseSizeTooLarge',
          `a response has at most ${PAYLOAD_BYTES_MAX} bytes`,
        ),
      )
      return 413
    } else {
      current = undefined
      settled.resolve(body)
    }
    return 202
  }
  const api = await listen(0, async (request, response) => {
    const path = (request.url ?? '').slice(API.length)
    if (request.method === 'GET' && path === '/invocation/next') {
      clearTimeout(initDeadline)
      asking = response
      hand()
      return
    }
    const status = await answerTo(path, request)
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
  })

  const child = spawnChild({
    module: BOOTSTRAP,
    nodeOptions: ['--enable-source-maps', `--max-old-space-size=${memoryMb}`],
    directory: config.directory,
    environment: environmentOf(config, region, `127.0.0.1:${api.port}`),
    tie: 'stdin',
    log,
  })
  const pid = child.pid ?? 0
  const initDeadline = setTimeout(() => {
    initError = `loading took longer than ${INIT_LIMIT_MS / 1000} seconds`
    kill()
  }, INIT_LIMIT_MS)
  log.event('instance-started', { function: name, pid })
  const exited = new Promise<void>(resolve => {
    const ended = (how: string): void => {
      usable = false
      clearTimeout(initDeadline)
      const end = initError ?? how
      log.event('instance-ended', { function: name, pid, end })
      fail(new FunctionError('Runtime.ExitError', `the instance ended: ${end}`))
      void api.close().then(resolve)
    }
    child.once('exit', (code, signal) => ended(endOf(code, signal)))
    child.once('error', error => ended(String(error)))
  })

  return {
    pid,
    invoke: async payload => {
      if (!usable)
        throw new FunctionError(
          'Runtime.ExitError',
          `the instance ended: ${initError ?? 'before it was used'}`,
        )
      if (current !== undefined) throw new Error(`an instance of ${name} is asked to do two things at once`)
      const settled = Promise.withResolvers<Buffer>()
      current = { id: randomUUID(), payload, settled }
      hand()
      return settled.promise
    },
    kill,
    usable: () => usable,
    exited,
  }
}
