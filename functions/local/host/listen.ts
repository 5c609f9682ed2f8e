/** An HTTP server on loopback. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { InputError } from '../../../shared/base/errors.ts'

export interface Listening {
  readonly port: number
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'

/** Port 0 takes a free one. A handler that throws answers 500. Throws InputError: the port is taken. */
export const listen = async (
  port: number,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Listening> => {
  const server: Server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    handle(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  const listening = Promise.withResolvers<void>()
  server.once('error', cause =>
    listening.reject(
      new InputError(`cannot listen on ${LOOPBACK}, port ${port}`, {
        cause,
        hint: 'choose another port, or 0',
      }),
    ),
  )
  server.listen(port, LOOPBACK, listening.resolve)
  await listening.promise
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
