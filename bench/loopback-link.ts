/**
 * A link over loopback TCP for measuring the engine: every message is sealed with AES-256-GCM, as TLS would, in pieces
 * that overlap with the wire. Signatures, HTTP and storage are left out on purpose; `pay report` through real parties
 * measures those.
 */
import { createHash } from 'node:crypto'
import { connect, createServer, type Socket } from 'node:net'
import { nativeAead } from '../functions/party/native-crypto.ts'
import { equalBytes } from '../shared/base/bytes.ts'
import type { Link } from '../shared/session/lockstep.ts'
import { nextOf, type PartyIndex, previousOf } from '../shared/sharing/shared.ts'

const PIECE_BYTES = 1 << 20
const TAG_BYTES = 16
const DIGEST_BYTES = 32

/** Bytes from one neighbour, in order, handed out in exact amounts. */
const reader = (socket: Socket) => {
  const chunks: Buffer[] = []
  let available = 0
  let wanted = Number.POSITIVE_INFINITY
  let wake: (() => void) | undefined
  socket.on('data', chunk => {
    chunks.push(chunk)
    available += chunk.length
    if (available >= wanted) wake?.()
  })
  return async (count: number): Promise<Uint8Array> => {
    wanted = count
    if (available < count) await new Promise<void>(resolve => (wake = resolve))
    wanted = Number.POSITIVE_INFINITY
    const out = new Uint8Array(count)
    let at = 0
    while (at < count) {
      const chunk = chunks[0] as Buffer
      const take = Math.min(chunk.length, count - at)
      out.set(chunk.subarray(0, take), at)
      at += take
      if (take === chunk.length) chunks.shift()
      else chunks[0] = chunk.subarray(take)
    }
    available -= count
    return out
  }
}

const nonceOf = (count: number): Uint8Array => {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setUint32(8, count)
  return nonce
}

/** Cuts a list of segments into pieces of at most `PIECE_BYTES`, copying each byte once. */
function* pieces(segments: readonly Uint8Array[]): Generator<Uint8Array> {
  let piece = new Uint8Array(PIECE_BYTES)
  let filled = 0
  for (const segment of segments) {
    let at = 0
    while (at < segment.length) {
      const take = Math.min(segment.length - at, PIECE_BYTES - filled)
      piece.set(segment.subarray(at, at + take), filled)
      at += take
      filled += take
      if (filled < PIECE_BYTES) continue
      yield piece
      piece = new Uint8Array(PIECE_BYTES)
      filled = 0
    }
  }
  if (filled > 0) yield piece.subarray(0, filled)
}

/** Both directions of one socket, each sealed under a key of its own. */
const channel = (socket: Socket, outKey: Uint8Array, backKey: Uint8Array) => {
  socket.setNoDelay(true)
  const read = reader(socket)
  let sent = 0
  let received = 0
  return {
    send: async (digest: Uint8Array, segments: readonly Uint8Array[]): Promise<void> => {
      let open = socket.write(digest)
      for (const piece of pieces(segments)) {
        open = socket.write(nativeAead.encrypt(outKey, nonceOf(sent++), piece, digest))
        // Lets the kernel take bytes and the other direction be read while this one is still being sealed.
        await new Promise<void>(resolve => (open ? setImmediate(resolve) : socket.once('drain', resolve)))
      }
    },
    receive: async (digest: Uint8Array, byteLength: number): Promise<Uint8Array> => {
      if (!equalBytes(await read(DIGEST_BYTES), digest)) throw new Error('the parties diverged')
      const out = new Uint8Array(byteLength)
      for (let at = 0; at < byteLength; at += PIECE_BYTES) {
        const sealed = await read(Math.min(PIECE_BYTES, byteLength - at) + TAG_BYTES)
        out.set(nativeAead.decrypt(backKey, nonceOf(received++), sealed, digest), at)
      }
      return out
    },
  }
}

/** Listens for the next party and connects to the previous one; `portOf` tells where the others listen. */
export const loopbackLink = async (
  party: PartyIndex,
  announce: (port: number) => void,
  portOf: (party: PartyIndex) => Promise<number>,
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
        const none = new Uint8Array(0)
        const [, , fromPrevious, fromNext] = await Promise.all([
          hasBytes(message.toPrevious) ? previous.send(digest, message.toPrevious) : undefined,
          hasBytes(message.toNext) ? next.send(digest, message.toNext) : undefined,
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
