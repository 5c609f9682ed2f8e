/** An HTTP proxy on loopback that is told what to do with each request: an unkind network, or a service in trouble. */
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** `lose`: the request arrives, its answer does not. `reset`: neither. */
export type Fate = 'pass' | 'lose' | 'reset' | { readonly status: number; readonly body: string }

export interface FlakyProxy {
  readonly url: string
  /** The fates of the next requests, in their order; then `after` for all. */
  plan(fates: readonly Fate[], after?: Fate): void
  close(): Promise<void>
}

export const startFlakyProxy = async (target: string): Promise<FlakyProxy> => {
  let planned: Fate[] = []
  let after: Fate = 'pass'
  const server = createServer(async (incoming, outgoing) => {
    const fate = planned.shift() ?? after
    const body = await text(incoming)
    if (fate === 'reset') return incoming.socket.destroy()
    if (typeof fate === 'object') {
      outgoing.writeHead(fate.status, { 'content-type': 'application/x-amz-json-1.0' }).end(fate.body)
      return
    }
    const { method, url, headers } = incoming
    request(`${target}${url}`, { method, headers }, answer => {
      if (fate === 'lose') {
        answer.resume().once('end', () => incoming.socket.destroy())
        return
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
      .once('error', () => incoming.socket.destroy())
      .end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    plan: (fates, afterwards = 'pass') => {
      planned = [...fates]
      after = afterwards
    },
    close: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
