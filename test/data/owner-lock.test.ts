import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadKernel } from '../../functions/party/load-kernel.ts'
import { concatBytes, toBase64url } from '../../shared/base/bytes.ts'
import { portableAead } from '../../shared/crypto/aead.ts'
import { sha256 } from '../../shared/crypto/hash.ts'
import { dealBatch } from '../../shared/data/deal.ts'
import { loadBatch } from '../../shared/data/load.ts'
import {
  grantFor,
  holdingOf,
  type LockCrypto,
  lockBatch,
  PIECE_BYTES,
  unlockBatch,
} from '../../shared/data/owner-lock.ts'
import { type TableSchema, tableSchema } from '../../shared/data/schema.ts'
import { nativeKeystream } from '../../shared/prss/native-keystream.ts'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { nativeFrameCrypto } from '../../shared/wire/native-frame-crypto.ts'
import { schemaAndColumns } from './arbitrary.ts'
import { seedsFrom } from './shared-rows.ts'

const kernel = loadKernel()
const crypto: LockCrypto = nativeFrameCrypto
const portable: LockCrypto = { aead: portableAead, sha256: parts => sha256(concatBytes(parts)) }
const secret = new Uint8Array(32).fill(9)
const version = 'version-0123456789abcdef'

const schema: TableSchema = tableSchema.parse({
  table: 'amounts',
  columns: [
    {
      name: 'amount',
      type: { kind: 'integer', min: 0, max: 1000 },
      nullable: false,
      visibility: 'secret',
      uses: [],
    },
    {
      name: 'site',
      type: { kind: 'category', values: ['a', 'b'] },
      nullable: false,
      visibility: 'public',
      uses: [],
    },
  ],
})
const rows = 60_000
const amounts = Array.from({ length: rows }, (_, r) => BigInt(r % 1001))
const sites = Array.from({ length: rows }, (_, r) => BigInt(r % 2))
const batch = dealBatch(kernel, nativeKeystream, schema, [amounts, sites], seedsFrom(4))
const locked = lockBatch(crypto, secret, version, batch)
const unlock = (
  party: 0 | 1 | 2,
  change: {
    pieces?: readonly Uint8Array[]
    grant?: Uint8Array
    version?: string
    digests?: typeof locked.shareDigests
  } = {},
) =>
  unlockBatch(
    crypto,
    change.grant ?? grantFor(secret, version, party),
    change.version ?? version,
    party,
    change.pieces ?? locked.pieces[party],
    change.digests ?? locked.shareDigests,
  )

const closed = expect.objectContaining({ name: 'Abort', check: 'chunk-authentication-failed' })

test('each party unlocks exactly what it holds', () => {
  fc.assert(
    fc.property(schemaAndColumns, ([anySchema, columns]) => {
      const dealt = dealBatch(kernel, nativeKeystream, anySchema, columns, seedsFrom(1))
      const upload = lockBatch(portable, secret, version, dealt)
      for (const party of PARTIES) {
        const grant = grantFor(secret, version, party)
        const holding = unlockBatch(crypto, grant, version, party, upload.pieces[party], upload.shareDigests)
        const expected = holdingOf(dealt, party)
        for (const part of ['own', 'next', 'publicBytes'] as const)
          expect(toBase64url(holding[part])).toBe(toBase64url(expected[part]))
        loadBatch(kernel, nativeKeystream, anySchema, dealt.rows, party, holding)
      }
    }),
    { numRuns: 30 },
  )
})

test('pieces are small, and their digests are those of the documents', () => {
  expect(locked.pieces[1].length).toBeGreaterThan(2)
  for (const party of PARTIES) {
    for (const piece of locked.pieces[party]) expect(piece.length).toBeLessThanOrEqual(PIECE_BYTES + 16)
    expect(locked.pieceDigests[party]).toEqual(locked.pieces[party].map(piece => toBase64url(sha256(piece))))
  }
})

test('an altered, lost, repeated or swapped piece does not open', () => {
  for (const party of PARTIES) {
    const pieces = locked.pieces[party]
    expect(() => unlock(party)).not.toThrow()
    pieces.forEach((piece, i) => {
      for (const at of [0, piece.length >> 1, piece.length - 1]) {
        const altered = piece.slice()
        altered[at] = (altered[at] as number) ^ 1
        expect(() => unlock(party, { pieces: pieces.with(i, altered) })).toThrow(closed)
      }
    })
    expect(() => unlock(party, { pieces: pieces.slice(0, -1) })).toThrow(closed)
    expect(() => unlock(party, { pieces: [...pieces, pieces[0] as Uint8Array] })).toThrow(closed)
    expect(() => unlock(party, { pieces: pieces.with(0, new Uint8Array(3)) })).toThrow(closed)
    expect(() => unlock(party, { pieces: [] })).toThrow(expect.objectContaining({ check: 'share-malformed' }))
  }
  const [first, second, ...rest] = locked.pieces[1] as [Uint8Array, Uint8Array, ...Uint8Array[]]
  expect(() => unlock(1, { pieces: [second, first, ...rest] })).toThrow(closed)
})

test('no other key, version or party opens a piece', () => {
  const others = [
    grantFor(secret, version, 0),
    grantFor(secret, `${version}x`, 1),
    grantFor(new Uint8Array(32).fill(8), version, 1),
    new Uint8Array(5),
  ]
  for (const grant of others) expect(() => unlock(1, { grant })).toThrow(closed)
  expect(() => unlock(1, { version: `${version}x` })).toThrow(closed)
  expect(() => unlock(1, { pieces: locked.pieces[2] })).toThrow(closed)
})

test('a share or a public column that is not the signed one aborts', () => {
  const differs = expect.objectContaining({ name: 'Abort', check: 'share-digest-differs' })
  const digests = locked.shareDigests
  expect(() => unlock(1, { digests: [digests[0], digests[1], digests[0]] })).toThrow(differs)
  expect(() => unlock(2, { digests: [digests[1], digests[1], digests[2]] })).toThrow(differs)

  // An owner that shows one party other public values than it signed: the digests cover them.
  const other = dealBatch(kernel, nativeKeystream, schema, [amounts, sites.with(0, 1n)], seedsFrom(4))
  const lie = lockBatch(crypto, secret, version, other)
  for (const party of PARTIES) expect(() => unlock(party, { pieces: lie.pieces[party] })).toThrow(differs)
})
