/** A Function URL: HTTP in, an event of payload format 2.0 to the function, its result out as HTTP. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LambdaFunctionURLEvent } from 'aws-lambda'
import { type Listening, listen } from '../host/listen.ts'
import { readBody } from '../host/read-body.ts'
import { FunctionError, type FunctionErrorType } from './function-error.ts'
import { PAYLOAD_BYTES_MAX } from './limits.ts'

/** What Lambda hands over as text; everything else comes in base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml)\b)/
/** Belong to one connection, and are Node's to write. */
const CONNECTION = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding'])

const STATUS: Record<FunctionErrorType, number> = {
  Handler: 502,
  'Runtime.ExitError': 502,
  'Sandbox.Timedout': 502,
  'Function.ResponseSizeTooLarge': 502,
  RequestTooLarge: 413,
  TooManyRequests: 429,
}

/** Names in lower case, repeated headers joined by commas. */
const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name !== 'cookie' && !CONNECTION.has(name))
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : (value ?? '')]),
  )

const eventOf = (request: IncomingMessage, body: Buffer): LambdaFunctionURLEvent => {
  const [rawPath = '/', rawQueryString = ''] = (request.url ?? '/').split(/\?(.*)/s)
  const headers = headersOf(request)
  const host = headers.host ?? ''
  const method = request.method ?? 'GET'
  const query = new URLSearchParams(rawQueryString)
  const cookies = request.headers.cookie?.split(/; */)
  const nowMs = Date.now()
  const sourceIp = request.socket.remoteAddress ?? '127.0.0.1'
  const isText = TEXT.test(headers['content-type'] ?? '')
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookies === undefined ? {} : { cookies }),
    headers: {
      ...headers,
      ...(body.length > 0 ? { 'content-length': String(body.length) } : {}),
      'x-forwarded-for': sourceIp,
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    ...(query.size === 0
      ? {}
      : {
          queryStringParameters: Object.fromEntries(
            [...new Set(query.keys())].map(name => [name, query.getAll(name).join(',')]),
          ),
        }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      domainName: host,
      domainPrefix: 'local',
      http: {
        method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date(nowMs).toUTCString(),
      timeEpoch: nowMs,
    },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  }
}

interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[]>
  readonly body: Buffer
}

/** Lambda takes a result without `statusCode` for the body of a JSON answer. */
const answerOf = (response: string): Answer => {
  const result = JSON.parse(response)
  if (typeof result !== 'object' || result === null || result.statusCode === undefined)
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(typeof result === 'string' ? result : response),
    }
  const { statusCode, headers = {}, cookies, body = '', isBase64Encoded = false } = result
  const given = Object.entries<unknown>(headers)
    .map(([name, value]): [string, string] => [name.toLowerCase(), String(value)])
    .filter(([name]) => !CONNECTION.has(name))
  return {
    status: Number(statusCode),
    headers: {
      'content-type': 'application/json',
      ...Object.fromEntries(given),
      ...(Array.isArray(cookies) ? { 'set-cookie': cookies } : {}),
    },
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  }
}

const answerError = (error: unknown): Answer => {
  const status = error instanceof FunctionError ? STATUS[error.type] : 500
  const message =
    status === 413 ? 'Request Too Long' : status === 429 ? 'Rate Exceeded.' : 'Internal Server Error'
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message })),
  }
}

export const serveFunctionUrl = async (
  port: number,
  invoke: (event: LambdaFunctionURLEvent) => Promise<string>,
): Promise<Listening> => {
  const write = (response: ServerResponse, { status, headers, body }: Answer): void => {
    const hasBody = status !== 204 && status !== 304
    response.writeHead(status, hasBody ? { ...headers, 'content-length': body.length } : headers)
    response.end(hasBody ? body : undefined)
  }
  return listen(port, async (request, response) => {
    try {
      // In base64 a body of three quarters would fill an event already; the exact check is made on the whole event.
      const body = await readBody(request, PAYLOAD_BYTES_MAX)
      if (body === undefined) throw new FunctionError('RequestTooLarge', 'the body is larger than any event')
      write(response, answerOf(await invoke(eventOf(request, body))))
    } catch (error) {
      write(response, answerError(error))
    }
  })
}
