/** Sorting against a stable sort of plain rows: every digit width, duplicates, several keys, its cost and its shape. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadKernel } from '../../functions/party/load-kernel.ts'
import { createNativeSha256 } from '../../shared/crypto/native-hash.ts'
import { P } from '../../shared/field/field.ts'
import { oneHotRowsCost } from '../../shared/protocol/digit-positions.ts'
import {
  partition,
  partitionCost,
  partitionPositions,
  partitionPositionsCost,
} from '../../shared/protocol/partition.ts'
import {
  DIGIT_BITS,
  joinedKey,
  sort,
  sortCost,
  sortPermutation,
  sortPermutationCost,
} from '../../shared/protocol/radix-sort.ts'
import { type Column, shapeOf } from '../../shared/protocol/rows.ts'
import { nativeKeystream } from '../../shared/prss/native-keystream.ts'
import { dryCost } from '../../shared/session/dry.ts'
import type { Session } from '../../shared/session/session.ts'
import { not, PARTIES, type SharedBits, type SharedField } from '../../shared/sharing/shared.ts'
import { checkProtocol } from '../support/check-protocol.ts'
import { toHex } from '../support/hex.ts'
import { dealtColumns, numbersOf, valuesOfColumns } from '../support/tables.ts'
import {
  checksOf,
  dealBits,
  dealField,
  dealSlices,
  flipFirstBit,
  measuredCost,
  runThree,
  settleThree,
  valuesOfField,
} from '../support/three-parties.ts'

type Three<T> = readonly [T, T, T]
/** What parties run with, so that many runs take little time; the same bytes as without. */
const native = { kernel: loadKernel(), keystream: nativeKeystream, createHash: createNativeSha256 }

/** Positions after a stable sort. */
const positionsOf = (keys: readonly bigint[]): bigint[] => {
  const order = [...keys.keys()].sort((i, j) => {
    const [a, b] = [keys[i] as bigint, keys[j] as bigint]
    return a < b ? -1 : a > b ? 1 : i - j
  })
  const positions = Array<bigint>(keys.length)
  order.forEach((row, position) => {
    positions[row] = BigInt(position)
  })
  return positions
}

const lengths = [0, 1, 2, 3, 63, 64, 65, 131]

test('positions are those of a stable sort, for every digit width and number of rows', async () => {
  for (const [width, digitBits] of [
    [1, 1],
    [3, 1],
    [4, 2],
    [5, 2],
    [7, 3],
    [9, 4],
    [6, 5],
    [8, 6],
  ] as const)
    for (const length of lengths) {
      const inputs = [1, 2].map(seed => numbersOf(seed, length, width))
      const cost = sortPermutationCost(width, length, digitBits)
      const run = await Promise.all(
        inputs.map(async keys => {
          const key = dealSlices(keys, width)
          const shapes: string[] = []
          const { results, counters } = await runThree(
            s => sortPermutation(s.step('sort'), key[s.party], digitBits),
            { ...native, onFrame: f => void shapes.push(`${f.round} ${f.from} ${f.to} ${f.bytes.length}`) },
          )
          expect(valuesOfField(results)).toEqual(positionsOf(keys))
          expect(measuredCost({ counters })).toEqual(cost)
          return shapes.sort().join('\n')
        }),
      )
      expect(new Set(run).size).toBe(1)
    }
})

test('every gate of a sort is on the tape and right, and a dry run costs the same', async () => {
  for (const [width, digitBits, length] of [
    [7, 3, 65],
    [4, 1, 10],
    [5, 4, 33],
  ] as const) {
    const inputs = [1, 2].map(seed => numbersOf(seed, length, width))
    const cost = sortPermutationCost(width, length, digitBits)
    // What is no gate: shuffles and openings, that is everything but one-hot rows and positions.
    const widths = [width - digitBits * (Math.ceil(width / digitBits) - 1)]
    while (widths.length < Math.ceil(width / digitBits)) widths.push(digitBits)
    const gates = widths.reduce(
      (sum, bits) => sum + oneHotRowsCost(bits, length).bytesPerParty[0] + 8 * length,
      0,
    )
    const results = await checkProtocol({
      protocol: (s: Session, key: readonly SharedBits[]) => sortPermutation(s, key, digitBits),
      inputs: inputs.map(keys => dealSlices(keys, width)),
      cost,
      otherBytes: cost.bytesPerParty.map(bytes => bytes - gates) as unknown as Three<number>,
    })
    results.forEach((shares, i) => {
      expect(valuesOfField(shares)).toEqual(positionsOf(inputs[i]!))
    })
  }
})

test('sort is stable: equal keys keep their order, whatever the keys', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.bigInt({ min: 0n, max: 7n }), { maxLength: 80 }),
      fc.integer({ min: 1, max: 4 }),
      async (keys, digitBits) => {
        const key = dealSlices(keys, 3)
        const numbers = keys.map((_, i) => BigInt(i))
        const columns = dealtColumns(numbers, 7)
        const run = await runThree(s => sort(s.step('sort'), key[s.party], columns[s.party], digitBits))
        const sorted = valuesOfColumns(run.results)
        const order = [...numbers].sort((i, j) => Number(keys[Number(i)]! - keys[Number(j)]! || i - j))
        expect(sorted).toEqual(order.map(i => [i, i]))
        expect(measuredCost(run)).toEqual(sortCost(3, columns[0].map(shapeOf), keys.length, digitBits))
      },
    ),
    { numRuns: 40 },
  )
})

test('several keys, descending, signed and NULLs last: all of it is bits of the key', async () => {
  const rows = [
    { region: 2n, amount: -5n, isNull: 0n },
    { region: 1n, amount: 7n, isNull: 0n },
    { region: 2n, amount: 0n, isNull: 1n },
    { region: 2n, amount: 3n, isNull: 0n },
    { region: 1n, amount: -8n, isNull: 0n },
    { region: 1n, amount: 0n, isNull: 1n },
    { region: 2n, amount: -5n, isNull: 0n },
  ]
  const region = dealSlices(
    rows.map(r => r.region),
    2,
  )
  const amount = dealSlices(
    rows.map(r => r.amount & 15n),
    4,
  )
  const isNull = dealBits(rows.map(r => r.isNull))
  const run = await runThree(s => {
    const { kernel, party } = s
    const [low, sign] = [amount[party].slice(0, 3), amount[party][3]!]
    const descendingRegion = region[party].map(slice => not(kernel, party, slice))
    return sortPermutation(
      s.step('sort'),
      joinedKey(descendingRegion, [isNull[party]], [...low, not(kernel, party, sign)]),
    )
  })
  const order = rows
    .map((_, i) => i)
    .sort((i, j) => {
      const [a, b] = [rows[i]!, rows[j]!]
      return (
        Number(b.region - a.region) || Number(a.isNull - b.isNull) || Number(a.amount - b.amount) || i - j
      )
    })
  const positions = valuesOfField(run.results)
  expect(order.map(row => positions[row])).toEqual(rows.map((_, i) => BigInt(i)))
})

test('a million rows of 32 bits take at most fifty rounds and 1,100 bytes a row and party, sorted column included', async () => {
  const rows = 1_000_000
  const { rounds, bytesPerParty } = sortCost(32, [{ domain: 'field', length: rows }], rows)
  expect(DIGIT_BITS).toBe(3)
  expect(rounds).toBeLessThanOrEqual(50)
  for (const bytes of bytesPerParty) expect(bytes / rows).toBeLessThan(1_100)
  const dry = await dryCost(s => {
    const empty = new BigUint64Array(0)
    const slice = { domain: 'boolean', length: rows, words: empty } as const
    const column = { domain: 'field', length: rows, words: empty } as const
    const key = Array.from({ length: 32 }, () => ({ own: slice, next: slice }))
    return sort(s.step('sort'), key, [{ own: column, next: column }])
  }, setImmediate)
  expect(dry).toEqual({ rounds, bytesPerParty })
})

test('bad digits and keys are refused', async () => {
  expect(() => sortPermutationCost(8, 10, 0)).toThrow(RangeError)
  expect(() => sortPermutationCost(8, 10, 7)).toThrow(RangeError)
  expect(() => sortPermutationCost(8, 10, 1.5)).toThrow(RangeError)
  expect(() => sortPermutationCost(0, 10)).toThrow(RangeError)
  await expect(runThree(s => sortPermutation(s.step('sort'), []))).rejects.toThrow(RangeError)
})

/** The session that also keeps what its party sends of share i + 1 at one address: all three together are the value. */
const watched = (session: Session, address: string, sent: BigUint64Array[]): Session => ({
  ...session,
  step: name => watched(session.step(name), address, sent),
  exchange: message => {
    const [share] = message.toPrevious ?? []
    if (session.address === address && share && 'words' in share) sent.push(share.words)
    return session.exchange(message)
  },
})

test('what is opened is uniform: equal keys or not, every order of positions comes up as often', async () => {
  for (const keys of [
    [0n, 0n, 0n],
    [3n, 1n, 2n],
  ]) {
    const counts = new Map<string, number>()
    const runs = 300
    const key = dealSlices(keys, 2)
    for (let run = 0; run < runs; run++) {
      const sent: BigUint64Array[] = []
      await runThree(
        s => sortPermutation(watched(s, 'sort/pass-0/open-positions', sent).step('sort'), key[s.party], 1),
        {
          ...native,
          seed: `opened ${run}`,
        },
      )
      const opened = keys.map((_, row) => sent.reduce((sum, words) => sum + (words[row] as bigint), 0n) % P)
      const order = opened.join()
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect([...counts.keys()].sort()).toEqual(['0,1,2', '0,2,1', '1,0,2', '1,2,0', '2,0,1', '2,1,0'])
    const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - 50) ** 2 / 50, 0)
    // 5 degrees of freedom: one seed in a million is above.
    expect(chiSquare).toBeLessThan(37)
  }
})

test('one altered message inside a sort aborts the run, or changes no result', async () => {
  const keys = numbersOf(1, 20, 4)
  const key = dealSlices(keys, 4)
  const columns = dealtColumns(keys, 4)
  const sorted = keys.toSorted((a, b) => Number(a - b)).map(v => [v, v])
  const pass = ['positions', 'shuffle/halves', 'shuffle/shares']
  const addresses = [
    'first-digit/to-field/t',
    ...pass.map(step => `pass-0/${step}`),
    'pass-0/open-positions',
    'pass-0/open-digit/bit-0',
    'pass-0/next-digit/to-field/u',
    ...pass.map(step => `pass-1/${step}`),
    'pass-1/open-rows/bit-0',
  ].map(step => `sort/positions/${step}`)
  for (const address of [...addresses, 'sort/move/open'])
    for (const party of PARTIES) {
      const outcome = await settleThree(s => sort(s.step('sort'), key[s.party], columns[s.party], 2), {
        corrupt: { party, address, change: flipFirstBit },
      })
      const checks = checksOf(outcome)
      if (checks.every(check => check === undefined)) {
        const shares = outcome.outcomes.map(one => (one as { value: Column[] }).value)
        expect(valuesOfColumns(shares as unknown as Three<Column[]>), address).toEqual(sorted)
      } else
        expect(
          checks.some(check => check === 'share-copies-differ' || check === 'not-a-permutation'),
          `${address} ${checks}`,
        ).toBe(true)
      if (address.includes('open'))
        expect(checks.filter((_, i) => i !== party)).toContain('share-copies-differ')
    }
})

test('partition brings flagged rows to the front and keeps both orders', async () => {
  for (const length of lengths) {
    const inputs = [1, 2].map(seed => numbersOf(seed, length, 1))
    const results = await checkProtocol({
      protocol: partitionPositions,
      inputs: inputs.map(dealField),
      cost: partitionPositionsCost(length),
    })
    results.forEach((shares: Three<SharedField>, i) => {
      expect(valuesOfField(shares)).toEqual(positionsOf(inputs[i]!.map(flag => 1n - flag)))
    })
  }
})

test('a filter by partition: flagged rows in front with their columns, six rounds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 80 }), async flags => {
      const dealt = dealBits(flags)
      const rows = flags.map((_, i) => BigInt(i))
      const columns = dealtColumns(rows, 7)
      const run = await runThree(s => partition(s.step('partition'), dealt[s.party], columns[s.party]))
      const order = [...rows.filter(i => flags[Number(i)]), ...rows.filter(i => !flags[Number(i)])]
      expect(valuesOfColumns(run.results)).toEqual(order.map(i => [i, i]))
      expect(measuredCost(run)).toEqual(partitionCost(columns[0].map(shapeOf), flags.length))
      expect(run.counters[0].rounds).toBe(6)
    }),
    { numRuns: 25 },
  )
})

test('a sort that is repeated sends the same bytes; with other keys of the parties no frame is the same', async () => {
  const key = dealSlices(numbersOf(1, 40, 5), 5)
  const columns = dealtColumns(numbersOf(1, 40, 5), 5)
  const record = async (seed: string) => {
    const frames: string[] = []
    await runThree(s => sort(s.step('sort'), key[s.party], columns[s.party], 2), {
      seed,
      onFrame: ({ round, from, to, bytes }) => void frames.push(`${round} ${from}>${to} ${toHex(bytes)}`),
    })
    return frames.sort()
  }
  const first = await record('one')
  expect(await record('one')).toEqual(first)
  const other = new Set(await record('two'))
  expect(first.filter(frame => other.has(frame))).toEqual([])
})
