/**
 * Where everything stands in one share of a batch: the validity bits, then for each secret column its slices, its F_p
 * words, and for a nullable column the truth about NULL in both domains. All three shares of a batch have this layout.
 *
 * It depends on schema and row count alone, both public. Every part starts at a multiple of 8 bytes.
 */
import { wordsForBits } from '../kernel/kernel.ts'
import { columnWidth, hasField, secretColumns, type TableSchema } from './schema.ts'

export type Form = 'valid' | 'slices' | 'field' | 'not-null-bit' | 'not-null-field'

export interface Part {
  /** Name of the column; absent for the validity bits. */
  readonly column?: string
  readonly form: Form
  readonly domain: 'boolean' | 'field'
  /** How many vectors of one element a row stand one after the other: the width for slices, else 1. */
  readonly vectors: number
  readonly wordsPerVector: number
  /** First word of the part within the share. */
  readonly at: number
}

export interface Layout {
  readonly rows: number
  readonly parts: readonly Part[]
  readonly words: number
}

/**
 * Names the part's own stream under a seed. No two parts of a table share one: forms contain no `|`, and neither do
 * column names.
 */
export const streamLabel = (schema: TableSchema, part: Part): string =>
  `trias-deal-1|${schema.table}|${part.column ?? ''}|${part.form}`

export const layoutOf = (schema: TableSchema, rows: number): Layout => {
  const bitWords = wordsForBits(rows)
  const parts: Part[] = []
  let words = 0
  const append = (form: Form, domain: Part['domain'], column?: string, vectors = 1): void => {
    const wordsPerVector = domain === 'boolean' ? bitWords : rows
    parts.push({ ...(column !== undefined && { column }), form, domain, vectors, wordsPerVector, at: words })
    words += vectors * wordsPerVector
  }
  append('valid', 'boolean')
  for (const column of secretColumns(schema)) {
    append('slices', 'boolean', column.name, columnWidth(column))
    if (hasField(column.type)) append('field', 'field', column.name)
    if (column.nullable) {
      append('not-null-bit', 'boolean', column.name)
      append('not-null-field', 'field', column.name)
    }
  }
  return { rows, parts, words }
}

/** Words of part `part` of a share. */
export const wordsOfPart = (share: BigUint64Array, part: Part): BigUint64Array =>
  share.subarray(part.at, part.at + part.vectors * part.wordsPerVector)
