/** For tests: from rows to what the three parties hold, and back. */
import type { Bits } from '../../shared/bits/bits.ts'
import { bitAt } from '../../shared/bits/bits.ts'
import { type DealOptions, dealBatch, type EncodedColumn } from '../../shared/data/deal.ts'
import { loadBatch } from '../../shared/data/load.ts'
import { holdingOf } from '../../shared/data/owner-lock.ts'
import type { Relation, SecretColumn } from '../../shared/data/relation.ts'
import { rangeOf, type TableSchema } from '../../shared/data/schema.ts'
import { decodeInteger } from '../../shared/field/field.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import type { Keystream } from '../../shared/prss/keystream.ts'
import { reconstructBits, reconstructField, type ThreeShares } from '../../shared/sharing/reconstruct.ts'
import { PARTIES, type SharedBits, type SharedField } from '../../shared/sharing/shared.ts'

export const seedsFrom = (seed: number): readonly [Uint8Array, Uint8Array] => {
  const make = (which: number): Uint8Array => {
    const bytes = new Uint8Array(32).fill(which)
    new DataView(bytes.buffer).setUint32(0, seed)
    return bytes
  }
  return [make(1), make(2)]
}

/** Deals encoded columns and loads them at all three parties. */
export const dealRelations = (
  kernel: Kernel,
  keystream: Keystream,
  schema: TableSchema,
  columns: readonly EncodedColumn[],
  options: DealOptions & { seed?: number } = {},
): ThreeShares<Relation> => {
  const batch = dealBatch(kernel, keystream, schema, columns, seedsFrom(options.seed ?? 1), options)
  return PARTIES.map(party =>
    loadBatch(kernel, keystream, schema, batch.rows, party, holdingOf(batch, party)),
  ) as unknown as ThreeShares<Relation>
}

const truths = (vector: Bits): boolean[] => Array.from({ length: vector.length }, (_, i) => bitAt(vector, i))

/**
 * The valid rows as encoded columns, rebuilt from the slices. Throws when the field words or the two forms of the NULL
 * bit say something else.
 */
export const reconstructColumns = (
  kernel: Kernel,
  schema: TableSchema,
  relations: ThreeShares<Relation>,
): (bigint | null)[][] => {
  const bitsOf = (get: (relation: Relation) => SharedBits): boolean[] =>
    truths(reconstructBits(kernel, relations.map(get) as unknown as ThreeShares<SharedBits>))
  const fieldOf = (get: (relation: Relation) => SharedField): bigint[] =>
    Array.from(
      reconstructField(kernel, relations.map(get) as unknown as ThreeShares<SharedField>).words,
      decodeInteger,
    )
  const valid = bitsOf(relation => relation.valid)
  return schema.columns.map(column => {
    if (column.visibility === 'public') {
      const copies = relations.map(relation => relation.public.get(column.name)?.values ?? [])
      if (copies.some(copy => String(copy) !== String(copies[0]))) throw new Error('public columns differ')
      return [...(copies[0] ?? [])]
    }
    const of = (relation: Relation): SecretColumn => relation.secret.get(column.name) as SecretColumn
    const first = of(relations[0])
    const slices = first.slices.map((_, j) => bitsOf(relation => of(relation).slices[j] as SharedBits))
    const present = first.notNull ? bitsOf(relation => of(relation).notNull?.bit as SharedBits) : valid
    const presentField = first.notNull
      ? fieldOf(relation => of(relation).notNull?.field as SharedField)
      : present.map(b => (b ? 1n : 0n))
    const elements = first.field ? fieldOf(relation => of(relation).field as SharedField) : undefined
    const { low } = rangeOf(column.type)
    const values = valid.map((isValid, r) => {
      const offset = slices.reduce((sum, slice, j) => sum + (slice[r] ? 1n << BigInt(j) : 0n), 0n)
      const value = isValid && present[r] ? offset + low : null
      if (presentField[r] !== (present[r] ? 1n : 0n)) throw new Error('the forms of NOT NULL disagree')
      if (value === null && offset !== 0n) throw new Error('a NULL or padding row is not 0')
      if (elements && elements[r] !== (value ?? 0n)) throw new Error('slices and field disagree')
      return value
    })
    return values.filter((_, r) => valid[r])
  })
}
