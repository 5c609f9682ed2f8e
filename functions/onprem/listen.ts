/** An HTTP server on an address, and its end. */
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { InputError } from '../../shared/base/errors.ts'

export interface Listening {
  readonly url: string
  readonly port: number
  /** Takes no more connections; resolves when those that are open are closed. */
  stop(): Promise<void>
  /** Closes the connections that are still open. */
  cut(): void
}

type Answer = (request: Request) => Response | Promise<Response>

/** Throws InputError when the address cannot be had. */
export const listen = async (
  { host, port }: { readonly host: string; readonly port: number },
  answer: Answer,
): Promise<Listening> => {
  const listening = Promise.withResolvers<AddressInfo>()
  const server = serve({ fetch: answer, hostname: host, port }, listening.resolve)
  server.once('error', cause =>
    listening.reject(
      new InputError(`cannot listen on ${host}, port ${port}`, {
        cause,
        hint: 'choose another port, or 0 for a free one',
      }),
    ),
  )
  const address = await listening.promise
  const hostInUrl = host.includes(':') ? `[${host}]` : host
  return {
    url: `http://${hostInUrl}:${address.port}`,
    port: address.port,
    stop: () => new Promise<void>(resolve => void server.close(() => resolve())),
    cut: () => {
      if ('closeAllConnections' in server) server.closeAllConnections()
    },
  }
}
