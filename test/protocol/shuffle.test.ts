/** Shuffled rows and secret permutations: rows stay whole, every order is equally likely, nothing depends on the data. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { andCost } from '../../shared/protocol/and.ts'
import { multiply } from '../../shared/protocol/multiply.ts'
import { openCost } from '../../shared/protocol/open.ts'
import {
  applyPermutation,
  applyPermutationCost,
  composePermutations,
  composePermutationsCost,
  invertPermutation,
  invertPermutationCost,
  undoPermutation,
  undoPermutationCost,
} from '../../shared/protocol/permutation.ts'
import { type Column, shapeOf } from '../../shared/protocol/rows.ts'
import { shuffle, shuffleCost, unshuffle, unshuffleCost } from '../../shared/protocol/shuffle.ts'
import type { Session } from '../../shared/session/session.ts'
import { PARTIES, type SharedField } from '../../shared/sharing/shared.ts'
import { checkProtocol } from '../support/check-protocol.ts'
import { dealtColumns, numbersOf, permutationFrom, valuesOfColumns } from '../support/tables.ts'
import {
  checksOf,
  dealField,
  flipFirstBit,
  runThree,
  settleThree,
  valuesOfField,
} from '../support/three-parties.ts'

const lengths = [0, 1, 2, 63, 64, 65, 130]

test('shuffle keeps rows whole, whoever leads, and costs 4/3 of a row', async () => {
  for (const lead of PARTIES)
    for (const length of lengths) {
      const inputs = [1, 2].map(seed => numbersOf(seed, length, 9))
      const dealt = inputs.map(rows => dealtColumns(rows, 9))
      const shapes = dealt[0]![0].map(shapeOf)
      const cost = shuffleCost(shapes, lead)
      const results = await checkProtocol({
        protocol: async (s: Session, columns: readonly Column[]) => (await shuffle(s, columns, lead)).columns,
        inputs: dealt,
        cost,
        otherBytes: cost.bytesPerParty,
      })
      results.forEach((shares, i) => {
        const rows = valuesOfColumns(shares)
        // The bits and the field element of a row still say the same.
        for (const [bits, element] of rows) expect(bits).toBe(element)
        expect(rows.map(([bits]) => bits).sort()).toEqual([...inputs[i]!].sort())
      })
    }
  const one = [{ domain: 'field', length: 3 } as const]
  expect(shuffleCost(one)).toEqual({ rounds: 2, bytesPerParty: [24, 48, 24] })
  expect(unshuffleCost(one)).toEqual({ rounds: 2, bytesPerParty: [24, 48, 24] })
})

test('unshuffle brings every row back', async () => {
  for (const lead of PARTIES)
    for (const length of lengths) {
      const rows = numbersOf(lead, length, 5)
      const dealt = dealtColumns(rows, 5)
      const there = shuffleCost(dealt[0].map(shapeOf), lead)
      const back = unshuffleCost(dealt[0].map(shapeOf), lead)
      const run = await runThree(async s => {
        const { columns, order } = await shuffle(s.step('there'), dealt[s.party], lead)
        return unshuffle(s.step('back'), columns, order)
      })
      expect(valuesOfColumns(run.results)).toEqual(rows.map(v => [v, v]))
      expect(run.counters[0].rounds).toBe(there.rounds + back.rounds)
    }
})

test('columns of different lengths, or none, are no rows', async () => {
  const [two, three] = [dealField([1n, 2n]), dealField([1n, 2n, 3n])]
  await expect(runThree(s => shuffle(s.step('a'), [two[s.party], three[s.party]]))).rejects.toThrow(
    RangeError,
  )
  await expect(runThree(s => shuffle(s.step('a'), []))).rejects.toThrow(RangeError)
})

test('every order is equally likely, whoever leads', async () => {
  const values = dealField([0n, 1n, 2n, 3n])
  for (const lead of PARTIES) {
    const counts = new Map<string, number>()
    const runs = 1200
    for (let run = 0; run < runs; run++) {
      const { results } = await runThree(
        async s => (await shuffle(s.step('shuffle'), [values[s.party]], lead)).columns[0] as SharedField,
        { seed: `uniform ${lead} ${run}` },
      )
      const order = valuesOfField(results).join()
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    const expected = runs / 24
    const chiSquare = Array.from(counts.values()).reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    expect(counts.size).toBe(24)
    // 23 degrees of freedom: one seed in a million is above.
    expect(chiSquare).toBeLessThan(70)
  }
})

test('two shuffles of one run, and the same shuffle of two runs, are in different orders', async () => {
  const rows = numbersOf(1, 40, 20)
  const dealt = dealtColumns(rows, 20)
  const orders = async (seed: string) => {
    const run = await runThree(
      async s => [
        ...(await shuffle(s.step('a'), dealt[s.party])).columns,
        ...(await shuffle(s.step('b'), dealt[s.party])).columns,
      ],
      { seed },
    )
    const both = valuesOfColumns(run.results)
    return [both.map(row => row[0]).join(), both.map(row => row[2]).join()]
  }
  const seen = [...(await orders('one')), ...(await orders('two'))]
  expect(new Set(seen).size).toBe(4)
  expect(await orders('one')).toEqual(seen.slice(0, 2))
})

test('the order is made of three permutations, of which every party lacks another one', async () => {
  const rows = numbersOf(1, 40, 20)
  const dealt = dealtColumns(rows, 20)
  for (const lead of PARTIES) {
    const { results } = await runThree(s => shuffle(s.step('shuffle'), dealt[s.party], lead))
    const permutations = PARTIES.map(key => {
      const { own } = results[key].order
      // Share j and permutation j have the same two holders.
      expect([...results[(key + 2) % 3]!.order.next]).toEqual([...own])
      return [...own]
    })
    expect(new Set(permutations.map(String)).size).toBe(3)
    const permuted = [(lead + 1) % 3, lead, (lead + 2) % 3].reduce(
      (x, key) => permutations[key]!.map(from => x[from] as bigint),
      rows,
    )
    const columns = results.map(result => result.columns) as unknown as readonly [
      Column[],
      Column[],
      Column[],
    ]
    expect(valuesOfColumns(columns).map(row => row[0])).toEqual(permuted)
  }
})

test('applied, undone, inverted and composed permutations', async () => {
  for (const length of lengths) {
    const inputs = [1, 2].map(seed => ({
      rows: numbersOf(seed, length, 7),
      position: permutationFrom(seed + 10, length),
      other: permutationFrom(seed + 20, length),
    }))
    const dealt = inputs.map(({ rows, position, other }) => {
      const columns = dealtColumns(rows, 7)
      const [p, q] = [dealField(position.map(BigInt)), dealField(other.map(BigInt))]
      return PARTIES.map(i => ({ columns: columns[i], position: p[i], other: q[i] })) as unknown as readonly [
        Input,
        Input,
        Input,
      ]
    })
    interface Input {
      columns: Column[]
      position: SharedField
      other: SharedField
    }
    const shapes = dealt[0]![0].columns.map(shapeOf)
    const [p0, p1, p2] = applyPermutationCost(shapes, length).bytesPerParty
    const applied = await checkProtocol({
      protocol: (s: Session, { position, columns }: Input) => applyPermutation(s, position, columns),
      inputs: dealt,
      cost: applyPermutationCost(shapes, length),
      otherBytes: [p0, p1, p2],
    })
    const undone = await checkProtocol({
      protocol: (s: Session, { position, columns }: Input) => undoPermutation(s, position, columns, 1),
      inputs: dealt,
      cost: undoPermutationCost(shapes, length, 1),
      otherBytes: undoPermutationCost(shapes, length, 1).bytesPerParty,
    })
    const inverted = await checkProtocol({
      protocol: (s: Session, { position }: Input) => invertPermutation(s, position),
      inputs: dealt,
      cost: invertPermutationCost(length),
      otherBytes: invertPermutationCost(length).bytesPerParty,
    })
    const composed = await checkProtocol({
      protocol: (s: Session, { position, other }: Input) => composePermutations(s, position, other),
      inputs: dealt,
      cost: composePermutationsCost(length),
      otherBytes: composePermutationsCost(length).bytesPerParty,
    })
    inputs.forEach(({ rows, position, other }, i) => {
      const moved = valuesOfColumns(applied[i]!).map(row => row[0])
      rows.forEach((value, row) => void expect(moved[position[row]!]).toBe(value))
      const back = valuesOfColumns(undone[i]!).map(row => row[0])
      rows.forEach((_, row) => void expect(back[row]).toBe(rows[position[row]!]))
      const inverse = valuesOfField(inverted[i]!)
      position.forEach((at, row) => void expect(inverse[at]).toBe(BigInt(row)))
      expect(valuesOfField(composed[i]!)).toEqual(position.map(at => BigInt(other[at]!)))
    })
  }
  expect(applyPermutationCost([], 10).rounds).toBe(3)
  expect(composePermutationsCost(10).rounds).toBe(5)
})

test('undo takes back what apply did, for any rows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.bigInt({ min: 0n, max: 1023n }), { minLength: 1, maxLength: 70 }),
      fc.nat(),
      async (rows, seed) => {
        const columns = dealtColumns(rows, 10)
        const position = dealField(permutationFrom(seed, rows.length).map(BigInt))
        const { results } = await runThree(async s =>
          undoPermutation(
            s.step('undo'),
            position[s.party],
            await applyPermutation(s.step('apply'), position[s.party], columns[s.party]),
          ),
        )
        expect(valuesOfColumns(results)).toEqual(rows.map(v => [v, v]))
      },
    ),
    { numRuns: 20 },
  )
})

test('positions that are no permutation abort at every party', async () => {
  const rows = dealtColumns([1n, 2n, 3n], 2)
  for (const wrong of [
    [0n, 1n, 1n],
    [0n, 1n, 3n],
    [0n, 1n, -1n],
  ]) {
    const position = dealField(wrong)
    const outcome = await settleThree(s =>
      applyPermutation(s.step('apply'), position[s.party], rows[s.party]),
    )
    expect(checksOf(outcome)).toEqual(['not-a-permutation', 'not-a-permutation', 'not-a-permutation'])
  }
})

test('a party that alters a message of the shuffle is noticed before positions are used, or alters them for all', async () => {
  const rows = dealtColumns(numbersOf(3, 20, 4), 4)
  const position = dealField(permutationFrom(4, 20).map(BigInt))
  for (const party of PARTIES)
    for (const step of ['halves', 'shares'] as const) {
      const outcome = await settleThree(
        s => applyPermutation(s.step('apply'), position[s.party], rows[s.party]),
        {
          corrupt: { party, address: `apply/shuffle/${step}`, change: flipFirstBit },
        },
      )
      const sends = party === 1 || (step === 'halves' ? party === 0 : party === 2)
      const honest = checksOf(outcome).filter((_, i) => i !== party)
      if (!sends) expect(honest).toEqual([undefined, undefined])
      else
        expect(
          honest.every(
            check =>
              check === 'share-copies-differ' || check === 'not-a-permutation' || check === 'peer-aborted',
          ),
        ).toBe(true)
    }
})

test('an opened position altered by one party is noticed', async () => {
  const rows = dealtColumns(numbersOf(3, 20, 4), 4)
  const position = dealField(permutationFrom(4, 20).map(BigInt))
  for (const party of PARTIES)
    for (const direction of ['previous', 'next'] as const) {
      const outcome = await settleThree(
        s => applyPermutation(s.step('apply'), position[s.party], rows[s.party]),
        { corrupt: { party, address: 'apply/open', direction, change: flipFirstBit } },
      )
      expect(checksOf(outcome).filter((_, i) => i !== party)).toContain('share-copies-differ')
    }
})

test('everything before an opened permutation is proved first', async () => {
  const rows = dealField([5n, 6n, 7n])
  const position = dealField([2n, 0n, 1n])
  const ones = dealField([1n, 1n, 1n])
  const events: string[] = []
  await runThree(
    async s =>
      applyPermutation(s.step('apply'), await multiply(s.step('product'), position[s.party], ones[s.party]), [
        rows[s.party],
      ]),
    {
      tape: () => ({
        and: () => {},
        product: () => void events.push('product'),
        dot: () => {},
        dotRows: () => {},
        input: () => {},
        validate: async () => void events.push('validate'),
      }),
    },
  )
  expect(events.sort()).toEqual(['product', 'product', 'product', 'validate', 'validate', 'validate'])
})

test('shapes of the messages are those of the columns', () => {
  const shapes = [
    { domain: 'boolean', length: 9 },
    { domain: 'field', length: 9 },
  ] as const
  expect(shuffleCost(shapes).bytesPerParty).toEqual([74, 148, 74])
  expect(openCost(shapes[1]).rounds).toBe(andCost(9).rounds)
})
