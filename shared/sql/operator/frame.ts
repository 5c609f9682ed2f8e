/** What expressions and conditions are computed over: a block of rows, or (in HAVING) the cells of the group table. */

import type { Relation } from '../../data/relation.ts'
import { rangeOf } from '../../data/schema.ts'
import type { SharedBits, SharedField } from '../../sharing/shared.ts'
import { type Scope, scopeOf } from '../compare.ts'

export interface SecretVector {
  /** Bits of value - low, lowest first; empty for totals. */
  readonly slices: readonly SharedBits[]
  readonly low: bigint
  readonly field: SharedField | undefined
  /** Absent when never NULL. */
  readonly notNull: { readonly bit: SharedBits; readonly field: SharedField | undefined } | undefined
}

export interface Frame {
  readonly rows: number
  readonly secret: ReadonlyMap<string, SecretVector>
  readonly public: ReadonlyMap<string, readonly (bigint | null)[]>
  readonly scope: Scope
  isNullable(name: string): boolean
  /** Work that several expressions share, by what it computes. */
  readonly memo: Map<string, Promise<unknown>>
}

export const frameOfRelation = (relation: Relation): Frame => {
  const columns = [...relation.secret.values(), ...relation.public.values()].map(({ column }) => column)
  const scope = scopeOf(columns)
  return {
    rows: relation.rows,
    secret: new Map(
      [...relation.secret].map(([name, { column, slices, field, notNull }]) => [
        name,
        { slices, low: rangeOf(column.type).low, field, notNull },
      ]),
    ),
    public: new Map([...relation.public].map(([name, { values }]) => [name, values])),
    scope,
    isNullable: name => scope.column(name)?.nullable === true,
    memo: new Map(),
  }
}
