/**
 * Load: what a party does with the two shares it holds of a batch, after it unlocked them for an approved run. The
 * result is a sharing; nothing becomes known. 0 rounds.
 */
import { wordsOfBytes } from '../base/bytes.ts'
import { Abort } from '../base/errors.ts'
import { bits } from '../bits/bits.ts'
import { field } from '../field/field.ts'
import type { Kernel, Words } from '../kernel/kernel.ts'
import type { Keystream } from '../prss/keystream.ts'
import { nextOf, type PartyIndex, type SharedBits, type SharedField } from '../sharing/shared.ts'
import { expandPart, SEED_BYTES } from './expand.ts'
import { type Form, layoutOf, type Part, wordsOfPart } from './layout.ts'
import { unpackPublic } from './public-columns.ts'
import type { Relation, SecretColumn } from './relation.ts'
import { secretColumns, type TableSchema } from './schema.ts'

/** What party i holds of a batch: share i, share i + 1 (a seed, or for share 2 its words), and the public columns. */
export interface Holding {
  readonly own: Uint8Array
  readonly next: Uint8Array
  readonly publicBytes: Uint8Array
}

/** Throws Abort('share-malformed') or Abort('public-column-malformed') on content that no honest client deals. */
export const loadBatch = (
  kernel: Kernel,
  keystream: Keystream,
  schema: TableSchema,
  rows: number,
  party: PartyIndex,
  holding: Holding,
  /** Secret columns that will be read; the others are not expanded. Left out: all. */
  wanted?: ReadonlySet<string>,
): Relation => {
  const layout = layoutOf(schema, rows)
  const malformed = (): Abort =>
    new Abort('share-malformed', 'a share does not have the form its schema asks for', {
      where: schema.table,
    })

  const readerOf = (index: PartyIndex, content: Uint8Array): ((part: Part) => readonly Words[]) => {
    if (content.length !== (index === 2 ? 8 * layout.words : SEED_BYTES)) throw malformed()
    if (index !== 2) return part => expandPart(kernel, keystream, schema, rows, part, content)
    const words = wordsOfBytes(content)
    return part => {
      const all = wordsOfPart(words, part)
      if (part.domain === 'field' && !kernel.fieldIsCanonical(all)) throw malformed()
      return Array.from({ length: part.vectors }, (_, j) => {
        const vector = kernel.slice(all, j * part.wordsPerVector, (j + 1) * part.wordsPerVector)
        return part.domain === 'boolean' ? kernel.clean(vector, rows) : vector
      })
    }
  }
  const own = readerOf(party, holding.own)
  const next = readerOf(nextOf(party), holding.next)

  const boolean = (part: Part): readonly SharedBits[] => {
    const [a, b] = [own(part), next(part)]
    return a.map((words, j) => ({ own: bits(words, rows), next: bits(b[j] as Words, rows) }))
  }
  const arithmetic = (part: Part): SharedField => ({
    own: field(own(part)[0] as Words, rows),
    next: field(next(part)[0] as Words, rows),
  })
  const partOf = (form: Form, column?: string): Part | undefined =>
    layout.parts.find(part => part.form === form && part.column === column)

  const secretColumn = (name: string): Omit<SecretColumn, 'column'> => {
    const element = partOf('field', name)
    const [nullBit, nullField] = [partOf('not-null-bit', name), partOf('not-null-field', name)]
    return {
      slices: boolean(partOf('slices', name) as Part),
      ...(element && { field: arithmetic(element) }),
      ...(nullBit &&
        nullField && {
          notNull: { bit: boolean(nullBit)[0] as SharedBits, field: arithmetic(nullField) },
        }),
    }
  }
  return {
    rows,
    valid: boolean(partOf('valid') as Part)[0] as SharedBits,
    secret: new Map(
      secretColumns(schema)
        .filter(({ name }) => wanted === undefined || wanted.has(name))
        .map(column => [column.name, { column, ...secretColumn(column.name) }]),
    ),
    public: unpackPublic(schema, rows, holding.publicBytes),
  }
}
