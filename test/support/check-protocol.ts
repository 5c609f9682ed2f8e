/**
 * Runs one protocol on several inputs of one public shape and checks what every protocol promises: the cost it declares
 * is the cost measured and the cost of a dry run, the transcript has the same shape whatever the data, and every gate
 * that costs bytes is on the tape and right.
 */
import { expect } from 'vitest'
import type { Cost } from '../../shared/session/dry.ts'
import { dryCost } from '../../shared/session/dry.ts'
import type { Session } from '../../shared/session/session.ts'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { bytesOfGates, expectGatesCorrect, type RecordingTape, recordingTape } from './recording-tape.ts'
import { measuredCost, runThree, type ThreeOptions } from './three-parties.ts'

type Three<T> = readonly [T, T, T]

/** The same structure of vectors without their words. */
const blank = <T>(value: T): T => {
  if (value instanceof BigUint64Array) return new BigUint64Array(0) as T
  if (Array.isArray(value)) return value.map(blank) as T
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, blank(part)])) as T
  return value
}

export interface Check<I, O> {
  readonly protocol: (session: Session, input: I) => Promise<O>
  /** What the parties hold, one entry a run. */
  readonly inputs: readonly Three<I>[]
  readonly cost: Cost
  /** Bytes that each party sends for something else than gates: opened values and digests. */
  readonly otherBytes?: number | Cost['bytesPerParty']
  readonly options?: ThreeOptions
}

/** The results of the runs. */
export const checkProtocol = async <I, O>({
  protocol,
  inputs,
  cost,
  otherBytes = 0,
  options = {},
}: Check<I, O>): Promise<Three<O>[]> => {
  const shapes = new Set<string>()
  const results: Three<O>[] = []
  for (const [at, input] of inputs.entries()) {
    const frames: string[] = []
    const tapes = PARTIES.map(recordingTape) as unknown as Three<RecordingTape>
    const run = await runThree(s => protocol(s.step('protocol'), input[s.party]), {
      seed: `run ${at}`,
      tape: party => tapes[party],
      onFrame: ({ from, to, round, bytes }) => void frames.push(`${round}: ${from}>${to} ${bytes.length}`),
      ...options,
    })
    expect(measuredCost(run)).toEqual(cost)
    expectGatesCorrect(tapes)
    for (const party of PARTIES)
      expect(
        bytesOfGates(tapes[party], party) + (typeof otherBytes === 'number' ? otherBytes : otherBytes[party]),
      ).toBe(cost.bytesPerParty[party])
    shapes.add(frames.sort().join('\n'))
    results.push(run.results)
  }
  expect(shapes.size).toBe(1)
  const [example] = inputs
  if (example) expect(await dryCost(s => protocol(s, blank(example[s.party])), setImmediate)).toEqual(cost)
  return results
}
