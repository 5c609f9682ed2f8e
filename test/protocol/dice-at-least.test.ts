/** Similar sets: against their plain Dice coefficient, secret and public, at the announced cost. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  diceAtLeast,
  diceAtLeastCost,
  diceAtLeastPublic,
  diceAtLeastPublicCost,
  type SharedSet,
} from '../../shared/protocol/dice-at-least.ts'
import { PARTIES, type SharedBits } from '../../shared/sharing/shared.ts'
import { checkProtocol } from '../support/check-protocol.ts'
import { dealSlices, valuesOfBits } from '../support/three-parties.ts'

const PLACES = 11
const SIZE_BITS = 4
const LIMIT = 1n << BigInt(PLACES)

const onesOf = (set: bigint): number => [...set.toString(2)].filter(bit => bit === '1').length
const dice = (a: bigint, b: bigint, hundredths: number): number =>
  Number(200 * onesOf(a & b) >= hundredths * (onesOf(a) + onesOf(b)))

const held = (sets: readonly bigint[]): bigint[] =>
  sets.map(set => (BigInt(onesOf(set)) << BigInt(PLACES)) | set)
const setOf = (slices: readonly SharedBits[]): SharedSet => ({
  places: slices.slice(0, PLACES),
  size: slices.slice(PLACES),
})
const deal = (a: readonly bigint[], b: readonly bigint[]) => {
  const [x, y] = [a, b].map(sets => dealSlices(held(sets), PLACES + SIZE_BITS))
  return PARTIES.map(i => ({ x: setOf(x![i]), y: setOf(y![i]) })) as unknown as readonly [Pair, Pair, Pair]
}
interface Pair {
  readonly x: SharedSet
  readonly y: SharedSet
}

const ROWS = 40
const anySet = fc.bigInt(0n, LIMIT - 1n)
const sets = fc.array(anySet, { minLength: ROWS, maxLength: ROWS })

test('secret sets, at every threshold that matters', async () => {
  await fc.assert(
    fc.asyncProperty(sets, sets, fc.integer({ min: 1, max: 100 }), async (a, b, hundredths) => {
      // Equal sets, empty ones, and two that differ in one place are always among them.
      const others = [...b.slice(0, ROWS - 3), a[ROWS - 3]!, 0n, a[ROWS - 1]! ^ 1n]
      const inputs = [
        [a, others],
        [others, a],
      ] as const
      const results = await checkProtocol({
        protocol: (session, { x, y }: Pair) => diceAtLeast(session, x, y, hundredths),
        inputs: inputs.map(([x, y]) => deal(x, y)),
        cost: diceAtLeastCost(PLACES, SIZE_BITS, ROWS),
      })
      results.forEach((shares, i) => {
        const [x, y] = inputs[i]!
        expect(valuesOfBits(shares)).toEqual(x.map((set, row) => dice(set, y[row]!, hundredths)))
      })
    }),
    { numRuns: 12 },
  )
})

test('a public set, by its places', async () => {
  await fc.assert(
    fc.asyncProperty(sets, anySet, fc.integer({ min: 1, max: 100 }), async (a, wanted, hundredths) => {
      const elements = Array.from({ length: PLACES }, (_, place) => place).filter(
        place => (wanted >> BigInt(place)) & 1n,
      )
      const [shares] = await checkProtocol({
        protocol: (session, { x }: Pair) => diceAtLeastPublic(session, x, elements, hundredths),
        inputs: [deal(a, a)],
        cost: diceAtLeastPublicCost(elements.length, SIZE_BITS, ROWS),
      })
      expect(valuesOfBits(shares!)).toEqual(a.map(set => dice(set, wanted, hundredths)))
    }),
    { numRuns: 12 },
  )
})

test('two of three places of six are 0.67, which is at least 0.66 and not 0.67', async () => {
  const [a, b] = [[0b0111n], [0b1110n]]
  const similar = async (hundredths: number): Promise<number[]> => {
    const [shares] = await checkProtocol({
      protocol: (session, { x, y }: Pair) => diceAtLeast(session, x, y, hundredths),
      inputs: [deal(a, b)],
      cost: diceAtLeastCost(PLACES, SIZE_BITS, 1),
    })
    return valuesOfBits(shares!)
  }
  expect([await similar(66), await similar(67)]).toEqual([[1], [0]])
})

test('the documented cost', () => {
  expect(diceAtLeastCost(54, 6, 8)).toEqual({
    rounds: 10,
    bytesPerParty: [54, 54, 54].map(bits => bits + 8 * 8 * 66 + 175),
  })
  expect(diceAtLeastPublicCost(9, 6, 8)).toMatchObject({ rounds: 9 })
})
