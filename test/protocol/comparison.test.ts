/** Equality and comparison of bit-sliced integers against plaintext, for every width. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { equal, equalCost, equalPublic, equalPublicCost } from '../../shared/protocol/equal.ts'
import {
  lessThan,
  lessThanCost,
  lessThanPublic,
  lessThanPublicCost,
} from '../../shared/protocol/less-than.ts'
import { PARTIES, type SharedBits } from '../../shared/sharing/shared.ts'
import { checkProtocol } from '../support/check-protocol.ts'
import { dealSlices, valuesOfBits } from '../support/three-parties.ts'

type Pair = readonly [bigint, bigint]
type Slices = readonly SharedBits[]

/** Random pairs of `width` bits and the pairs at the edges: equal ones, neighbours, the smallest and the largest. */
const pairsOf = (width: number, seed: number): Pair[] => {
  const max = (1n << BigInt(width)) - 1n
  const value = fc.bigInt({ min: 0n, max })
  const random = fc.sample(fc.tuple(value, value), { numRuns: 6, seed })
  const near = fc.sample(value, { numRuns: 2, seed: seed + 1 }).flatMap((v): Pair[] => [
    [v, v],
    [v, v ^ 1n],
    [v, v ^ ((max + 1n) / 2n)],
  ])
  return [...random, ...near, [0n, 0n], [0n, max], [max, 0n], [max, max]]
}

const dealPairs = (pairs: readonly Pair[], width: number) => {
  const x = dealSlices(
    pairs.map(([a]) => a),
    width,
  )
  const y = dealSlices(
    pairs.map(([, b]) => b),
    width,
  )
  return PARTIES.map(i => ({ x: x[i], y: y[i] })) as unknown as readonly [
    { x: Slices; y: Slices },
    { x: Slices; y: Slices },
    { x: Slices; y: Slices },
  ]
}

const widths = Array.from({ length: 60 }, (_, i) => i + 1)

test('equal says for every row and width whether the integers are the same', async () => {
  for (const width of widths) {
    const inputs = [pairsOf(width, width), pairsOf(width, 100 + width)]
    const results = await checkProtocol({
      protocol: (s, { x, y }) => equal(s, x, y),
      inputs: inputs.map(pairs => dealPairs(pairs, width)),
      cost: equalCost(width, inputs[0]!.length),
    })
    results.forEach((shares, i) => {
      expect(valuesOfBits(shares)).toEqual(inputs[i]!.map(([a, b]) => (a === b ? 1 : 0)))
    })
  }
})

test('lessThan compares unsigned integers of every width', async () => {
  for (const width of widths) {
    const inputs = [pairsOf(width, width), pairsOf(width, 100 + width)]
    const results = await checkProtocol({
      protocol: (s, { x, y }) => lessThan(s, x, y),
      inputs: inputs.map(pairs => dealPairs(pairs, width)),
      cost: lessThanCost(width, inputs[0]!.length),
    })
    results.forEach((shares, i) => {
      expect(valuesOfBits(shares)).toEqual(inputs[i]!.map(([a, b]) => (a < b ? 1 : 0)))
    })
  }
})

test('lessThan is right for all pairs of small integers', async () => {
  for (const width of [1, 2, 3, 4]) {
    const all = Array.from({ length: 1 << width }, (_, v) => BigInt(v))
    const pairs = all.flatMap(a => all.map((b): Pair => [a, b]))
    const [shares] = await checkProtocol({
      protocol: (s, { x, y }) => lessThan(s, x, y),
      inputs: [dealPairs(pairs, width)],
      cost: lessThanCost(width, pairs.length),
    })
    expect(valuesOfBits(shares!)).toEqual(pairs.map(([a, b]) => (a < b ? 1 : 0)))
  }
})

test('the costs are those of the tables', () => {
  expect(lessThanCost(64, 8)).toEqual({ rounds: 7, bytesPerParty: [121, 121, 121] })
  expect(lessThanCost(32, 8)).toEqual({ rounds: 6, bytesPerParty: [58, 58, 58] })
  expect(equalCost(64, 8)).toEqual({ rounds: 6, bytesPerParty: [63, 63, 63] })
  // One AND a position when the constant is a power of two, and at most one and a half.
  expect(lessThanPublicCost(32, 8, 1n)).toEqual({ rounds: 5, bytesPerParty: [31, 31, 31] })
  expect(lessThanPublicCost(32, 8, 0x55555555n)).toEqual({ rounds: 5, bytesPerParty: [42, 42, 42] })
})

const constantsOf = (width: number, seed: number): bigint[] => {
  const end = 1n << BigInt(width)
  const random = fc.sample(fc.bigInt({ min: 0n, max: end }), { numRuns: 3, seed })
  return [...new Set([...random, 0n, 1n, end / 2n, end - 1n, end])]
}

test('lessThanPublic and equalPublic compare with every constant from 0 to 2^w', async () => {
  for (const width of widths) {
    const values = pairsOf(width, width).flat()
    for (const constant of constantsOf(width, width)) {
      const rows = [...values.slice(0, 12), constant, constant - 1n, constant + 1n].map(v =>
        BigInt.asUintN(width, v),
      )
      const inputs = [dealSlices(rows, width)]
      const [less] = await checkProtocol({
        protocol: (s, x) => lessThanPublic(s, x, constant),
        inputs,
        cost: lessThanPublicCost(width, rows.length, constant),
      })
      expect(valuesOfBits(less!)).toEqual(rows.map(v => (v < constant ? 1 : 0)))
      const [same] = await checkProtocol({
        protocol: (s, x) => equalPublic(s, x, constant),
        inputs,
        cost: equalPublicCost(width, rows.length, constant),
      })
      expect(valuesOfBits(same!)).toEqual(rows.map(v => (v === constant ? 1 : 0)))
    }
  }
})

test('lessThanPublic is right for all small integers and constants', async () => {
  for (const width of [1, 2, 3, 4]) {
    const all = Array.from({ length: 1 << width }, (_, v) => BigInt(v))
    for (let constant = -1n; constant <= BigInt(all.length) + 1n; constant++) {
      const [less] = await checkProtocol({
        protocol: (s, x: Slices) => lessThanPublic(s, x, constant),
        inputs: [dealSlices(all, width)],
        cost: lessThanPublicCost(width, all.length, constant),
      })
      expect(valuesOfBits(less!)).toEqual(all.map(v => (v < constant ? 1 : 0)))
    }
  }
})
