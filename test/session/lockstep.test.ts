/** Rounds that merge, sessions that fail closed, and a dry session that counts the same. */
import { expect, test } from 'vitest'
import { Abort } from '../../shared/base/errors.ts'
import { and } from '../../shared/protocol/and.ts'
import { equal } from '../../shared/protocol/equal.ts'
import { isNegative } from '../../shared/protocol/is-negative.ts'
import { lessThan } from '../../shared/protocol/less-than.ts'
import { multiply } from '../../shared/protocol/multiply.ts'
import { open } from '../../shared/protocol/open.ts'
import { dryCost } from '../../shared/session/dry.ts'
import type { Session } from '../../shared/session/session.ts'
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

const flags = dealBits([1, 0, 1, 1, 0])
const numbers = dealField([1n, -2n, 3n])
const slices = dealSlices([3n, 9n, 12n], 4)

test('independent protocols cost the rounds of the longest one', async () => {
  const body = (s: Session) =>
    Promise.all([
      and(s.step('and'), [flags[s.party]], [flags[s.party]]),
      equal(s.step('equal'), slices[s.party], slices[s.party]),
      lessThan(s.step('less'), slices[s.party], slices[s.party]),
      isNegative(s.step('sign'), numbers[s.party]),
      (async () => {
        const square = await multiply(s.step('square'), numbers[s.party], numbers[s.party])
        return multiply(s.step('cube'), square, numbers[s.party])
      })(),
    ])
  const run = await runThree(body)
  expect(run.counters.map(c => c.rounds)).toEqual([7, 7, 7])
  expect(await dryCost(body, setImmediate)).toEqual(measuredCost(run))
  expect(await dryCost(body)).toEqual(measuredCost(run))
})

test('one frame a neighbour and round carries everything queued', async () => {
  const frames: string[] = []
  await runThree(
    s => Promise.all(['a', 'b', 'c'].map(name => multiply(s.step(name), numbers[s.party], numbers[s.party]))),
    { onFrame: ({ from, to, bytes }) => void frames.push(`${from}>${to} ${bytes.length}`) },
  )
  expect(frames.sort()).toEqual(['0>2 72', '1>0 72', '2>1 72'])
})

test('results come in order, so branches go on in the order in which they asked', async () => {
  const order: number[] = []
  await runThree(async s => {
    await Promise.all(
      [0, 1, 2, 3].map(async i => {
        await multiply(s.step(`${i}`), numbers[s.party], numbers[s.party])
        if (s.party === 0) order.push(i)
      }),
    )
  })
  expect(order).toEqual([0, 1, 2, 3])
})

test('a name is taken once under one parent', async () => {
  const outcome = await settleThree(async s => {
    const parent = s.step('filter')
    parent.step('less-than')
    s.step('group').step('less-than')
    parent.step('less-than')
  })
  expect(checksOf(outcome)).toEqual(Array(3).fill('Error: step filter/less-than taken twice'))
})

test('a step has a name without slashes', async () => {
  expect(checksOf(await settleThree(async s => s.step('a/b')))[0]).toMatch(/not the name of a step/)
  expect(checksOf(await settleThree(async s => s.step('')))[0]).toMatch(/not the name of a step/)
})

test('two protocols at one address throw instead of sharing a mask', async () => {
  const outcome = await settleThree(s => {
    const step = s.step('product')
    return Promise.all([
      multiply(step, numbers[s.party], numbers[s.party]),
      multiply(step, numbers[s.party], numbers[s.party]),
    ])
  })
  for (const check of checksOf(outcome)) expect(check).toMatch(/product.*drawn twice/)
})

test('the dry session refuses the same mistakes', async () => {
  await expect(dryCost(async s => [s.step('a'), s.step('a')])).rejects.toThrow(/step a taken twice/)
  await expect(dryCost(async s => [s.maskBits('gate', 1), s.maskField('gate', 1)])).rejects.toThrow(
    /drawn twice/,
  )
})

test('an abort in one branch rejects all that waits and all that comes, and nothing is left unhandled', async () => {
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', onUnhandled)
  const seen: (readonly PromiseSettledResult<unknown>[])[] = []
  const later: unknown[] = []
  const outcome = await settleThree(
    async s => {
      const branches = await Promise.allSettled([
        open(s.step('open'), numbers[s.party]),
        multiply(s.step('one'), numbers[s.party], numbers[s.party]),
        isNegative(s.step('two'), numbers[s.party]),
      ])
      if (s.party !== 2) return
      seen.push(branches)
      for (const use of [
        async () => multiply(s.step('after'), numbers[s.party], numbers[s.party]),
        async () => s.maskBits('late', 3),
        async () => s.step('late'),
        () => s.validate(),
        () => s.exchange({ toPrevious: [numbers[2].own], fromNext: [{ domain: 'field', length: 3 }] }),
      ])
        later.push(await use().catch((error: unknown) => error))
    },
    { corrupt: { party: 0, address: 'open', direction: 'previous', change: flipFirstBit } },
  )
  await new Promise(resolve => setTimeout(resolve, 20))
  process.off('unhandledRejection', onUnhandled)
  expect(checksOf(outcome)[2]).toBe('share-copies-differ')
  expect(seen[0]!.map(branch => branch.status)).toEqual(['rejected', 'rejected', 'rejected'])
  const reasons = seen[0]!.map(branch => (branch as PromiseRejectedResult).reason)
  expect(new Set([...reasons, ...later]).size).toBe(1)
  expect(reasons[0]).toBeInstanceOf(Abort)
  expect(later).toHaveLength(5)
  expect(unhandled).toEqual([])
})

test('parties that compute different things notice in the same round', async () => {
  const divergences: ((s: Session) => Promise<unknown>)[] = [
    // Another address.
    s => multiply(s.step(s.party === 1 ? 'left' : 'right'), numbers[s.party], numbers[s.party]),
    // Another order.
    s =>
      Promise.all(
        (s.party === 1 ? ['a', 'b'] : ['b', 'a']).map(name =>
          multiply(s.step(name), numbers[s.party], numbers[s.party]),
        ),
      ),
    // Another domain of the same number of bytes.
    s =>
      s.party === 1
        ? s.step('x').exchange({
            toPrevious: [dealBits(Array(64).fill(0))[1].own],
            fromNext: [{ domain: 'boolean', length: 64 }],
          })
        : s.step('x').exchange({
            toPrevious: [dealField([0n])[s.party].own],
            fromNext: [{ domain: 'field', length: 1 }],
          }),
    // Another length of the same number of bytes.
    s => {
      const bits = dealBits(Array(s.party === 1 ? 60 : 61).fill(0))[s.party]
      return and(s.step('x'), [bits], [bits])
    },
  ]
  for (const body of divergences) {
    const checks = checksOf(await settleThree(body))
    // Party 1 differs. It hears from party 2, and party 0 hears from it.
    expect(checks.slice(0, 2)).toEqual(['parties-diverged', 'parties-diverged'])
  }
})

test('a difference in an earlier round that carried no frame is noticed later', async () => {
  const outcome = await settleThree(async s => {
    await s.step(s.party === 1 ? 'left' : 'right').exchange({})
    await multiply(s.step('next'), numbers[s.party], numbers[s.party])
  })
  expect(checksOf(outcome)).toContain('parties-diverged')
})

test('an uneven exchange has to name its shape', async () => {
  const outcome = await settleThree(s =>
    s.step('x').exchange(s.party === 0 ? { toPrevious: [numbers[0].own] } : {}),
  )
  expect(checksOf(outcome)[0]).toMatch(/x: an uneven exchange has to name its shape/)
})

test('a frame that is shorter or longer than expected aborts', async () => {
  for (const change of [(b: Uint8Array) => b.subarray(1), (b: Uint8Array) => new Uint8Array([...b, 0])]) {
    const outcome = await settleThree(s => multiply(s.step('x'), numbers[s.party], numbers[s.party]), {
      corrupt: { party: 1, address: 'x', change },
    })
    expect(checksOf(outcome)[0]).toBe('frame-length')
  }
})

test('frames may lie anywhere in a larger buffer of the host', async () => {
  const shifted = (bytes: Uint8Array) => {
    const buffer = Buffer.alloc(bytes.length + 24, 0xee)
    buffer.set(bytes, 13)
    return buffer.subarray(13, 13 + bytes.length)
  }
  const run = await runThree(s => multiply(s.step('x'), numbers[s.party], numbers[s.party]), {
    received: shifted,
  })
  expect(valuesOfField(run.results)).toEqual([1n, 4n, 9n])
})

test('words that are not field elements and ones past the end of a bit vector abort', async () => {
  const setAll = (bytes: Uint8Array) => bytes.map(() => 255)
  const field = await settleThree(s => multiply(s.step('x'), numbers[s.party], numbers[s.party]), {
    corrupt: { party: 1, address: 'x', change: setAll },
  })
  expect(checksOf(field)[0]).toBe('field-not-canonical')
  const bits = await settleThree(s => and(s.step('x'), [flags[s.party]], [flags[s.party]]), {
    corrupt: { party: 1, address: 'x', change: setAll },
  })
  expect(checksOf(bits)[0]).toBe('bits-past-the-end')
})

test('waiting for something else than an exchange is a mistake that stops the run', async () => {
  const outcome = await settleThree(s =>
    Promise.all([
      multiply(s.step('prompt'), numbers[s.party], numbers[s.party]),
      (async () => {
        // Party 0 comes back after it has sent its first frame and before the answer is there.
        if (s.party === 0) await new Promise(resolve => setImmediate(resolve))
        return multiply(s.step('late'), numbers[s.party], numbers[s.party])
      })(),
    ]),
  )
  const checks = checksOf(outcome)
  expect(checks[0]).toMatch(/late: exchange during a round/)
  expect(checks[2]).not.toBeUndefined()
})

test('the run may not end while an exchange waits', async () => {
  const outcome = await settleThree(async s => {
    void multiply(s.step('forgotten'), numbers[s.party], numbers[s.party]).catch(() => {})
  })
  expect(checksOf(outcome)).toEqual(Array(3).fill('Error: the run ended while an exchange was waiting'))
})
