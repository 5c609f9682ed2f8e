/**
 * Share chunks: pieces that an owner encrypted before upload, stored by their SHA-256. A piece is taken only when a
 * verified dataset version lists its digest for this party, so nobody can fill the disk and nothing is altered unseen.
 * The party cannot read a piece; only a run with the owner's grant can.
 */
import { toBase64url } from '../base/bytes.ts'
import { Refusal } from '../base/errors.ts'
import { inParallel } from '../base/in-parallel.ts'
import type { DatasetVersion } from '../governance/document/dataset-version.ts'
import { RECORDS_AT_ONCE } from './blob.ts'
import type { Self } from './self.ts'

/** An encrypted piece: 256 KiB and its tag. */
export const CHUNK_BYTES_MAX = 256 * 1024 + 16

/** Every piece is a partition of its own, which spreads load. */
const keyOf = (digest: string): string => `chunk-${digest}/body`
/** An index without content: asking for the pieces themselves would read them all. */
const arrivedPrefix = (version: string): string => `chunks-${version}/`

/** Throws Refusal: chunk-version-unknown, chunk-unlisted, chunk-too-large or chunk-digest. Repeating is harmless. */
export const receiveChunk = async (
  self: Self,
  version: string,
  piece: number,
  body: Uint8Array,
): Promise<void> => {
  const opened = await self.documents.open('dataset-version', version)
  if (opened === null)
    throw new Refusal('chunk-version-unknown', 'no such dataset version here', {
      hint: 'post the signed dataset version first, then its pieces',
    })
  const digest = opened.document.pieces[self.world.party][piece]
  if (digest === undefined)
    throw new Refusal('chunk-unlisted', `the dataset version lists no piece ${piece} for this party`)
  if (body.length > CHUNK_BYTES_MAX)
    throw new Refusal('chunk-too-large', `a piece has at most ${CHUNK_BYTES_MAX} bytes`)
  if (toBase64url(self.world.crypto.sha256([body])) !== digest)
    throw new Refusal('chunk-digest', `piece ${piece} is not the one that the owner signed`, {
      hint: 'upload the piece again',
    })
  await self.world.durable.putIfAbsent(keyOf(digest), body)
  await self.world.durable.putIfAbsent(`${arrivedPrefix(version)}${piece}`, new Uint8Array())
}

/** Numbers of the pieces of a version, given with its digest, that this party lacks. */
export const missingChunks = async (
  self: Self,
  digest: string,
  version: DatasetVersion,
): Promise<readonly number[]> => {
  const prefix = arrivedPrefix(digest)
  const arrived = new Set((await self.world.durable.list(prefix)).map(key => key.slice(prefix.length)))
  return [...version.pieces[self.world.party].keys()].filter(piece => !arrived.has(String(piece)))
}

/** All pieces in order. Throws Refusal('chunks-missing'). */
export const readChunks = (self: Self, version: DatasetVersion): Promise<readonly Uint8Array[]> =>
  inParallel(
    version.pieces[self.world.party].map((digest, piece) => async () => {
      const record = await self.world.durable.get(keyOf(digest))
      if (record === null)
        throw new Refusal('chunks-missing', `piece ${piece} of a dataset version is not here`)
      return record.value
    }),
    RECORDS_AT_ONCE,
  )
