/** Stands before a party and sees every frame that is sent to it, also those that it does not live to take. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordedFrames } from './recorded-frames.ts'

export interface RecordingFront {
  readonly url: string
  close(): void
}

/** What the network does to one request of a party. */
export interface Passage {
  /** It never arrives. */
  readonly lost?: boolean
  /** It arrives so often, the first time as said, then each a little later. */
  readonly times?: number
  readonly delayMs?: number
}

/** `target` is asked for each request: a party that is started again may have another address. */
export const startRecordingFront = async (
  frames: RecordedFrames,
  target: () => string,
  network: (path: string) => Passage = () => ({}),
): Promise<RecordingFront> => {
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const body = Buffer.concat(pieces)
    if (request.url === '/v1/frames') frames.record(body)
    const { authorization, 'content-type': type } = request.headers
    const send = () =>
      fetch(`${target()}${request.url}`, {
        method: request.method ?? 'GET',
        headers: {
          ...(authorization === undefined ? {} : { authorization }),
          ...(type === undefined ? {} : { 'content-type': type }),
        },
        ...(request.method === 'GET' ? {} : { body }),
      })
    const { lost = false, times = 1, delayMs = 0 } = network(request.url ?? '')
    if (lost) return void response.destroy()
    await sleep(delayMs)
    const answer = await send()
    // Repeats arrive later, some of them long after the run.
    for (let i = 1; i < times; i++)
      void sleep(i * 400)
        .then(send)
        .then(
          late => late.arrayBuffer(),
          () => {},
        )
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' })
    response.end(Buffer.from(await answer.arrayBuffer()))
  }
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close().closeAllConnections(),
  }
}
