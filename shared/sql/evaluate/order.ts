/** The order of plain values: numbers and dates by size, categories by their text, NULL where the query says. */
import type { ColumnType } from '../../data/schema.ts'

/** Undefined is a suppressed value: last whatever the direction, so that its place says nothing. */
export type Sortable = bigint | null | undefined

export interface Direction {
  readonly descending: boolean
  readonly nullsFirst: boolean
}

const codePoints = (text: string): readonly number[] =>
  [...text].map(character => character.codePointAt(0) as number)

const compareTexts = (a: string, b: string): number => {
  const [x, y] = [codePoints(a), codePoints(b)]
  for (let i = 0; i < Math.min(x.length, y.length); i++)
    if (x[i] !== y[i]) return (x[i] as number) - (y[i] as number)
  return x.length - y.length
}

export const compareValues = (a: Sortable, b: Sortable, type: ColumnType, direction: Direction): number => {
  const { descending, nullsFirst } = direction
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  if (a === null || b === null) return (Number(a === null) - Number(b === null)) * (nullsFirst ? -1 : 1)
  const ascending =
    type.kind === 'category'
      ? compareTexts(type.values[Number(a)] as string, type.values[Number(b)] as string)
      : Number(a > b) - Number(a < b)
  return descending ? -ascending : ascending
}
