/** The front of an on-prem party: its HTTP interface on the public address, counted by route and status. */
import type { Hono } from 'hono'
import { type Listening, listen } from './listen.ts'
import type { Metrics } from './metrics.ts'

const BOUNDS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export const startFront = (
  address: { readonly host: string; readonly port: number },
  app: Hono,
  metrics: Metrics,
): Promise<Listening> => {
  const requests = metrics.counter('trias_http_requests_total', 'Requests answered by the front.')
  const seconds = metrics.histogram(
    'trias_http_request_duration_seconds',
    'From the head of a request to the head of its answer.',
    BOUNDS_SECONDS,
  )
  const routeOf = routesOf(app)
  return listen(address, async request => {
    const startMs = performance.now()
    const response = await app.fetch(request)
    const route = routeOf(new URL(request.url).pathname)
    requests.add(1, { method: methodOf(request.method), route, status: `${response.status}` })
    seconds.record((performance.now() - startMs) / 1000, { route })
    return response
  })
}

/** The first two parts of a path that there is, so that strangers cannot make up series by asking for others. */
const routesOf = (app: Hono): ((path: string) => string) => {
  const head = (path: string): string => path.split('/').slice(0, 3).join('/')
  const known = new Set(app.routes.map(({ path }) => head(path)).filter(path => !path.includes('*')))
  return path => (known.has(head(path)) ? head(path) : 'other')
}

const methodOf = (method: string): string => (['GET', 'POST', 'PUT'].includes(method) ? method : 'other')
