import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadKernel } from '../../functions/party/load-kernel.ts'
import { equalBytes, wordsOfBytes } from '../../shared/base/bytes.ts'
import { dealBatch } from '../../shared/data/deal.ts'
import { layoutOf, streamLabel, wordsOfPart } from '../../shared/data/layout.ts'
import { loadBatch } from '../../shared/data/load.ts'
import { holdingOf } from '../../shared/data/owner-lock.ts'
import { blankRelation, concatRelations, type Relation, selectRows } from '../../shared/data/relation.ts'
import { type TableSchema, tableSchema } from '../../shared/data/schema.ts'
import { referenceKernel } from '../../shared/kernel/reference.ts'
import { nativeKeystream } from '../../shared/prss/native-keystream.ts'
import { portableKeystream } from '../../shared/prss/portable-keystream.ts'
import type { ThreeShares } from '../../shared/sharing/reconstruct.ts'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { anySchema, columnsOf, schemaAndColumns } from './arbitrary.ts'
import { dealRelations, reconstructColumns, seedsFrom } from './shared-rows.ts'

const kernel = loadKernel()
const each = (make: (party: number) => Relation): ThreeShares<Relation> =>
  PARTIES.map(make) as unknown as ThreeShares<Relation>

const payroll: TableSchema = tableSchema.parse({
  table: 'payroll',
  columns: [
    {
      name: 'country',
      type: { kind: 'category', values: ['DE', 'FR', 'PL', 'US'] },
      nullable: false,
      visibility: 'public',
      uses: [],
    },
    {
      name: 'pay',
      type: { kind: 'decimal', scale: 2, min: '0', max: '100000.00' },
      nullable: true,
      visibility: 'secret',
      uses: [],
    },
    { name: 'full_time', type: { kind: 'boolean' }, nullable: false, visibility: 'secret', uses: [] },
  ],
})
const secretPart: TableSchema = { ...payroll, columns: payroll.columns.slice(1) }

test('what is dealt is what the three parties hold together', () => {
  fc.assert(
    fc.property(schemaAndColumns, fc.nat(), ([schema, columns], seed) => {
      const relations = dealRelations(kernel, nativeKeystream, schema, columns, { seed })
      expect(reconstructColumns(kernel, schema, relations)).toEqual(columns)
    }),
    { numRuns: 150 },
  )
})

test('both kernels and both keystreams deal the same bytes', () => {
  fc.assert(
    fc.property(schemaAndColumns, ([schema, columns]) => {
      const fast = dealBatch(kernel, nativeKeystream, schema, columns, seedsFrom(7))
      const plain = dealBatch(referenceKernel, portableKeystream, schema, columns, seedsFrom(7))
      expect(equalBytes(fast.shares[2], plain.shares[2])).toBe(true)
      expect(equalBytes(fast.publicBytes, plain.publicBytes)).toBe(true)
    }),
    { numRuns: 25 },
  )
})

test('padding adds rows that are not there, and nothing else changes', () => {
  const secretSchema = anySchema.map(schema => ({
    ...schema,
    columns: schema.columns.map(column => ({ ...column, visibility: 'secret' as const })),
  }))
  fc.assert(
    fc.property(
      secretSchema.chain(schema => fc.tuple(fc.constant(schema), columnsOf(schema))),
      fc.nat(100),
      ([schema, columns], more) => {
        const padTo = (columns[0]?.length ?? 0) + more
        const relations = dealRelations(kernel, nativeKeystream, schema, columns, { padTo })
        expect(relations[0].rows).toBe(padTo)
        expect(reconstructColumns(kernel, schema, relations)).toEqual(columns)
      },
    ),
    { numRuns: 50 },
  )
})

test('padding is refused where it would hide nothing', () => {
  const columns = [[0n], [1n], [1n]]
  expect(() => dealBatch(kernel, nativeKeystream, payroll, columns, seedsFrom(1), { padTo: 5 })).toThrow(
    'public columns cannot be padded',
  )
  expect(() =>
    dealBatch(kernel, nativeKeystream, secretPart, columns.slice(1), seedsFrom(1), { padTo: 0 }),
  ).toThrow('more rows than padTo')
})

test('a row outside its bounds is never dealt', () => {
  expect(() =>
    dealBatch(kernel, nativeKeystream, payroll, [[0n], [10_000_001n], [1n]], seedsFrom(1)),
  ).toThrow('not checked')
})

test('batches join and rows are picked as in the clear', () => {
  fc.assert(
    fc.property(
      anySchema.chain(schema => fc.tuple(fc.constant(schema), columnsOf(schema), columnsOf(schema))),
      fc.infiniteStream(fc.nat()),
      ([schema, first, second], random) => {
        const a = dealRelations(kernel, nativeKeystream, schema, first, { seed: 1 })
        const b = dealRelations(kernel, nativeKeystream, schema, second, { seed: 2 })
        const both = each(i => concatRelations(kernel, [a[i] as Relation, b[i] as Relation]))
        const plain = first.map((column, c) => [...column, ...(second[c] as (bigint | null)[])])
        expect(reconstructColumns(kernel, schema, both)).toEqual(plain)

        const rows = both[0].rows
        const indices = Uint32Array.from({ length: rows === 0 ? 0 : 70 }, () => random.next().value % rows)
        const picked = each(i => selectRows(kernel, both[i] as Relation, indices))
        expect(reconstructColumns(kernel, schema, picked)).toEqual(
          plain.map(column => Array.from(indices, i => column[i])),
        )
      },
    ),
    { numRuns: 40 },
  )
})

test('a blank relation has the shape of a dealt one', () => {
  const shape = (relation: Relation) => ({
    rows: relation.rows,
    valid: relation.valid.own.length,
    secret: [...relation.secret].map(([name, { slices, field, notNull }]) => [
      name,
      slices.map(slice => slice.next.length),
      field?.own.length,
      notNull?.bit.own.length,
      notNull?.field.next.length,
    ]),
    public: [...relation.public].map(([name, { values }]) => [name, values.length]),
  })
  fc.assert(
    fc.property(schemaAndColumns, ([schema, columns]) => {
      const dealt = dealRelations(kernel, nativeKeystream, schema, columns)[1]
      expect(shape(blankRelation(schema, dealt.rows))).toEqual(shape(dealt))
    }),
    { numRuns: 30 },
  )
})

/** Pearson's statistic of bytes against uniform; 255 degrees of freedom, so about 255 ± 23. */
const chiSquare = (bytes: Uint8Array): number => {
  const counts = new Float64Array(256)
  for (const byte of bytes) counts[byte] = (counts[byte] as number) + 1
  const expected = bytes.length / 256
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

test('whatever one party holds of constant rows looks uniform', () => {
  const rows = 64 * 1024
  for (const value of [0n, 10_000_000n]) {
    const columns = [new Array(rows).fill(value), new Array(rows).fill(value === 0n ? 0n : 1n)]
    const batch = dealBatch(kernel, nativeKeystream, secretPart, columns, seedsFrom(3))
    for (const party of PARTIES) {
      const relation = loadBatch(kernel, nativeKeystream, secretPart, rows, party, holdingOf(batch, party))
      const { slices, field, notNull } = relation.secret.get('pay') ?? expect.unreachable()
      const vectors = [relation.valid, ...slices, ...(notNull ? [notNull.bit] : [])]
      for (const { own, next } of vectors)
        for (const { words } of [own, next, { words: kernel.xor(own.words, next.words) }])
          expect(chiSquare(new Uint8Array(words.buffer, words.byteOffset, words.byteLength))).toBeLessThan(
            400,
          )
      for (const shared of [field, notNull?.field])
        for (const words of [shared?.own.words, shared?.next.words]) {
          // Without the highest byte of each word, which holds five bits.
          const bytes = new Uint8Array(words?.slice().buffer ?? new ArrayBuffer(0)).filter(
            (_, i) => i % 8 !== 7,
          )
          expect(bytes.length).toBe(7 * rows)
          expect(chiSquare(bytes)).toBeLessThan(400)
        }
    }
  }
})

test('every part of every column has its own stream', () => {
  fc.assert(
    fc.property(anySchema, schema => {
      const labels = layoutOf(schema, 100).parts.map(part => streamLabel(schema, part))
      expect(new Set(labels).size).toBe(labels.length)
    }),
  )
  // Two columns alike in everything but the name: equal values must not have equal shares.
  const twins = tableSchema.parse({
    table: 't',
    columns: ['a', 'b'].map(name => ({
      name,
      type: { kind: 'integer', min: 0, max: 255 },
      nullable: true,
      visibility: 'secret',
      uses: [],
    })),
  })
  const column = Array.from({ length: 640 }, (_, r) => BigInt(r % 256))
  const batch = dealBatch(kernel, nativeKeystream, twins, [column, column], seedsFrom(1))
  const words = wordsOfBytes(batch.shares[2])
  const seen = new Set<string>()
  for (const part of layoutOf(twins, 640).parts) seen.add(wordsOfPart(words, part).slice(0, 8).join())
  expect(seen.size).toBe(9)
})

test('content of a wrong form aborts', () => {
  const batch = dealBatch(kernel, nativeKeystream, payroll, [[0n], [5n], [1n]], seedsFrom(1))
  const holding = holdingOf(batch, 1)
  const load = (change: Partial<typeof holding>) => () =>
    loadBatch(kernel, nativeKeystream, payroll, 1, 1, { ...holding, ...change })
  expect(load({})).not.toThrow()
  expect(load({ own: new Uint8Array(31) })).toThrow(expect.objectContaining({ check: 'share-malformed' }))
  expect(load({ next: holding.next.subarray(8) })).toThrow(
    expect.objectContaining({ check: 'share-malformed' }),
  )
  expect(load({ next: new Uint8Array(holding.next.length).fill(255) })).toThrow(
    expect.objectContaining({ check: 'share-malformed' }),
  )
  const foreign = holding.publicBytes.slice()
  foreign[8] = 4
  for (const publicBytes of [foreign, new Uint8Array(16), new Uint8Array(0)])
    expect(load({ publicBytes })).toThrow(expect.objectContaining({ check: 'public-column-malformed' }))
})

test('a million rows of eight columns are dealt in seconds', () => {
  const rows = 1_000_000
  const wide = tableSchema.parse({
    table: 'wide',
    columns: Array.from({ length: 8 }, (_, i) => ({
      name: `c${i}`,
      type: { kind: 'integer', min: 0, max: 65_535 },
      nullable: i % 2 === 0,
      visibility: 'secret',
      uses: [],
    })),
  })
  const column = Array.from({ length: rows }, (_, r) => BigInt(r % 65_536))
  const start = performance.now()
  const batch = dealBatch(kernel, nativeKeystream, wide, new Array(8).fill(column), seedsFrom(1))
  expect(loadBatch(kernel, nativeKeystream, wide, rows, 1, holdingOf(batch, 1)).rows).toBe(rows)
  // Well under a second on an idle machine; the bound only catches a change of kind, such as an object a row.
  expect(performance.now() - start).toBeLessThan(15_000)
})
