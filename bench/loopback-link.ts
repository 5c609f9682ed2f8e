/**
 * A link over loopback TCP for measuring the engine: every message is sealed with AES-256-GCM, as TLS would, while it is
 * being sent. Signatures, HTTP and storage are left out on purpose; `pay report` through real parties
 * measures those.
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { equalBytes } from '../shared/base/bytes.ts'
import type { Link } from '../shared/session/lockstep.ts'
import { nextOf, type PartyIndex, previousOf } from '../shared/sharing/shared.ts'

/** Sealed and written at a time: what stays in the cache, and memory that is used again. */
const PIECE_BYTES = 1 << 16
const TAG_BYTES = 16
const DIGEST_BYTES = 32

/** Bytes from one neighbour, in order: exact amounts, or whatever has come up to a limit. */
const reader = (socket: Socket) => {
  const chunks: Buffer[] = []
  let wake: (() => void) | undefined
  socket.on('data', chunk => {
    chunks.push(chunk)
    wake?.()
  })
  const readSome = async (limit: number): Promise<Uint8Array> => {
    while (chunks.length === 0) await new Promise<void>(resolve => (wake = resolve))
    const chunk = chunks[0] as Buffer
    if (chunk.length <= limit) chunks.shift()
    else chunks[0] = chunk.subarray(limit)
    return chunk.subarray(0, limit)
  }
  const read = async (count: number): Promise<Uint8Array> => {
    const out = new Uint8Array(count)
    for (let at = 0; at < count; ) {
      const some = await readSome(count - at)
      out.set(some, at)
      at += some.length
    }
    return out
  }
  return { read, readSome }
}

const nonceOf = (count: number): Uint8Array => {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setUint32(8, count)
  return nonce
}

/** Both directions of one socket, each sealed under a key of its own, one message one ciphertext. */
const channel = (socket: Socket, outKey: Uint8Array, backKey: Uint8Array) => {
  socket.setNoDelay(true)
  const { read, readSome } = reader(socket)
  let sent = 0
  let received = 0
  return {
    send: async (digest: Uint8Array, segments: readonly Uint8Array[]): Promise<void> => {
      const cipher = createCipheriv('aes-256-gcm', outKey, nonceOf(sent++)).setAAD(digest)
      socket.cork()
      socket.write(digest)
      let corked = 0
      for (const segment of segments)
        for (let at = 0; at < segment.length; at += PIECE_BYTES) {
          const piece = cipher.update(segment.subarray(at, at + PIECE_BYTES))
          const open = socket.write(piece)
          corked += piece.length
          if (corked < PIECE_BYTES) continue
          // Small pieces leave together; then the other direction is read while the rest is still being sealed.
          socket.uncork()
          await new Promise<void>(resolve => (open ? setImmediate(resolve) : socket.once('drain', resolve)))
          socket.cork()
          corked = 0
        }
      cipher.final()
      socket.write(cipher.getAuthTag())
      socket.uncork()
    },
    receive: async (digest: Uint8Array, byteLength: number): Promise<Uint8Array> => {
      if (!equalBytes(await read(DIGEST_BYTES), digest)) throw new Error('the parties diverged')
      const decipher = createDecipheriv('aes-256-gcm', backKey, nonceOf(received++)).setAAD(digest)
      const out = new Uint8Array(byteLength)
      for (let at = 0; at < byteLength; ) {
        const plain = decipher.update(await readSome(byteLength - at))
        out.set(plain, at)
        at += plain.length
      }
      // Nothing is handed on before the tag holds.
      decipher.setAuthTag(await read(TAG_BYTES))
      decipher.final()
      return out
    },
  }
}

/**
 * Listens for the next party and connects to the previous one; `portOf` tells where the others
 * listen. What a party sends leaves it so many milliseconds late, as it would arrive over a distance.
 */
export const loopbackLink = async (
  party: PartyIndex,
  announce: (port: number) => void,
  portOf: (party: PartyIndex) => Promise<number>,
  latencyMs = 0,
): Promise<{ link: Link; close: () => void }> => {
  const accepted = new Promise<Socket>((resolve, reject) => {
    const listener = createServer(socket => {
      listener.close()
      resolve(socket)
    })
    listener.on('error', reject)
    listener.listen(0, '127.0.0.1', () => announce((listener.address() as { port: number }).port))
  })
  const connected = connect(await portOf(previousOf(party)), '127.0.0.1')
  // A benchmark's key needs no secrecy, only a cipher that does the same work.
  const keyFor = (from: number, to: number) => createHash('sha256').update(`bench ${from}>${to}`).digest()
  const nextSocket = await accepted
  const channelTo = (socket: Socket, other: PartyIndex) =>
    channel(socket, keyFor(party, other), keyFor(other, party))
  const previous = channelTo(connected, previousOf(party))
  const next = channelTo(nextSocket, nextOf(party))
  return {
    link: {
      swap: async message => {
        const digest = message.addressDigest
        const onItsWay = latencyMs > 0 ? setTimeout(latencyMs) : undefined
        const send = async (to: typeof next, parts: readonly Uint8Array[]): Promise<void> => {
          await onItsWay
          await to.send(digest, parts)
        }
        const none = new Uint8Array(0)
        const [, , fromPrevious, fromNext] = await Promise.all([
          hasBytes(message.toPrevious) ? send(previous, message.toPrevious) : undefined,
          hasBytes(message.toNext) ? send(next, message.toNext) : undefined,
          message.bytesFromPrevious > 0 ? previous.receive(digest, message.bytesFromPrevious) : none,
          message.bytesFromNext > 0 ? next.receive(digest, message.bytesFromNext) : none,
        ])
        return { fromPrevious, fromNext }
      },
    },
    close: () => {
      connected.destroy()
      nextSocket.destroy()
    },
  }
}

const hasBytes = (segments: readonly Uint8Array[]): boolean => segments.some(segment => segment.length > 0)
