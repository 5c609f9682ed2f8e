/**
 * Deal: what a data owner does to a batch of checked rows, on its own machine.
 *
 *   share 0, share 1 = streams of two seeds      share 2 = value - share 0 - share 1   (bits: value ⊕ share 0 ⊕ share 1)
 *
 * Each share alone, and so each seed, says nothing about the rows; party i gets shares i and i + 1. Row count, schema
 * and public columns are known to all three parties. 0 rounds.
 *
 * Seeds are drawn fresh for every batch: the same seeds over two batches would give their difference to whoever holds
 * share 2. A dishonest owner can deal what its own schema forbids; it then spoils the report, and harms nobody's secrecy.
 */
import { bytesOfWords } from '../base/bytes.ts'
import { InputError } from '../base/errors.ts'
import { bitsFrom } from '../bits/bits.ts'
import { encodeInteger } from '../field/field.ts'
import type { Kernel, Words } from '../kernel/kernel.ts'
import type { Keystream } from '../prss/keystream.ts'
import { expandPart, SEED_BYTES } from './expand.ts'
import { layoutOf, type Part, wordsOfPart } from './layout.ts'
import { packPublic } from './public-columns.ts'
import { type Column, columnWidth, publicColumns, rangeOf, type TableSchema } from './schema.ts'

/** Encoded integers of one column, one a row; null is NULL. */
export type EncodedColumn = readonly (bigint | null)[]

export interface DealtBatch {
  /** Rows dealt, padding included. */
  readonly rows: number
  /** Shares 0 and 1 are seeds, share 2 is the words of the layout. */
  readonly shares: readonly [Uint8Array, Uint8Array, Uint8Array]
  readonly publicBytes: Uint8Array
}

export interface DealOptions {
  /** Rows to reach with invalid ones, so that the true count stays secret. */
  readonly padTo?: number
}

/** Shares a batch. `columns` stand in the order of the schema. Throws InputError when padding cannot hide anything. */
export const dealBatch = (
  kernel: Kernel,
  keystream: Keystream,
  schema: TableSchema,
  columns: readonly EncodedColumn[],
  seeds: readonly [Uint8Array, Uint8Array],
  { padTo }: DealOptions = {},
): DealtBatch => {
  if (columns.length !== schema.columns.length) throw new RangeError('expected one array for each column')
  const filled = columns[0]?.length ?? 0
  if (columns.some(column => column.length !== filled)) throw new RangeError('columns differ in length')
  if (seeds.some(seed => seed.length !== SEED_BYTES)) throw new RangeError(`a seed has ${SEED_BYTES} bytes`)
  const rows = Math.max(filled, padTo ?? filled)
  if (padTo !== undefined && padTo < filled)
    throw new InputError(`The table has more rows than padTo (${padTo}).`, {
      hint: 'Pad to at least the number of rows.',
    })
  if (padTo !== undefined && publicColumns(schema).length > 0)
    throw new InputError('A table with public columns cannot be padded.', {
      hint: 'Declare all columns secret, or share the table without padding: a clear column would show which rows are padding.',
    })

  const layout = layoutOf(schema, rows)
  const share2 = new BigUint64Array(layout.words)
  const sources = new Map(
    schema.columns.map((column, c) => [column.name, { column, values: columns[c] as EncodedColumn }]),
  )
  for (const part of layout.parts) {
    const source = part.column === undefined ? undefined : sources.get(part.column)
    const plain = source
      ? plainPart(kernel, part, source.column, source.values, rows)
      : validity(filled, rows)
    const [mask0, mask1] = seeds.map(seed => expandPart(kernel, keystream, schema, rows, part, seed))
    const subtract = (a: Words, b: Words): Words =>
      part.domain === 'boolean' ? kernel.xor(a, b) : kernel.fieldSub(a, b)
    const target = wordsOfPart(share2, part)
    plain.forEach((vector, j) => {
      const shared = subtract(subtract(vector, mask0?.[j] as Words), mask1?.[j] as Words)
      target.set(shared, j * part.wordsPerVector)
    })
  }
  return Object.freeze({
    rows,
    shares: [seeds[0], seeds[1], bytesOfWords(share2)] as const,
    publicBytes: packPublic(schema, rows, name => sources.get(name)?.values ?? []),
  })
}

const validity = (filled: number, rows: number): readonly Words[] => {
  const flags = new Uint8Array(rows)
  flags.fill(1, 0, filled)
  return [bitsFrom(flags).words]
}

/** The vectors of one part of one column before sharing. NULL and padding are 0 everywhere. */
const plainPart = (
  kernel: Kernel,
  part: Part,
  column: Column,
  values: EncodedColumn,
  rows: number,
): readonly Words[] => {
  switch (part.form) {
    case 'slices': {
      const { low, high } = rangeOf(column.type)
      const offsets = mapPresent(values, rows, value => {
        if (value < low || value > high) throw new RangeError(`column ${column.name}: a row was not checked`)
        return value - low
      })
      return kernel.toSlices(offsets, columnWidth(column))
    }
    case 'field':
      return [mapPresent(values, rows, encodeInteger)]
    case 'not-null-bit':
      return [presence(values, rows)]
    case 'not-null-field':
      return [kernel.bitsToField(presence(values, rows), rows)]
    case 'valid':
      throw new RangeError('validity belongs to no column')
  }
}

const mapPresent = (values: EncodedColumn, rows: number, word: (value: bigint) => bigint): Words => {
  const out = new BigUint64Array(rows)
  for (let r = 0; r < values.length; r++) {
    const value = values[r] as bigint | null
    if (value !== null) out[r] = word(value)
  }
  return out
}

const presence = (values: EncodedColumn, rows: number): Words => {
  const flags = new Uint8Array(rows)
  for (let r = 0; r < values.length; r++) if (values[r] !== null) flags[r] = 1
  return bitsFrom(flags).words
}
