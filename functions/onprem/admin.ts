/**
 * For those who operate the party, on an address of its own that is never the public one: whether the process lives,
 * whether it should get requests, and what it counts.
 */
import { Hono } from 'hono'
import { type Listening, listen } from './listen.ts'
import type { Metrics } from './metrics.ts'

/** Every one has to hold for the party to be ready; the name is shown, nothing else. */
export type ReadyChecks = Readonly<Record<string, () => boolean | Promise<boolean>>>

/** A database that hangs is not ready. */
const CHECK_MS = 2_000

const holds = async (check: () => boolean | Promise<boolean>): Promise<boolean> => {
  const late = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => late.resolve(false), CHECK_MS)
  try {
    return await Promise.race([check(), late.promise])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}

export const startAdmin = (
  address: { readonly host: string; readonly port: number },
  { checks, metrics }: { readonly checks: ReadyChecks; readonly metrics: Metrics },
): Promise<Listening> => {
  const app = new Hono()
  app.get('/healthz', context => context.json({ status: 'alive' }))
  app.get('/readyz', async context => {
    const answers = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await holds(check)] as const),
    )
    const isReady = answers.every(([, does]) => does)
    return context.json(
      { status: isReady ? 'ready' : 'not-ready', checks: Object.fromEntries(answers) },
      isReady ? 200 : 503,
    )
  })
  app.get('/metrics', context =>
    context.body(metrics.text(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  )
  return listen(address, request => app.fetch(request))
}
