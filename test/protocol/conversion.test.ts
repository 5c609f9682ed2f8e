/** Bits to field, field to bits, signs, one-hot and selection against plaintext. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { widthFor } from '../../shared/bits/bits.ts'
import {
  bitsToFieldAll,
  bitsToFieldAllCost,
  bitToField,
  bitToFieldCost,
} from '../../shared/protocol/bit-to-field.ts'
import { fieldToBits, fieldToBitsCost } from '../../shared/protocol/field-to-bits.ts'
import { isNegative, isNegativeCost } from '../../shared/protocol/is-negative.ts'
import { mux, muxBits, muxBitsCost, muxCost } from '../../shared/protocol/mux.ts'
import { oneHot, oneHotCost } from '../../shared/protocol/one-hot.ts'
import { PARTIES, type SharedBits } from '../../shared/sharing/shared.ts'
import { checkProtocol } from '../support/check-protocol.ts'
import {
  dealBits,
  dealField,
  dealSlices,
  valuesOfBits,
  valuesOfField,
  valuesOfSlices,
} from '../support/three-parties.ts'

test('bitToField gives 0 and 1', async () => {
  for (const length of [0, 1, 5, 64, 65, 130]) {
    const inputs = [1, 2].map(
      seed =>
        fc.sample(fc.array(fc.boolean(), { minLength: length, maxLength: length }), { numRuns: 1, seed })[0]!,
    )
    const results = await checkProtocol({
      protocol: bitToField,
      inputs: inputs.map(dealBits),
      cost: bitToFieldCost(length),
    })
    results.forEach((shares, i) => {
      expect(valuesOfField(shares)).toEqual(inputs[i]!.map(bit => (bit ? 1n : 0n)))
    })
  }
})

test('bitsToFieldAll converts several vectors in the same two rounds', async () => {
  const vectors = [
    [true, false, true],
    [false, true],
  ]
  const dealt = vectors.map(dealBits)
  const [shares] = await checkProtocol({
    protocol: bitsToFieldAll,
    inputs: [
      PARTIES.map(i => dealt.map(v => v[i])) as unknown as readonly [
        SharedBits[],
        SharedBits[],
        SharedBits[],
      ],
    ],
    cost: bitsToFieldAllCost(3, 2),
  })
  const at = (i: number) => valuesOfField([shares![0][i]!, shares![1][i]!, shares![2][i]!])
  expect(at(0)).toEqual([1n, 0n, 1n])
  expect(at(1)).toEqual([0n, 1n])
})

const SIGN_LIMIT = (1n << 59n) - 1n

test('isNegative is the sign, up to the ends of its interval', async () => {
  const edges = [0n, 1n, -1n, SIGN_LIMIT, -SIGN_LIMIT, SIGN_LIMIT - 1n, 1n - SIGN_LIMIT]
  const random = [1, 2].map(seed =>
    fc.sample(fc.bigInt({ min: -SIGN_LIMIT, max: SIGN_LIMIT }), { numRuns: 60, seed }),
  )
  const small = fc.sample(fc.bigInt({ min: -3n, max: 3n }), { numRuns: 60, seed: 3 })
  const inputs = [...random, small].map(values => [...edges, ...values])
  const results = await checkProtocol({
    protocol: isNegative,
    inputs: inputs.map(dealField),
    cost: isNegativeCost(inputs[0]!.length),
  })
  results.forEach((shares, i) => {
    expect(valuesOfBits(shares)).toEqual(inputs[i]!.map(v => (v < 0n ? 1 : 0)))
  })
  expect(isNegativeCost(8)).toEqual({ rounds: 7, bytesPerParty: [175, 175, 175] })
})

test('fieldToBits gives the bits of x - low for every width', async () => {
  for (let width = 1; width <= 60; width++) {
    const most = width === 60 ? (1n << 60n) - 2n : (1n << BigInt(width)) - 1n
    const [span] = fc.sample(fc.bigInt({ min: most / 2n + 1n, max: most }), { numRuns: 1, seed: width })
    const lowest = -(1n << 60n) + 1n
    const [low] = fc.sample(fc.bigInt({ min: lowest, max: (1n << 60n) - 1n - span! }), {
      numRuns: 1,
      seed: width,
    })
    const range = { low: low!, high: low! + span! }
    const random = fc.sample(fc.bigInt({ min: range.low, max: range.high }), { numRuns: 8, seed: width })
    const values = [...random, range.low, range.high, range.low + span! / 2n]
    const [shares] = await checkProtocol({
      protocol: (s, x) => fieldToBits(s, x, range),
      inputs: [dealField(values)],
      cost: fieldToBitsCost(values.length, range),
    })
    expect(shares![0]).toHaveLength(widthFor(span!))
    expect(valuesOfSlices(shares!)).toEqual(values.map(v => v - range.low))
  }
})

test('fieldToBits at its extremes: zero, one value, the widest ranges', async () => {
  const limit = 1n << 59n
  const ranges = [
    { low: 0n, high: 0n },
    { low: 0n, high: 1n },
    { low: -1n, high: 0n },
    { low: -limit, high: limit - 2n },
    { low: -limit + 1n, high: limit - 1n },
    { low: 0n, high: (1n << 60n) - 2n },
  ]
  for (const range of ranges) {
    const middle = range.low <= 0n && range.high >= 0n ? [0n] : []
    const values = [...middle, range.low, range.high]
    const cost = fieldToBitsCost(values.length, range)
    expect(cost.rounds).toBeLessThanOrEqual(9)
    const [shares] = await checkProtocol({
      protocol: (s, x) => fieldToBits(s, x, range),
      inputs: [dealField(values)],
      cost,
    })
    expect(valuesOfSlices(shares!)).toEqual(values.map(v => v - range.low))
  }
  expect(() => fieldToBitsCost(1, { low: 0n, high: (1n << 60n) - 1n })).toThrow(RangeError)
})

test('oneHot marks the key and nothing else, for every domain', async () => {
  for (const domainSize of [...Array.from({ length: 40 }, (_, i) => i + 1), 63, 64, 65, 100]) {
    const width = widthFor(BigInt(domainSize) - 1n)
    const keys = Array.from({ length: 2 ** width }, (_, v) => BigInt(v))
    const [shares] = await checkProtocol({
      protocol: (s, key) => oneHot(s, key, domainSize),
      inputs: [dealSlices(keys, width)],
      cost: oneHotCost(width, keys.length, domainSize),
    })
    // One slice a domain value, so a row read as an integer has bit `key` set; a key outside the domain sets none.
    expect(valuesOfSlices(shares!)).toEqual(keys.map(k => (k < BigInt(domainSize) ? 1n << k : 0n)))
  }
  expect(oneHotCost(4, 8, 16)).toEqual({ rounds: 2, bytesPerParty: [11, 11, 11] })
})

test('oneHot of a key with more bits than its domain needs', async () => {
  const keys = [0n, 1n, 2n, 3n, 4n, 8n, 31n]
  const [shares] = await checkProtocol({
    protocol: (s, key) => oneHot(s, key, 3),
    inputs: [dealSlices(keys, 5)],
    cost: oneHotCost(5, keys.length, 3),
  })
  expect(valuesOfSlices(shares!)).toEqual([1n, 2n, 4n, 0n, 0n, 0n, 0n])
})

test('mux and muxBits choose', async () => {
  const inputs = [1, 2].map(seed =>
    fc.sample(fc.tuple(fc.boolean(), fc.integer(), fc.integer()), { numRuns: 70, seed }),
  )
  const dealt = inputs.map(rows => {
    const c = dealField(rows.map(([choose]) => (choose ? 1n : 0n)))
    const a = dealField(rows.map(([, v]) => BigInt(v)))
    const b = dealField(rows.map(([, , v]) => BigInt(v)))
    return PARTIES.map(i => ({ c: c[i], a: a[i], b: b[i] })) as unknown as readonly [
      { c: (typeof c)[0]; a: (typeof a)[0]; b: (typeof b)[0] },
      { c: (typeof c)[0]; a: (typeof a)[0]; b: (typeof b)[0] },
      { c: (typeof c)[0]; a: (typeof a)[0]; b: (typeof b)[0] },
    ]
  })
  const results = await checkProtocol({
    protocol: (s, { c, a, b }) => mux(s, c, a, b),
    inputs: dealt,
    cost: muxCost(70),
  })
  results.forEach((shares, i) => {
    expect(valuesOfField(shares)).toEqual(inputs[i]!.map(([c, a, b]) => BigInt(c ? a : b)))
  })

  const rows = fc.sample(fc.tuple(fc.boolean(), fc.nat(1000), fc.nat(1000)), { numRuns: 70, seed: 4 })
  const c = dealBits(rows.map(([choose]) => choose))
  const a = dealSlices(
    rows.map(([, v]) => BigInt(v)),
    10,
  )
  const b = dealSlices(
    rows.map(([, , v]) => BigInt(v)),
    10,
  )
  const input = PARTIES.map(i => ({ c: c[i], a: a[i], b: b[i] }))
  const [shares] = await checkProtocol({
    protocol: (s, { c, a, b }: (typeof input)[0]) => muxBits(s, c, a, b),
    inputs: [[input[0]!, input[1]!, input[2]!]],
    cost: muxBitsCost(10, 70),
  })
  expect(valuesOfSlices(shares!)).toEqual(rows.map(([c, a, b]) => BigInt(c ? a : b)))
})
