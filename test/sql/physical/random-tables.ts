/** Random plain tables for tests of joins and unions: values lean to the ends of their ranges, and often repeat. */
import { type Column, rangeOf } from '../../../shared/data/schema.ts'
import type { Random } from '../table.ts'
import type { Cell, Held, PlainTable } from './held.ts'

const randomCell = (random: Random, { type, nullable }: Column): Cell => {
  if (nullable && random.chance(0.2)) return null
  const { low, high } = rangeOf(type)
  return random.chance(0.5)
    ? random.pick([low, high, low + 1n > high ? low : low + 1n])
    : low + BigInt(random.between(0, Number(high - low)))
}

export const randomTable = (
  random: Random,
  rows: number,
  columns: readonly Held[],
  padding: number,
): PlainTable => {
  const valid = Array.from({ length: rows }, () => !random.chance(padding))
  return {
    valid,
    columns: columns.map(one => ({ ...one, values: valid.map(() => randomCell(random, one.column)) })),
  }
}

/** Any domains that hold something. */
export const someDomains = (random: Random) =>
  random.pick([
    { bits: true, field: true },
    { bits: true, field: false },
    { bits: false, field: true },
  ])
