/**
 * Public columns on the wire: the same bytes for all three parties, in the clear inside the owner lock. For each public
 * column the bits that say which values are present, then one little-endian signed word a row, 0 where NULL.
 */
import { bytesOfWords, wordsOfBytes } from '../base/bytes.ts'
import { Abort } from '../base/errors.ts'
import { bitAt, bits, bitsFrom } from '../bits/bits.ts'
import { wordsForBits } from '../kernel/kernel.ts'
import type { PublicColumn } from './relation.ts'
import { publicColumns, rangeOf, type TableSchema } from './schema.ts'

export const packPublic = (
  schema: TableSchema,
  rows: number,
  valuesOf: (column: string) => readonly (bigint | null)[],
): Uint8Array => {
  const present = wordsForBits(rows)
  const columns = publicColumns(schema)
  const out = new BigUint64Array(columns.length * (present + rows))
  columns.forEach((column, c) => {
    const values = valuesOf(column.name)
    const at = c * (present + rows)
    out.set(bitsFrom(values.map(value => value !== null)).words, at)
    const numbers = new BigInt64Array(out.buffer, 8 * (at + present), rows)
    for (let r = 0; r < rows; r++) numbers[r] = values[r] ?? 0n
  })
  return bytesOfWords(out)
}

/** Throws Abort('public-column-malformed') on bytes that no honest client packs under this schema. */
export const unpackPublic = (
  schema: TableSchema,
  rows: number,
  bytes: Uint8Array,
): ReadonlyMap<string, PublicColumn> => {
  const present = wordsForBits(rows)
  const columns = publicColumns(schema)
  const malformed = (where: string): Abort =>
    new Abort('public-column-malformed', 'a public column does not fit its schema', { where })
  if (bytes.length !== 8 * columns.length * (present + rows)) throw malformed(schema.table)
  const words = wordsOfBytes(bytes)
  return new Map(
    columns.map((column, c) => {
      const at = c * (present + rows)
      const mask = bits(words.subarray(at, at + present), rows)
      const numbers = words.subarray(at + present, at + present + rows)
      const { low, high } = rangeOf(column.type)
      const values = Array.from(numbers, (word, r) => {
        const value = bitAt(mask, r) ? BigInt.asIntN(64, word) : null
        if (value === null ? !column.nullable : value < low || value > high)
          throw malformed(`${schema.table}.${column.name}`)
        return value
      })
      return [column.name, { column, values }]
    }),
  )
}
