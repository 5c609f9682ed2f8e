/**
 * What one party holds of a table: shares of the secret columns, the public columns in the clear, and a shared validity
 * bit a row, so that padding rows look like any other.
 *
 * Everything here is local: 0 rounds, 0 bytes.
 */
import { type Bits, bits } from '../bits/bits.ts'
import { type Field, field, fieldZeros } from '../field/field.ts'
import { dryKernel } from '../kernel/dry.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { fieldConcat, type SharedBits, type SharedField, zeroBits } from '../sharing/shared.ts'
import {
  type Column,
  columnWidth,
  hasField,
  publicColumns,
  rangeOf,
  secretColumns,
  type TableSchema,
} from './schema.ts'

/** A nullable column's truth about NULL, in both domains. */
interface NotNull {
  readonly bit: SharedBits
  readonly field: SharedField
}

export interface SecretColumn {
  readonly column: Column
  /** Bits of value - low, lowest first; all zero where NULL and in padding rows. */
  readonly slices: readonly SharedBits[]
  /** The encoded integer itself, 0 where NULL and in padding rows; absent for categories. */
  readonly field?: SharedField
  /** Present exactly when the column is nullable; 0 in padding rows. */
  readonly notNull?: NotNull
}

export interface PublicColumn {
  readonly column: Column
  /** Encoded integers; null where NULL and in padding rows. */
  readonly values: readonly (bigint | null)[]
}

export interface Relation {
  /** Public: rows held, padding included. */
  readonly rows: number
  /** 0 in padding rows. */
  readonly valid: SharedBits
  readonly secret: ReadonlyMap<string, SecretColumn>
  readonly public: ReadonlyMap<string, PublicColumn>
}

/** How each part of a relation is mapped; the shape follows from the first of `relations`. */
interface PartMaps {
  readonly rows: number
  bits(parts: readonly SharedBits[]): SharedBits
  field(parts: readonly SharedField[]): SharedField
  values(parts: readonly (readonly (bigint | null)[])[]): readonly (bigint | null)[]
}

const mapParts = (relations: readonly Relation[], maps: PartMaps): Relation => {
  const first = relations[0]
  if (first === undefined) throw new RangeError('expected at least one relation')
  const columnOf = <C>(columns: ReadonlyMap<string, C>, name: string): C => {
    const found = columns.get(name)
    if (found === undefined) throw new RangeError(`relations differ in column ${name}`)
    return found
  }
  const secret = new Map<string, SecretColumn>()
  for (const [name, { column, slices, field: element, notNull }] of first.secret) {
    const all = relations.map(relation => columnOf(relation.secret, name))
    if (
      all.some(
        other =>
          other.slices.length !== slices.length || !other.field !== !element || !other.notNull !== !notNull,
      )
    )
      throw new RangeError(`relations differ in the shape of column ${name}`)
    secret.set(name, {
      column,
      slices: slices.map((_, j) => maps.bits(all.map(other => other.slices[j] as SharedBits))),
      ...(element && { field: maps.field(all.map(other => other.field as SharedField)) }),
      ...(notNull && {
        notNull: {
          bit: maps.bits(all.map(other => (other.notNull as NotNull).bit)),
          field: maps.field(all.map(other => (other.notNull as NotNull).field)),
        },
      }),
    })
  }
  return {
    rows: maps.rows,
    valid: maps.bits(relations.map(relation => relation.valid)),
    secret,
    public: new Map(
      [...first.public].map(([name, { column }]) => [
        name,
        { column, values: maps.values(relations.map(relation => columnOf(relation.public, name).values)) },
      ]),
    ),
  }
}

/** The union of batches and owners under one schema, in the order given. */
export const concatRelations = (kernel: Kernel, relations: readonly Relation[]): Relation => {
  if (relations.length === 1) return relations[0] as Relation
  const join = (parts: readonly Bits[]): Bits =>
    bits(
      kernel.bitsConcat(parts),
      parts.reduce((n, part) => n + part.length, 0),
    )
  return mapParts(relations, {
    rows: relations.reduce((n, relation) => n + relation.rows, 0),
    bits: parts => ({ own: join(parts.map(part => part.own)), next: join(parts.map(part => part.next)) }),
    field: parts => fieldConcat(kernel, parts),
    values: parts => parts.flat(),
  })
}

/** The rows at public places, in that order. */
export const selectRows = (kernel: Kernel, relation: Relation, indices: Uint32Array): Relation => {
  const pickBits = (v: Bits): Bits => bits(kernel.bitsGather(v.words, indices), indices.length)
  const pickField = (v: Field): Field => field(kernel.fieldGather(v.words, indices), indices.length)
  return mapParts([relation], {
    rows: indices.length,
    bits: ([x]) => ({ own: pickBits((x as SharedBits).own), next: pickBits((x as SharedBits).next) }),
    field: ([x]) => ({ own: pickField((x as SharedField).own), next: pickField((x as SharedField).next) }),
    values: ([values]) => Array.from(indices, i => (values as readonly (bigint | null)[])[i] ?? null),
  })
}

/**
 * A relation of the right shape that holds nothing: with the dry kernel for costing a plan, with a real one all zeros.
 * Public columns hold their least value everywhere.
 */
export const blankRelation = (schema: TableSchema, rows: number, kernel: Kernel = dryKernel): Relation => {
  const blankBits = (): SharedBits => zeroBits(kernel, rows)
  const blankField = (): SharedField => ({ own: fieldZeros(kernel, rows), next: fieldZeros(kernel, rows) })
  return {
    rows,
    valid: blankBits(),
    secret: new Map(
      secretColumns(schema).map(column => [
        column.name,
        {
          column,
          slices: Array.from({ length: columnWidth(column) }, blankBits),
          ...(hasField(column.type) && { field: blankField() }),
          ...(column.nullable && { notNull: { bit: blankBits(), field: blankField() } }),
        },
      ]),
    ),
    public: new Map(
      publicColumns(schema).map(column => [
        column.name,
        { column, values: new Array<bigint>(rows).fill(rangeOf(column.type).low) },
      ]),
    ),
  }
}
