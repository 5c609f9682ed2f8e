/** Tables for tests of shuffle, sort and groups: rows whose columns say the same, so that a torn row shows. */
import { type Column, isField } from '../../shared/protocol/rows.ts'
import { PARTIES, type SharedBits, type SharedField } from '../../shared/sharing/shared.ts'
import { seeded } from './seeded.ts'
import { dealField, dealSlices, valuesOfField, valuesOfSlices } from './three-parties.ts'

type Three<T> = readonly [T, T, T]

/** Numbers of `width` bits. */
export const numbersOf = (seed: number, length: number, width: number): bigint[] => {
  const random = seeded(seed)
  return Array.from({ length }, () => BigInt(Math.floor(random() * 2 ** width)))
}

export const permutationFrom = (seed: number, length: number): number[] => {
  const random = seeded(seed)
  const keys = Array.from({ length }, random)
  return [...keys.keys()].sort((i, j) => (keys[i] as number) - (keys[j] as number))
}

/** The same numbers as `width` slices and as field elements; party i takes element i. */
export const dealtColumns = (rows: readonly bigint[], width: number): Three<Column[]> => {
  const slices = dealSlices(rows, width)
  const elements = dealField(rows)
  return PARTIES.map(i => [...slices[i], elements[i]]) as unknown as Three<Column[]>
}

/** The inverse: one list a row, with every run of slices as one number and every field column as another. */
export const valuesOfColumns = (shares: Three<readonly Column[]>): bigint[][] => {
  const [first] = shares
  const at = (from: number, to: number) =>
    shares.map(columns => columns.slice(from, to)) as unknown as Three<Column[]>
  const parts: bigint[][] = []
  for (let from = 0; from < first.length; ) {
    let to = from + 1
    if (isField(first[from] as Column)) {
      parts.push(
        valuesOfField(at(from, to).map(([column]) => column as SharedField) as unknown as Three<SharedField>),
      )
    } else {
      while (to < first.length && !isField(first[to] as Column)) to++
      parts.push(valuesOfSlices(at(from, to) as unknown as Three<SharedBits[]>))
    }
    from = to
  }
  return (parts[0] ?? []).map((_, row) => parts.map(part => part[row] as bigint))
}
