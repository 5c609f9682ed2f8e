/**
 * Sharing a table: deal → lock → dataset-version document → upload. The rows must have passed their check before.
 *
 * Secret: the rows, the seeds (forgotten when this returns) and the lock, which is handed to `keepLock` before anything
 * is sent. Public to the parties: schema, row count, public columns, and ciphertext that only the lock opens.
 */
import { concatBytes, toBase64url } from '../../shared/base/bytes.ts'
import { type Aead, portableAead } from '../../shared/crypto/aead.ts'
import { sha256 } from '../../shared/crypto/hash.ts'
import { dealBatch, type EncodedColumn } from '../../shared/data/deal.ts'
import { lockBatch } from '../../shared/data/owner-lock.ts'
import type { TableSchema } from '../../shared/data/schema.ts'
import type { DatasetVersion } from '../../shared/governance/document/dataset-version.ts'
import { digestOfDocument } from '../../shared/governance/sign.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { referenceKernel } from '../../shared/kernel/reference.ts'
import type { Keystream } from '../../shared/prss/keystream.ts'
import { portableKeystream } from '../../shared/prss/portable-keystream.ts'
import { askAll, type Connection, datasetVersions, post } from './federation-client.ts'

/** What the owner must keep to approve requests over this version; losing it makes the version unusable. */
export interface Lock {
  /** Digest of the dataset-version document. */
  readonly dataset: string
  readonly secret: Uint8Array
}

export interface UploadProgress {
  readonly pieces: number
  readonly piecesTotal: number
  readonly bytes: number
  readonly bytesTotal: number
}

export interface PushInput {
  readonly schema: TableSchema
  /** Encoded and checked, in the order of the schema. */
  readonly columns: readonly EncodedColumn[]
  /** Rows to share in the end, so that the parties do not learn how many there are; all columns must be secret. */
  readonly padTo?: number
  readonly keepLock: (lock: Lock) => Promise<void>
  readonly onProgress?: (progress: UploadProgress) => void
  /** The host's own vector loops and ciphers, when it has faster ones. */
  readonly kernel?: Kernel
  readonly keystream?: Keystream
  readonly aead?: Aead
}

export interface Pushed {
  readonly digest: string
  readonly document: DatasetVersion
  readonly bytes: number
}

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))

const nextSequence = async (connection: Connection, table: string): Promise<number> => {
  const own = (await datasetVersions(connection)).filter(
    ({ document }) => document.owner === connection.member.name && document.table === table,
  )
  return 1 + Math.max(0, ...own.map(({ document }) => document.sequence))
}

export const push = async (connection: Connection, input: PushInput): Promise<Pushed> => {
  const { schema, columns, padTo } = input
  const { kernel = referenceKernel, keystream = portableKeystream, aead = portableAead } = input
  const lockCrypto = { aead, sha256: (parts: readonly Uint8Array[]) => sha256(concatBytes(parts)) }

  const sequence = await nextSequence(connection, schema.table)
  const batch = dealBatch(kernel, keystream, schema, columns, [random(32), random(32)], {
    ...(padTo === undefined ? {} : { padTo }),
  })
  const secret = random(32)
  const version = toBase64url(random(16))
  const locked = lockBatch(lockCrypto, secret, version, batch)
  const [a, b, c] = locked.pieceDigests
  const document: DatasetVersion = {
    kind: 'dataset-version',
    federation: connection.federation.digest,
    owner: connection.member.name,
    table: schema.table,
    schema,
    version,
    sequence,
    rows: batch.rows,
    pieces: [[...a], [...b], [...c]],
    shareDigests: [...locked.shareDigests],
    createdAt: new Date(connection.nowMs()).toISOString(),
  }
  const digest = digestOfDocument(document)
  // The lock is safe before the first byte leaves: an upload without its lock could never be approved.
  await input.keepLock({ dataset: digest, secret })
  await post(connection, document)

  const all = locked.pieces.flat()
  const bytesTotal = all.reduce((sum, piece) => sum + piece.length, 0)
  let [pieces, bytes] = [0, 0]
  await askAll(connection, async (front, party) => {
    for (const [i, piece] of locked.pieces[party].entries()) {
      await front.json({ method: 'PUT', path: `v1/chunks/${digest}/${i}`, bytes: piece })
      pieces++
      bytes += piece.length
      input.onProgress?.({ pieces, piecesTotal: all.length, bytes, bytesTotal })
    }
  })
  return { digest, document, bytes: bytesTotal }
}
