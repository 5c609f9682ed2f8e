/** Groups of sorted rows against plain ones: ends, totals, what the last row holds, running sums, filling down. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inSequence } from '../../shared/protocol/cost.ts'
import { fillDown, fillDownCost, runningTotals, runningTotalsCost } from '../../shared/protocol/fill-down.ts'
import { groupEnds, groupEndsCost, groupStarts } from '../../shared/protocol/group-flags.ts'
import { type Groups, groupTotals, groupTotalsCost } from '../../shared/protocol/group-totals.ts'
import { applyPermutationCost } from '../../shared/protocol/permutation.ts'
import { type Column, firstRows, shapeOf } from '../../shared/protocol/rows.ts'
import { unshuffleCost } from '../../shared/protocol/shuffle.ts'
import type { Shape } from '../../shared/session/encoding.ts'
import type { Session } from '../../shared/session/session.ts'
import { PARTIES, type SharedBits, type SharedField } from '../../shared/sharing/shared.ts'
import { checkProtocol } from '../support/check-protocol.ts'
import { dealtColumns, numbersOf, valuesOfColumns } from '../support/tables.ts'
import {
  dealBits,
  dealField,
  dealSlices,
  measuredCost,
  runThree,
  valuesOfBits,
  valuesOfField,
} from '../support/three-parties.ts'

type Three<T> = readonly [T, T, T]
const byParty = <T>(part: (party: 0 | 1 | 2) => T): Three<T> => PARTIES.map(part) as unknown as Three<T>
const lengths = [0, 1, 2, 63, 64, 65, 130]
const sorted = (values: readonly bigint[]): bigint[] => values.toSorted((a, b) => Number(a - b))

const endsOf = (keys: readonly bigint[]): number[] => keys.map((key, i) => (keys[i + 1] === key ? 0 : 1))
const startsOf = (keys: readonly bigint[]): number[] => keys.map((key, i) => (keys[i - 1] === key ? 0 : 1))

test('a group ends where the next row has another key, and starts where one has ended', async () => {
  for (const width of [1, 5])
    for (const length of lengths) {
      const inputs = [1, 2].map(seed => sorted(numbersOf(seed, length, width)))
      const results = await checkProtocol({
        protocol: groupEnds,
        inputs: inputs.map(keys => dealSlices(keys, width)),
        cost: groupEndsCost(width, length),
      })
      for (const [i, shares] of results.entries()) {
        expect(valuesOfBits(shares)).toEqual(endsOf(inputs[i]!))
        const starts = await runThree(async s => groupStarts(s, shares[s.party]))
        expect(valuesOfBits(starts.results)).toEqual(startsOf(inputs[i]!))
      }
    }
})

interface Input {
  readonly ends: SharedBits
  readonly values: readonly SharedField[]
  readonly kept: readonly Column[]
}

/** Group by key in the clear: count, sum, and the last row's number. */
const plainGroups = (keys: readonly bigint[], values: readonly bigint[]): bigint[][] => {
  const groups = new Map<bigint, [bigint, bigint, bigint]>()
  keys.forEach((key, i) => {
    const [count, sum] = groups.get(key) ?? [0n, 0n]
    groups.set(key, [count + 1n, sum + values[i]!, BigInt(i)])
  })
  return [...groups.values()]
}

const valuesOfGroups = (shares: Three<Groups>): bigint[][] => {
  const valid = valuesOfBits(byParty(i => shares[i].valid))
  const counts = valuesOfField(byParty(i => shares[i].counts))
  const sums = valuesOfField(byParty(i => shares[i].sums[0]!))
  const kept = valuesOfColumns(byParty(i => shares[i].kept))
  return valid.map((flag, row) => [BigInt(flag), counts[row]!, sums[row]!, ...kept[row]!])
}

test('totals: one row a group in front, zeros behind, whatever the groups', async () => {
  for (const length of lengths) {
    const inputs = [1, 2, 3].map(seed => ({
      // One group, some, and as many as there are rows.
      keys:
        seed === 1
          ? Array<bigint>(length).fill(3n)
          : seed === 2
            ? sorted(numbersOf(seed, length, 3))
            : numbersOf(1, length, 1).map((_, i) => BigInt(i)),
      values: numbersOf(seed + 5, length, 20).map(v => v - 500_000n),
    }))
    const numbers = Array.from({ length }, (_, i) => BigInt(i))
    const dealt = inputs.map(({ keys, values }) => {
      const ends = dealBits(endsOf(keys))
      const amounts = dealField(values)
      const kept = dealtColumns(numbers, 8)
      return byParty((i): Input => ({ ends: ends[i], values: [amounts[i]], kept: kept[i] }))
    })
    const shapes = dealt[0]![0].kept.map(shapeOf)
    const cost = groupTotalsCost(length, 1, shapes)
    const element: Shape = { domain: 'field', length }
    const moved: Shape[] = [{ domain: 'boolean', length }, element, element, element, ...shapes]
    const results = await checkProtocol({
      protocol: (s: Session, { ends, values, kept }: Input) => groupTotals(s, ends, values, kept),
      inputs: dealt,
      cost,
      otherBytes: applyPermutationCost(moved, length).bytesPerParty,
    })
    results.forEach((shares, i) => {
      const { keys, values } = inputs[i]!
      const groups = plainGroups(keys, values).map(([count, sum, last]) => [1n, count!, sum!, last!, last!])
      const behind = Array.from({ length: length - groups.length }, () => [0n, 0n, 0n, 0n, 0n])
      expect(valuesOfGroups(shares)).toEqual([...groups, ...behind])
    })
    expect(cost.rounds).toBe(7)
  }
})

test('filled down: bits and elements of the last marked row at or above', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 1000n })), { minLength: 1, maxLength: 80 }),
      async rows => {
        const marked = dealBits(rows.map(([mark]) => mark))
        const columns = dealtColumns(
          rows.map(([, value]) => value),
          10,
        )
        const run = await runThree(s => fillDown(s.step('fill'), marked[s.party], columns[s.party]))
        let held = 0n
        const expected = rows.map(([mark, value]) => {
          if (mark) held = value
          return [held, held]
        })
        expect(valuesOfColumns(run.results)).toEqual(expected)
        expect(measuredCost(run)).toEqual(fillDownCost(rows.length, columns[0].map(shapeOf)))
        expect(run.counters[0].rounds).toBe(9)
      },
    ),
    { numRuns: 30 },
  )
})

test('running totals begin again with every group', async () => {
  for (const length of lengths) {
    const inputs = [1, 2].map(seed => ({
      keys: sorted(numbersOf(seed, length, 3)),
      values: numbersOf(seed + 5, length, 20).map(v => v - 500_000n),
    }))
    const dealt = inputs.map(({ keys, values }) => {
      const starts = dealBits(startsOf(keys))
      const amounts = dealField(values)
      return byParty(i => ({ starts: starts[i], values: [amounts[i]] }))
    })
    const cost = runningTotalsCost(length, 1)
    const element: Shape = { domain: 'field', length }
    const other = inSequence(
      applyPermutationCost([{ domain: 'boolean', length }, element, element, element], length),
      unshuffleCost([element, element]),
    )
    const results = await checkProtocol({
      protocol: (s: Session, { starts, values }: { starts: SharedBits; values: SharedField[] }) =>
        runningTotals(s, starts, values),
      inputs: dealt,
      cost,
      otherBytes: other.bytesPerParty,
    })
    results.forEach((shares, i) => {
      const { keys, values } = inputs[i]!
      let [number, sum] = [0n, 0n]
      const expected = keys.map((key, row) => {
        ;[number, sum] = keys[row - 1] === key ? [number + 1n, sum + values[row]!] : [1n, values[row]!]
        return [number, sum]
      })
      expect(valuesOfField(byParty(party => shares[party].numbers))).toEqual(expected.map(([n]) => n))
      expect(valuesOfField(byParty(party => shares[party].sums[0]!))).toEqual(expected.map(([, s]) => s))
    })
  }
})

test('the first rows of a table, and no more than there are', async () => {
  const rows = numbersOf(1, 130, 9)
  const dealt = dealtColumns(rows, 9)
  for (const count of [0, 1, 64, 65, 130]) {
    const run = await runThree(async s => firstRows(s.kernel, dealt[s.party], count))
    expect(valuesOfColumns(run.results)).toEqual(rows.slice(0, count).map(v => [v, v]))
  }
  await expect(runThree(async s => firstRows(s.kernel, dealt[s.party], 131))).rejects.toThrow(RangeError)
})
