/** A public constant added to slices, against plain integers. */
import { expect, test } from 'vitest'
import { widthFor } from '../../shared/bits/bits.ts'
import { addPublic } from '../../shared/protocol/add-public.ts'
import { dryCost } from '../../shared/session/dry.ts'
import { numbersOf } from '../support/tables.ts'
import { dealSlices, measuredCost, runThree, valuesOfSlices } from '../support/three-parties.ts'

test('sums modulo the width, for constants with many and few ones, from nothing to wide', async () => {
  for (const width of [1, 2, 5, 13, 31])
    for (const constant of [0n, 1n, 2n, 3n, 7n, 12n, 64n, 1023n, 1_000_003n]) {
      const values = numbersOf(width, 65, width)
      const slices = dealSlices(values, width)
      for (const out of [width, widthFor((1n << BigInt(width)) - 1n + constant), width + 9]) {
        const protocol = (session: Parameters<typeof addPublic>[0]) =>
          addPublic(session, slices[session.party], constant, out)
        const run = await runThree(protocol)
        const expected = values.map(value => (value + constant) % (1n << BigInt(out)))
        expect(valuesOfSlices(run.results)).toEqual(expected)
        expect(await dryCost(protocol, setImmediate)).toEqual(measuredCost(run))
        expect(run.counters[0].rounds).toBeLessThanOrEqual(Math.ceil(Math.log2(out)))
      }
    }
})
