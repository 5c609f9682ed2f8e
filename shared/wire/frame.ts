/**
 * Frames: what two parties send each other in a round. A fixed header, an Ed25519 signature over it, a sealed body.
 *
 *   offset  bytes  field
 *        0      1  format version
 *        1     32  federation: digest of the manifest
 *       33     32  run
 *       65      4  attempt          all integers are unsigned, big endian
 *       69      4  round
 *       73      2  part             a round larger than one frame travels in parts
 *       75      2  parts
 *       77      1  from
 *       78      1  to
 *       79     32  address digest: rolling digest of all step addresses so far
 *      111      4  length of the sealed body
 *      115     32  SHA-256 of the sealed body
 *      147     64  signature of the sender over a label and bytes 0..146
 *      211      -  body: AES-256-GCM under the frame key of this run and direction, nonce = round and part,
 *                  associated data = bytes 0..114
 *
 * The receiver verifies before it parses: `verifyFrame` believes nothing but the length until the signature holds, and
 * the body is opened only by the run that has its key. Secret: the body. Public: everything in the header.
 * A frame is a deterministic function of its content, so a repeated send is byte-identical, and two different frames for
 * one slot (run, round, from, part) are proof of a lie.
 */
import { concatBytes, equalBytes, toBase64url, utf8 } from '../base/bytes.ts'
import { Refusal } from '../base/errors.ts'
import { AEAD_TAG_BYTES, type Aead } from '../crypto/aead.ts'
import { hkdf } from '../crypto/hash.ts'
import type { PartyIndex } from '../sharing/shared.ts'

/** Which an offer names, so that three parties find out before a run whether they read each other's frames. */
export const FRAME_VERSION = 1
const FRAME_HEADER_BYTES = 147
export const FRAME_BODY_OFFSET = FRAME_HEADER_BYTES + 64
/** The largest body of one HTTP request that every front takes. */
export const FRAME_BYTES_MAX = 4 << 20
/** Content of one part; a multiple of 8, so that words never straddle two parts. */
export const PART_BYTES_MAX = FRAME_BYTES_MAX - 1024
const ASSOCIATED_BYTES = 115
const LABEL = utf8('trias frame v1\n')

export interface FrameHeader {
  readonly federation: Uint8Array
  readonly run: Uint8Array
  readonly attempt: number
  readonly round: number
  readonly part: number
  readonly parts: number
  readonly from: PartyIndex
  readonly to: PartyIndex
  readonly addressDigest: Uint8Array
}

/** The fast primitives of the host: sealing, SHA-256 of bytes given in pieces, and Ed25519. */
export interface FrameCrypto {
  readonly aead: Aead
  sha256(pieces: readonly Uint8Array[]): Uint8Array
  sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
}

/** A frame whose signature, receiver, length and body digest hold; the body is still sealed. */
export interface VerifiedFrame {
  readonly header: FrameHeader
  /** Bytes 0..210: with these a third person can check what the sender signed. */
  readonly signedHeader: Uint8Array
  readonly sealed: Uint8Array
}

/** Key of one direction of one run; the pair (j, j - 1) shares the PRSS key j of the run, and nobody else has it. */
export const frameKey = (pairKey: Uint8Array, from: PartyIndex, to: PartyIndex): Uint8Array =>
  hkdf(pairKey, `frame|${from}>${to}`, 32)

/** How many parts a round of this many bytes takes; both ends know the size, so both know the number. */
export const partsFor = (bytes: number): number => Math.ceil(bytes / PART_BYTES_MAX)

/** Names one message of one sender in one run. */
export const slotOf = (header: Pick<FrameHeader, 'from' | 'round' | 'part'>): string =>
  `${header.from}-${header.round}-${header.part}`

/** Distinguishes two frames for one slot: digest of everything that is signed. */
export const frameDigest = (crypto: FrameCrypto, frame: VerifiedFrame): string =>
  toBase64url(crypto.sha256([frame.signedHeader.subarray(0, FRAME_HEADER_BYTES)]))

const writeHeader = (header: FrameHeader, bodyLength: number): Uint8Array => {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, FRAME_VERSION)
  bytes.set(header.federation, 1)
  bytes.set(header.run, 33)
  view.setUint32(65, header.attempt)
  view.setUint32(69, header.round)
  view.setUint16(73, header.part)
  view.setUint16(75, header.parts)
  view.setUint8(77, header.from)
  view.setUint8(78, header.to)
  bytes.set(header.addressDigest, 79)
  view.setUint32(111, bodyLength)
  return bytes
}

const nonceOf = (round: number, part: number): Uint8Array => {
  const nonce = new Uint8Array(12)
  const view = new DataView(nonce.buffer)
  view.setUint32(0, round)
  view.setUint32(4, part)
  return nonce
}

/** Seals and signs one part. A nonce is used once: the caller never seals two contents for one (round, part). */
export const sealFrame = (
  header: FrameHeader,
  content: Uint8Array,
  key: Uint8Array,
  secretKey: Uint8Array,
  crypto: FrameCrypto,
): Uint8Array => {
  if (content.length > PART_BYTES_MAX) throw new RangeError(`a part holds at most ${PART_BYTES_MAX} bytes`)
  const head = writeHeader(header, content.length + AEAD_TAG_BYTES)
  const sealed = crypto.aead.encrypt(
    key,
    nonceOf(header.round, header.part),
    content,
    head.subarray(0, ASSOCIATED_BYTES),
  )
  head.set(crypto.sha256([sealed]), ASSOCIATED_BYTES)
  const signature = crypto.sign(concatBytes([LABEL, head]), secretKey)
  return concatBytes([head, signature, sealed])
}

/** The content of a verified frame. Throws Abort('authentication-failed') when key, header or body do not belong together. */
export const openFrame = (frame: VerifiedFrame, key: Uint8Array, aead: Aead): Uint8Array =>
  aead.decrypt(
    key,
    nonceOf(frame.header.round, frame.header.part),
    frame.sealed,
    frame.signedHeader.subarray(0, ASSOCIATED_BYTES),
  )

const isParty = (value: number): value is PartyIndex => value === 0 || value === 1 || value === 2

/**
 * Checks everything that can be checked without the run. Throws `Refusal` with rule frame-too-large, frame-truncated,
 * frame-version, frame-federation, frame-receiver, frame-sender, frame-signature, frame-part or frame-digest, in this
 * order; only the last two can be the doing of the party that is named as sender.
 */
export const verifyFrame = (
  bytes: Uint8Array,
  expected: {
    readonly party: PartyIndex
    readonly federation: Uint8Array
    readonly signingKeyOf: (party: PartyIndex) => Uint8Array
    readonly crypto: FrameCrypto
  },
): VerifiedFrame => {
  if (bytes.length > FRAME_BYTES_MAX)
    throw new Refusal('frame-too-large', `a frame has at most ${FRAME_BYTES_MAX} bytes, got ${bytes.length}`)
  if (bytes.length < FRAME_BODY_OFFSET + AEAD_TAG_BYTES)
    throw new Refusal('frame-truncated', `${bytes.length} bytes are too short for a frame`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint8(0)
  if (version !== FRAME_VERSION)
    throw new Refusal('frame-version', `frame format ${version} is not known here`, {
      hint: `all three parties must run a release that speaks frame format ${FRAME_VERSION}`,
    })
  if (view.getUint32(111) !== bytes.length - FRAME_BODY_OFFSET)
    throw new Refusal('frame-truncated', 'the body is shorter or longer than the header says')
  if (!equalBytes(bytes.subarray(1, 33), expected.federation))
    throw new Refusal('frame-federation', 'the frame belongs to another federation manifest')
  const from = view.getUint8(77)
  const to = view.getUint8(78)
  if (to !== expected.party) throw new Refusal('frame-receiver', 'the frame is for another party')
  if (!isParty(from) || from === expected.party)
    throw new Refusal('frame-sender', 'the frame names no other party as its sender')
  const signed = concatBytes([LABEL, bytes.subarray(0, FRAME_HEADER_BYTES)])
  const signature = bytes.subarray(FRAME_HEADER_BYTES, FRAME_BODY_OFFSET)
  if (!expected.crypto.verify(signature, signed, expected.signingKeyOf(from)))
    throw new Refusal('frame-signature', `the frame is not signed by party ${from}`)
  const [part, parts] = [view.getUint16(73), view.getUint16(75)]
  if (part >= parts) throw new Refusal('frame-part', `part ${part} of ${parts} does not exist`)
  const sealed = bytes.subarray(FRAME_BODY_OFFSET)
  if (!equalBytes(expected.crypto.sha256([sealed]), bytes.subarray(ASSOCIATED_BYTES, FRAME_HEADER_BYTES)))
    throw new Refusal('frame-digest', 'the body is not the one that was signed')
  return readFrame(bytes)
}

/** Who a frame claims to be from, when it names this federation; nothing of it is verified. */
export const senderClaimedBy = (bytes: Uint8Array, federation: Uint8Array): PartyIndex | undefined => {
  const from = bytes[77]
  if (bytes.length < FRAME_BODY_OFFSET || from === undefined || !isParty(from)) return undefined
  return equalBytes(bytes.subarray(1, 33), federation) ? from : undefined
}

/** Takes a frame apart without checking anything: for bytes that `verifyFrame` of this party has taken before. */
export const readFrame = (bytes: Uint8Array): VerifiedFrame => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    header: {
      federation: bytes.slice(1, 33),
      run: bytes.slice(33, 65),
      attempt: view.getUint32(65),
      round: view.getUint32(69),
      part: view.getUint16(73),
      parts: view.getUint16(75),
      from: view.getUint8(77) as PartyIndex,
      to: view.getUint8(78) as PartyIndex,
      addressDigest: bytes.slice(79, 111),
    },
    signedHeader: bytes.slice(0, FRAME_BODY_OFFSET),
    sealed: bytes.subarray(FRAME_BODY_OFFSET),
  }
}
