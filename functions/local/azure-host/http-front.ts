/** HTTP triggers: the front of an app. Keys are not emulated, so every function must say that it needs none. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { InputError } from '../../../shared/base/errors.ts'
import { type Listening, listen } from '../host/listen.ts'
import type { HostLog } from '../host/log.ts'
import { readBody } from '../host/read-body.ts'
import type { HttpData, RegisteredFunction } from './protocol.ts'
import { compileRoute } from './route.ts'
import type { Workers } from './workers.ts'

/** The cloud's limit of a request. */
const REQUEST_BYTES_MAX = 100 * 1024 * 1024
/** Belong to one connection, and are Node's to write. */
const CONNECTION = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding'])

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !CONNECTION.has(name))
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : (value ?? '')]),
  )

const endpointsOf = (functions: readonly RegisteredFunction[]) =>
  functions
    .filter(({ trigger }) => trigger.type === 'httpTrigger')
    .map(({ name, trigger: { authLevel, methods = [], route = name } }) => {
      if (authLevel?.toLowerCase() !== 'anonymous')
        throw new InputError(`the function ${name} asks for a key, which the local host does not check`, {
          hint: 'parties check signatures by themselves: set authLevel to anonymous',
        })
      return { name, methods: methods.map(method => method.toUpperCase()), ...compileRoute(route) }
    })
    .sort((one, other) => other.precedence - one.precedence)

const answer = (response: ServerResponse, { statusCode = '200', headers = {}, body }: HttpData): void => {
  const bytes = body?.bytes ?? Buffer.from(body?.string ?? body?.json ?? '')
  const hasBody = statusCode !== '204' && statusCode !== '304'
  response.writeHead(Number(statusCode), {
    ...Object.fromEntries(Object.entries(headers).filter(([name]) => !CONNECTION.has(name.toLowerCase()))),
    ...(hasBody ? { 'content-length': bytes.length } : {}),
  })
  response.end(hasBody ? bytes : undefined)
}

export const serveHttpTriggers = async (
  port: number,
  routePrefix: string,
  workers: Workers,
  log: HostLog,
): Promise<Listening> => {
  const endpoints = endpointsOf(workers.functions)
  const prefix = routePrefix === '' ? '/' : `/${routePrefix}/`

  const respond = async (request: IncomingMessage): Promise<HttpData> => {
    const method = request.method ?? 'GET'
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`)
    const path = `${url.pathname}/`.startsWith(prefix) ? url.pathname.slice(prefix.length) : undefined
    const body = await readBody(request, REQUEST_BYTES_MAX)
    if (body === undefined) return { statusCode: '413' }
    for (const endpoint of path === undefined ? [] : endpoints) {
      const params = endpoint.methods.includes(method) ? endpoint.match(path as string) : undefined
      if (params === undefined) continue
      const http: HttpData = {
        method,
        url: url.href,
        headers: headersOf(request),
        query: Object.fromEntries(url.searchParams),
        params,
        body: body.length === 0 ? null : { bytes: body },
      }
      const result = await workers.invoke(endpoint.name, { http }, {})
      // A function that returns nothing has nothing to say.
      return result?.http ?? { statusCode: '204' }
    }
    return { statusCode: '404' }
  }
  return listen(port, async (request, response) => {
    try {
      answer(response, await respond(request))
    } catch (error) {
      log.event('request-failed', { error: String(error) })
      answer(response, { statusCode: '500' })
    }
  })
}
