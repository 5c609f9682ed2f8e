/** AND, products and dot products against plaintext, their costs, and open and reveal. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { P } from '../../shared/field/field.ts'
import { and, andCost } from '../../shared/protocol/and.ts'
import { dotProducts, dotProductsCost } from '../../shared/protocol/dot-products.ts'
import { multiply, multiplyAll, multiplyAllCost, multiplyCost } from '../../shared/protocol/multiply.ts'
import { open, openCost } from '../../shared/protocol/open.ts'
import { reveal, revealCost } from '../../shared/protocol/reveal.ts'
import {
  bitsToArray,
  dealBits,
  dealField,
  measuredCost,
  runThree,
  valuesOfBits,
  valuesOfField,
} from '../support/three-parties.ts'

const signed = (value: bigint): bigint => {
  const element = ((value % P) + P) % P
  return element > P / 2n ? element - P : element
}
const anyInteger = fc.bigInt({ min: -(1n << 60n) + 1n, max: (1n << 60n) - 1n })

test('and is the AND of every pair, for batches of any lengths, in one round', async () => {
  const vector = fc.array(fc.tuple(fc.boolean(), fc.boolean()), { maxLength: 140 })
  await fc.assert(
    fc.asyncProperty(fc.array(vector, { maxLength: 5 }), async batch => {
      const x = batch.map(pairs => dealBits(pairs.map(([a]) => a)))
      const y = batch.map(pairs => dealBits(pairs.map(([, b]) => b)))
      const run = await runThree(s =>
        and(
          s.step('and'),
          x.map(v => v[s.party]),
          y.map(v => v[s.party]),
        ),
      )
      batch.forEach((pairs, i) => {
        const z = run.results.map(list => list[i]) as unknown as Parameters<typeof valuesOfBits>[0]
        expect(valuesOfBits(z)).toEqual(pairs.map(([a, b]) => (a && b ? 1 : 0)))
      })
      expect(measuredCost(run)).toEqual(andCost(...batch.map(pairs => pairs.length)))
    }),
    { numRuns: 40 },
  )
})

test('multiply is the product modulo p', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(anyInteger, anyInteger), { maxLength: 20 }), async pairs => {
      const x = dealField(pairs.map(([a]) => a))
      const y = dealField(pairs.map(([, b]) => b))
      const run = await runThree(s => multiply(s.step('multiply'), x[s.party], y[s.party]))
      expect(valuesOfField(run.results)).toEqual(pairs.map(([a, b]) => signed(a * b)))
      expect(measuredCost(run)).toEqual(multiplyCost(pairs.length))
    }),
    { numRuns: 40 },
  )
})

test('multiplyAll takes one round for all', async () => {
  const x = [dealField([3n, -4n]), dealField([5n])]
  const y = [dealField([7n, 6n]), dealField([-1n])]
  const run = await runThree(s =>
    multiplyAll(
      s.step('all'),
      x.map(v => v[s.party]),
      y.map(v => v[s.party]),
    ),
  )
  expect(valuesOfField([run.results[0][0]!, run.results[1][0]!, run.results[2][0]!])).toEqual([21n, -24n])
  expect(valuesOfField([run.results[0][1]!, run.results[1][1]!, run.results[2][1]!])).toEqual([-5n])
  expect(measuredCost(run)).toEqual(multiplyAllCost(2, 1))
})

test('dot products sum over blocks and cost one element an output', async () => {
  const block = fc.array(fc.tuple(anyInteger, anyInteger), { maxLength: 8 })
  const pair = fc.array(block, { maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(fc.array(pair, { maxLength: 4 }), async pairs => {
      const shares = pairs.map(blocks => ({
        x: blocks.map(rows => dealField(rows.map(([a]) => a))),
        y: blocks.map(rows => dealField(rows.map(([, b]) => b))),
      }))
      const run = await runThree(s =>
        dotProducts(
          s.step('dot'),
          shares.map(({ x, y }) => ({ x: x.map(v => v[s.party]), y: y.map(v => v[s.party]) })),
        ),
      )
      const expected = pairs.map(blocks => signed(blocks.flat().reduce((sum, [a, b]) => sum + a * b, 0n)))
      expect(valuesOfField(run.results)).toEqual(expected)
      expect(measuredCost(run)).toEqual(dotProductsCost(pairs.length))
    }),
    { numRuns: 40 },
  )
})

test('open gives everyone the value', async () => {
  const flags = [true, false, true, true, false, false, true, false, true]
  const x = dealBits(flags)
  const run = await runThree(s => open(s.step('open'), x[s.party]))
  for (const result of run.results) expect(bitsToArray(result)).toEqual(flags.map(Number))
  expect(measuredCost(run)).toEqual(openCost({ domain: 'boolean', length: 9 }))

  const y = dealField([1n, 0n, 41n])
  const fields = await runThree(s => open(s.step('open'), y[s.party]))
  for (const result of fields.results) expect([...result.words]).toEqual([1n, 0n, 41n])
  expect(measuredCost(fields)).toEqual(openCost({ domain: 'field', length: 3 }))
})

test('reveal keeps the value and costs one round', async () => {
  const values = [0n, 1n, -1n, (1n << 60n) - 1n]
  const x = dealField(values)
  const run = await runThree(s => reveal(s.step('reveal'), x[s.party]))
  expect(valuesOfField(run.results)).toEqual(values)
  expect(measuredCost(run)).toEqual(revealCost(4))
})
