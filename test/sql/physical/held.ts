/**
 * Tables that three parties hold, dealt from plain rows with every freedom that the invariants leave: columns in one
 * domain or both, and anything at all in rows that do not count. And back, with the invariants checked on the way.
 */
import { expect } from 'vitest'
import { type Column, columnWidth, rangeOf } from '../../../shared/data/schema.ts'
import { type Cost, dryCost } from '../../../shared/session/dry.ts'
import type { Session } from '../../../shared/session/session.ts'
import { PARTIES } from '../../../shared/sharing/shared.ts'
import type { Table, TableColumn } from '../../../shared/sql/physical/table.ts'
import { expectGatesCorrect, type RecordingTape, recordingTape } from '../../support/recording-tape.ts'
import {
  dealBits,
  dealField,
  dealSlices,
  measuredCost,
  runThree,
  valuesOfBits,
  valuesOfField,
  valuesOfSlices,
} from '../../support/three-parties.ts'
import type { Random } from '../table.ts'

export type Three<T> = readonly [T, T, T]

export type Cell = bigint | null

export interface Held {
  readonly column: Column
  readonly bits: boolean
  readonly field: boolean
}

export interface PlainTable {
  readonly valid: readonly boolean[]
  readonly columns: readonly (Held & { readonly values: readonly Cell[] })[]
}

export const column = (name: string, type: Column['type'], rest: Partial<Column> = {}): Column => ({
  name,
  type,
  nullable: false,
  visibility: 'secret',
  uses: ['join', 'group', 'filter', 'aggregate', 'show'],
  ...rest,
})

export const held = (
  of: Column,
  domains: { readonly bits?: boolean; readonly field?: boolean } = { bits: true, field: true },
): Held => ({ column: of, bits: domains.bits ?? false, field: domains.field ?? false })

/** Shares of the table; in rows that do not count, vectors hold anything. */
export const dealTable = (random: Random, { valid, columns }: PlainTable): Three<Table> => {
  const rows = valid.length
  const anything = (width: number): bigint => {
    let value = 0n
    for (let j = 0; j < width; j++) value = 2n * value + BigInt(random.below(2))
    return value
  }
  const vector = (of: (row: number) => bigint, width: number): bigint[] =>
    valid.map((counts, row) => (counts ? of(row) : anything(width)))
  const dealtValid = dealBits(valid)
  const secret = columns
    .filter(({ column: { visibility } }) => visibility === 'secret')
    .map(({ column: of, bits, field, values }) => {
      const { low } = rangeOf(of.type)
      const width = columnWidth(of)
      const known = (row: number): bigint => (values[row] === null ? 0n : 1n)
      return {
        of,
        low,
        field: field ? dealField(vector(row => values[row] ?? 0n, 40)) : undefined,
        slices: bits
          ? dealSlices(
              vector(row => (values[row] ?? low) - low, width),
              width,
            )
          : undefined,
        bit: dealBits(vector(known, 1)),
        element: field ? dealField(vector(known, 20)) : undefined,
      }
    })
  return PARTIES.map(
    (party): Table => ({
      rows,
      valid: dealtValid[party],
      columns: new Map(
        secret.map(({ of, low, field, slices, bit, element }): [string, TableColumn] => [
          of.name,
          {
            column: of,
            low,
            slices: slices?.[party] ?? [],
            field: field?.[party],
            notNull: of.nullable ? { bit: bit[party], field: element?.[party] } : undefined,
          },
        ]),
      ),
      public: new Map(
        columns
          .filter(({ column: { visibility } }) => visibility === 'public')
          .map(({ column: of, values }) => [of.name, { column: of, values }]),
      ),
    }),
  ) as unknown as Three<Table>
}

/** One entry a row: null where it does not count, else its values in the order of the columns asked for. */
const rowsOfTable = (tables: Three<Table>, holds: readonly Held[]): (Cell[] | null)[] => {
  const three = <T>(part: (table: Table) => T): Three<T> => tables.map(part) as unknown as Three<T>
  const valid = valuesOfBits(three(table => table.valid))
  expect(valid.length).toBe(tables[0].rows)
  expect([...tables[0].columns.keys(), ...tables[0].public.keys()].sort()).toEqual(
    holds.map(({ column: { name } }) => name).sort(),
  )
  const columns = holds.map(({ column: of, bits, field }): Cell[] => {
    const open = tables[0].public.get(of.name)
    if (open !== undefined) {
      expect(of.visibility).toBe('public')
      expect(open.values.length).toBe(valid.length)
      return [...open.values]
    }
    const part = <T>(pick: (column: TableColumn) => T): Three<T> =>
      three(table => pick(table.columns.get(of.name) as TableColumn))
    const first = tables[0].columns.get(of.name) as TableColumn
    expect(first.column).toEqual(of)
    expect(first.slices.length).toBe(bits ? columnWidth(of) : 0)
    expect(first.field !== undefined).toBe(field)
    expect(first.notNull !== undefined).toBe(of.nullable)
    const { low } = rangeOf(of.type)
    expect(first.low).toBe(low)
    const known = of.nullable
      ? valuesOfBits(part(c => (c.notNull as NonNullable<TableColumn['notNull']>).bit))
      : undefined
    const bitValues = bits ? valuesOfSlices(part(c => c.slices)) : undefined
    const elements = field
      ? valuesOfField(part(c => c.field as NonNullable<TableColumn['field']>))
      : undefined
    const indicators =
      of.nullable && first.notNull?.field !== undefined
        ? valuesOfField(part(c => c.notNull?.field as NonNullable<TableColumn['field']>))
        : undefined
    return valid.map((counts, row): Cell => {
      if (counts === 0) return null
      const isNull = known?.[row] === 0
      if (indicators !== undefined) expect(indicators[row]).toBe(isNull ? 0n : 1n)
      if (isNull) {
        expect([bitValues?.[row] ?? 0n, elements?.[row] ?? 0n]).toEqual([0n, 0n])
        return null
      }
      const values = [
        ...(bitValues ? [(bitValues[row] as bigint) + low] : []),
        ...(elements ? [elements[row] as bigint] : []),
      ]
      if (values.length === 2) expect(values[0]).toBe(values[1])
      return values[0] as bigint
    })
  })
  return valid.map((counts, row) => (counts === 1 ? columns.map(values => values[row] as Cell) : null))
}

export interface Ran {
  readonly rows: (Cell[] | null)[]
  readonly cost: Cost
  /** Lengths of all frames, in order. */
  readonly shape: string
}

/** Runs an operator; its cost is the one that the dry session counts, and every gate is right. */
export const runOperator = async (
  operator: (session: Session, inputs: readonly Table[]) => Promise<Table>,
  inputs: Three<readonly Table[]>,
  holds: readonly Held[],
  seed: string,
): Promise<Ran> => {
  const frames: string[] = []
  const tapes = PARTIES.map(recordingTape) as unknown as Three<RecordingTape>
  const run = await runThree(session => operator(session, inputs[session.party]), {
    seed,
    tape: party => tapes[party],
    onFrame: ({ from, to, round, bytes }) => void frames.push(`${round}: ${from}>${to} ${bytes.length}`),
  })
  expectGatesCorrect(tapes)
  const cost = measuredCost(run)
  expect(await dryCost(session => operator(session, inputs[session.party]), setImmediate)).toEqual(cost)
  return { rows: rowsOfTable(run.results, holds), cost, shape: frames.sort().join('\n') }
}

export const sideBySide = (...tables: readonly Three<Table>[]): Three<readonly Table[]> =>
  PARTIES.map(party => tables.map(table => table[party])) as unknown as Three<readonly Table[]>
