/** Rows of several vectors: what moves together when rows are shuffled, sorted or joined. All of it is local. */
import { type Bits, bits } from '../bits/bits.ts'
import { type Field, field } from '../field/field.ts'
import { type Kernel, P, type Words } from '../kernel/kernel.ts'
import type { Shape } from '../session/encoding.ts'
import type { Vector } from '../session/session.ts'
import type { SharedBits, SharedField } from '../sharing/shared.ts'

export type Column = SharedBits | SharedField

export const isField = (column: Column): column is SharedField => column.own.domain === 'field'

export const shapeOf = ({ own }: Column): Shape => ({ domain: own.domain, length: own.length })

/** The length that all columns have; without columns there are no rows to speak of. */
export const rowsOf = (columns: readonly Column[]): number => {
  const [first] = columns
  if (first === undefined) throw new RangeError('rows without columns')
  for (const { own } of columns)
    if (own.length !== first.own.length) throw new RangeError(`rows: ${first.own.length} and ${own.length}`)
  return first.own.length
}

/** Bits of one row that one word takes, so that a kernel can move it like a field element. */
const WORD_BITS = 61
/** From this many slices on it pays to make words of rows, move the words, and make slices again. */
const SLICES_MIN = 3

/** y[i] = x[p[i]] for every vector. */
export const permuteVectors = (
  kernel: Kernel,
  vectors: readonly Vector[],
  permutation: Uint32Array,
): Vector[] => {
  const out: Vector[] = vectors.map(vector =>
    vector.domain === 'field' ? field(kernel.fieldGather(vector.words, permutation), vector.length) : vector,
  )
  const slicesAt = vectors.flatMap(({ domain }, at) => (domain === 'boolean' ? [at] : []))
  for (let from = 0; from < slicesAt.length; from += WORD_BITS) {
    const places = slicesAt.slice(from, from + WORD_BITS)
    const slices = places.map(at => vectors[at] as Bits)
    const { length } = slices[0] as Bits
    const words: Words[] =
      slices.length < SLICES_MIN
        ? slices.map(slice => kernel.bitsGather(slice.words, permutation))
        : kernel.toSlices(
            kernel.fieldGather(
              kernel.fromSlices(
                slices.map(slice => slice.words),
                length,
              ),
              permutation,
            ),
            slices.length,
          )
    places.forEach((at, i) => {
      out[at] = bits(words[i] as Words, length)
    })
  }
  return out
}

/** The columns that two lists of vectors share. */
export const columnsOf = (own: readonly Vector[], next: readonly Vector[]): Column[] =>
  own.map((vector, i) => ({ own: vector, next: next[i] }) as Column)

/** The same for both shares of every column: a permutation that the party knows, so nothing is sent. */
export const permuteColumns = <C extends Column>(
  kernel: Kernel,
  columns: readonly C[],
  permutation: Uint32Array,
): C[] =>
  columnsOf(
    permuteVectors(
      kernel,
      columns.map(column => column.own),
      permutation,
    ),
    permuteVectors(
      kernel,
      columns.map(column => column.next),
      permutation,
    ),
  ) as C[]

/** The first rows of a table, for a bound that the plan declares. */
export const firstRows = <C extends Column>(kernel: Kernel, columns: readonly C[], rows: number): C[] => {
  const first = (vector: Vector): Vector =>
    vector.domain === 'field'
      ? field(kernel.slice(vector.words, 0, rows), rows)
      : bits(kernel.bitsSlice(vector.words, 0, rows), rows)
  if (rows > rowsOf(columns)) throw new RangeError(`rows: ${rows} of ${rowsOf(columns)}`)
  return columns.map(({ own, next }) => ({ own: first(own), next: first(next) }) as C)
}

export const addVectors = (kernel: Kernel, x: readonly Vector[], y: readonly Vector[]): Vector[] =>
  x.map((vector, i) => {
    const other = (y[i] as Vector).words
    return vector.domain === 'field'
      ? field(kernel.fieldAdd(vector.words, other), vector.length)
      : bits(kernel.xor(vector.words, other), vector.length)
  })

export const subtractVectors = (kernel: Kernel, x: readonly Vector[], y: readonly Vector[]): Vector[] =>
  x.map((vector, i) => {
    const other = (y[i] as Vector).words
    return vector.domain === 'field'
      ? field(kernel.fieldSub(vector.words, other), vector.length)
      : bits(kernel.xor(vector.words, other), vector.length)
  })

/** 0, 1, 2 …, public. */
export const rowNumbers = (kernel: Kernel, length: number): Field =>
  field(kernel.fieldPrefixSums(kernel.fill(length, 1n), kernel.fill(1, P - 1n)), length)

export const bitsSlice = (k: Kernel, x: SharedBits, from: number, to: number): SharedBits => ({
  own: bits(k.bitsSlice(x.own.words, from, to), to - from),
  next: bits(k.bitsSlice(x.next.words, from, to), to - from),
})

export const bitsConcat = (k: Kernel, x: SharedBits, y: SharedBits): SharedBits => {
  const length = x.own.length + y.own.length
  return {
    own: bits(k.bitsConcat([x.own, y.own]), length),
    next: bits(k.bitsConcat([x.next, y.next]), length),
  }
}
