/** Text is ordered by code point, and so are categories, whatever the order in which they are declared. */
import type { Column } from '../data/schema.ts'
import { constant, type Expression, referenceTo } from './expression.ts'

export const compareText = (a: string, b: string): number => {
  const [x, y] = [[...a], [...b]].map(text => text.map(character => character.codePointAt(0) as number))
  if (x === undefined || y === undefined) return 0
  const place = x.findIndex((code, i) => code !== y[i])
  return place < 0 ? x.length - y.length : (x[place] as number) - (y[place] ?? -1)
}

/**
 * A number that orders the values of a category column as text, NULL where it is NULL; undefined where the column's own
 * integers do so already.
 */
export const textRankOf = (column: Column): Expression | undefined => {
  const { type } = column
  if (type.kind !== 'category') return undefined
  const places = type.values.map((_, place) => place)
  const ranked = places.toSorted((a, b) => compareText(type.values[a] as string, type.values[b] as string))
  if (ranked.every((place, rank) => place === rank)) return undefined
  const of = referenceTo(column)
  return {
    kind: 'case',
    branches: ranked.map((place, rank) => ({
      when: {
        kind: 'compare',
        comparison: '=',
        left: of,
        right: constant(BigInt(place), 0, 'category', type.values[place]),
      },
      value: constant(BigInt(rank)),
    })),
    otherwise: { kind: 'null' },
  }
}
