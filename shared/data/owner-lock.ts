/**
 * Owner lock: what is uploaded is encrypted under keys that come from a secret S which only the owner holds, so the
 * three operators together cannot read what they store. For one approved run the owner grants each party its own key.
 *
 *   key of party i = HKDF(S, version | i)      nonce = number of the piece      aad = version, party, piece, pieces
 *
 * S and version id are drawn fresh for every version: a second batch under the same two would repeat nonces.
 */
import { concatBytes, toBase64url, utf8 } from '../base/bytes.ts'
import { Abort } from '../base/errors.ts'
import { AEAD_TAG_BYTES, type Aead } from '../crypto/aead.ts'
import { hkdf } from '../crypto/hash.ts'
import { nextOf, type PartyIndex } from '../sharing/shared.ts'
import type { DealtBatch } from './deal.ts'
import type { Holding } from './load.ts'

/** Plaintext bytes of a piece; each is stored as one chunk with its tag. */
export const PIECE_BYTES = 256 * 1024

export interface LockCrypto {
  readonly aead: Aead
  /** SHA-256 of the pieces joined. */
  readonly sha256: (pieces: readonly Uint8Array[]) => Uint8Array
}

type PerParty<T> = readonly [T, T, T]
const perParty = <T>(make: (party: PartyIndex) => T): PerParty<T> => [make(0), make(1), make(2)]

/** What a dataset version document says about the upload, and the upload itself. */
export interface LockedBatch {
  readonly pieces: PerParty<readonly Uint8Array[]>
  /** base64url SHA-256 of each piece. */
  readonly pieceDigests: PerParty<readonly string[]>
  /** base64url digest of each share, public columns included, for its two holders to compare. */
  readonly shareDigests: PerParty<string>
}

/** The key that opens one party's pieces of one version: what an approval carries, sealed. */
export const grantFor = (secret: Uint8Array, version: string, party: PartyIndex): Uint8Array =>
  hkdf(secret, `trias-grant-key-1|${version}|${party}`, 32)

export const holdingOf = ({ shares, publicBytes }: DealtBatch, party: PartyIndex): Holding => ({
  own: shares[party],
  next: shares[nextOf(party)],
  publicBytes,
})

export const lockBatch = (
  crypto: LockCrypto,
  secret: Uint8Array,
  version: string,
  batch: DealtBatch,
): LockedBatch => {
  const pieces = perParty(party => lockHolding(crypto, secret, version, party, holdingOf(batch, party)))
  return {
    pieces,
    pieceDigests: perParty(party => pieces[party].map(piece => toBase64url(crypto.sha256([piece])))),
    shareDigests: perParty(index => shareDigest(crypto, index, batch.shares[index], batch.publicBytes)),
  }
}

/**
 * Opens a party's pieces under its grant and compares both shares with what the owner signed. Throws
 * Abort('chunk-authentication-failed') when a piece, its place, the version or the key is another one, and
 * Abort('share-digest-differs') when the owner sent this party something else than it signed.
 */
export const unlockBatch = (
  crypto: LockCrypto,
  grant: Uint8Array,
  version: string,
  party: PartyIndex,
  pieces: readonly Uint8Array[],
  shareDigests: PerParty<string>,
): Holding => {
  const holding = unpack(
    concatBytes(pieces.map((piece, i) => openPiece(crypto, grant, piece, { version, party, i, pieces }))),
    version,
  )
  for (const [index, content] of [
    [party, holding.own],
    [nextOf(party), holding.next],
  ] as const)
    if (shareDigest(crypto, index, content, holding.publicBytes) !== shareDigests[index])
      throw new Abort('share-digest-differs', `share ${index} is not the one that the owner signed`, {
        where: version,
      })
  return holding
}

/** Covers the public columns too: each party compares two of the three digests, so all three hold the same columns. */
const shareDigest = (
  crypto: LockCrypto,
  index: PartyIndex,
  content: Uint8Array,
  publicBytes: Uint8Array,
): string =>
  toBase64url(crypto.sha256([utf8(`trias-share-1|${index}|${content.length}|`), content, publicBytes]))

const nonceOf = (piece: number): Uint8Array => {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setUint32(8, piece)
  return nonce
}

const aadOf = (version: string, party: PartyIndex, piece: number, pieces: number): Uint8Array =>
  utf8(`trias-piece-1|${version}|${party}|${piece}|${pieces}`)

const lockHolding = (
  { aead }: LockCrypto,
  secret: Uint8Array,
  version: string,
  party: PartyIndex,
  holding: Holding,
): readonly Uint8Array[] => {
  const content = pack(holding)
  const key = grantFor(secret, version, party)
  const count = Math.ceil(content.length / PIECE_BYTES)
  return Array.from({ length: count }, (_, i) =>
    aead.encrypt(
      key,
      nonceOf(i),
      content.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES),
      aadOf(version, party, i, count),
    ),
  )
}

const openPiece = (
  { aead }: LockCrypto,
  grant: Uint8Array,
  piece: Uint8Array,
  at: { version: string; party: PartyIndex; i: number; pieces: readonly Uint8Array[] },
): Uint8Array => {
  const failed = (cause?: unknown): Abort =>
    new Abort('chunk-authentication-failed', 'a stored piece does not open under the granted key', {
      where: `version ${at.version}, piece ${at.i}`,
      cause,
    })
  if (piece.length < AEAD_TAG_BYTES) throw failed()
  try {
    return aead.decrypt(grant, nonceOf(at.i), piece, aadOf(at.version, at.party, at.i, at.pieces.length))
  } catch (cause) {
    throw failed(cause)
  }
}

/** Three lengths, then own, next and public bytes, each padded to a multiple of 8 so that none is copied to be read. */
const HEADER_BYTES = 24
const padded = (length: number): number => Math.ceil(length / 8) * 8

const pack = ({ own, next, publicBytes }: Holding): Uint8Array => {
  const contents = [own, next, publicBytes]
  const out = new Uint8Array(contents.reduce((at, content) => at + padded(content.length), HEADER_BYTES))
  const header = new DataView(out.buffer)
  let at = HEADER_BYTES
  contents.forEach((content, i) => {
    header.setBigUint64(8 * i, BigInt(content.length), true)
    out.set(content, at)
    at += padded(content.length)
  })
  return out
}

const unpack = (bytes: Uint8Array, version: string): Holding => {
  const malformed = (): Abort =>
    new Abort('share-malformed', 'the unlocked content is not a share', { where: version })
  if (bytes.length < HEADER_BYTES) throw malformed()
  const header = new DataView(bytes.buffer, bytes.byteOffset)
  let at = HEADER_BYTES
  const [own, next, publicBytes] = [0, 1, 2].map(i => {
    const length = Number(header.getBigUint64(8 * i, true))
    const content = bytes.subarray(at, at + length)
    if (content.length !== length) throw malformed()
    at += padded(length)
    return content
  }) as [Uint8Array, Uint8Array, Uint8Array]
  if (at !== bytes.length) throw malformed()
  return { own, next, publicBytes }
}
