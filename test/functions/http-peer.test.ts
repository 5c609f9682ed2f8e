/** A peer that lies over HTTP: redirects are not followed, answers are read with a bound. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { httpPeer } from '../../functions/party/http-peer.ts'
import { readAtMost } from '../../functions/party/read-at-most.ts'
import { systemClock } from '../../functions/party/system-clock.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const serve = async (listener: Parameters<typeof createServer>[1]): Promise<string> => {
  const server = createServer(listener as never).listen(0, '127.0.0.1')
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise(resolve => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const peerAt = (url: string) => httpPeer([url, url, url], systemClock, (to, init) => fetch(to, init))

test('a redirect is refused, and nothing is posted to where it points', async () => {
  let visits = 0
  const elsewhere = await serve((_, response) => {
    visits++
    response.end()
  })
  const liar = await serve((request, response) => {
    request.resume()
    response.writeHead(307, { location: `${elsewhere}/v1/documents` }).end()
  })
  const post = peerAt(liar).post(1, '/v1/documents', new Uint8Array([123, 125]), { deadlineMs: 2000 })
  await expect(post).rejects.toMatchObject({ rule: 'peer-refused' })
  await expect(peerAt(liar).read(1, '/v1/log', { bearer: 'x', deadlineMs: 2000 })).rejects.toMatchObject({
    rule: 'peer-refused',
  })
  expect(visits).toBe(0)
})

test('an answer without end is not read to its end', async () => {
  let sent = 0
  const flood = await serve((_, response) => {
    const block = Buffer.alloc(1 << 20)
    const more = (): void => {
      if (response.destroyed || sent > 64 << 20) return void response.end()
      sent += block.length
      response.write(block, more)
    }
    more()
  })
  const read = peerAt(flood).read(1, '/v1/log', { bearer: 'x', deadlineMs: 10_000 })
  await expect(read).rejects.toMatchObject({ rule: 'peer-answer-large' })
  expect(sent).toBeLessThan(64 << 20)
})

test('a connection that breaks in the middle of an answer is an outage', async () => {
  const broken = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write(Buffer.alloc(10), () => response.destroy())
  })
  const read = peerAt(broken).read(1, '/v1/log', { bearer: 'x', deadlineMs: 2000 })
  await expect(read).rejects.toMatchObject({ name: 'Unavailable' })
})

test('a body is read whole up to the bound, and not beyond, however it is cut', async () => {
  const inPieces = (length: number, piece: number): ReadableStream<Uint8Array> => {
    let at = 0
    return new ReadableStream({
      pull: controller => {
        if (at >= length) return controller.close()
        controller.enqueue(
          Uint8Array.from({ length: Math.min(piece, length - at) }, (_, i) => (at + i) % 251),
        )
        at += piece
      },
    })
  }
  for (const piece of [1, 7, 4096, 1 << 20]) {
    const body = await readAtMost(inPieces(100_000, piece), 100_000)
    expect(body?.length).toBe(100_000)
    expect(body?.every((byte, i) => byte === i % 251)).toBe(true)
    expect(await readAtMost(inPieces(100_001, piece), 100_000)).toBeUndefined()
  }
  expect(await readAtMost(null, 10)).toEqual(new Uint8Array())
})
