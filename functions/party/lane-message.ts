/**
 * Messages in a lane: a frame, or a piece of one that is larger than a message may be.
 *
 *   offset  bytes  field
 *        0     12  token of the tenancy
 *       12      4  round              all integers are unsigned, big endian
 *       16      2  piece
 *       18      2  pieces
 *       20      2  length of the id
 *       22      8  when it was delivered, in ms, as a floating-point number
 *       30      -  id, then the content
 */
import { concatBytes, fromBase64url, toBase64url, utf8 } from '../../shared/base/bytes.ts'
import type { Mail } from '../../shared/port/mailbox.ts'

export const TOKEN_BYTES = 12
const HEADER_BYTES = 30

export interface Piece {
  readonly token: string
  readonly id: string
  readonly round: number
  readonly piece: number
  readonly pieces: number
  readonly deliveredMs: number
  readonly content: Uint8Array
}

/** As many messages as a frame needs when each holds at most `bytesMax`. */
export const encodeMail = (
  token: string,
  { id, round, body }: Mail,
  bytesMax: number,
  deliveredMs: number,
): readonly Uint8Array[] => {
  const idBytes = utf8(id)
  const room = bytesMax - HEADER_BYTES - idBytes.length
  const pieces = Math.max(1, Math.ceil(body.length / room))
  return Array.from({ length: pieces }, (_, piece) => {
    const header = new Uint8Array(HEADER_BYTES)
    header.set(fromBase64url(token))
    const view = new DataView(header.buffer)
    view.setUint32(12, round)
    view.setUint16(16, piece)
    view.setUint16(18, pieces)
    view.setUint16(20, idBytes.length)
    view.setFloat64(22, deliveredMs)
    return concatBytes([header, idBytes, body.subarray(piece * room, (piece + 1) * room)])
  })
}

/** null: not a message of ours. */
export const decodePiece = (bytes: Uint8Array): Piece | null => {
  if (bytes.length < HEADER_BYTES) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const contentAt = HEADER_BYTES + view.getUint16(20)
  if (bytes.length < contentAt) return null
  return {
    token: toBase64url(bytes.subarray(0, TOKEN_BYTES)),
    round: view.getUint32(12),
    piece: view.getUint16(16),
    pieces: view.getUint16(18),
    deliveredMs: view.getFloat64(22),
    // Queues are written by this party alone, so what is no text is no reason to fail: it has no token of ours.
    id: new TextDecoder().decode(bytes.subarray(HEADER_BYTES, contentAt)),
    content: bytes.subarray(contentAt),
  }
}
