/**
 * Telemetry that stays in the process: sums, and the newest values of every histogram, to be read by a bench or a test.
 * `since` gives what was counted after an earlier reading, such as the reads, writes and bytes of one run.
 */
import type { SpanAttributes, SpanName, Telemetry } from '../../../shared/port/telemetry.ts'

/** By name and attributes, such as `trias.frames{direction=sent}`; a histogram has `.count` and `.sum`. */
type Totals = Readonly<Record<string, number>>

interface TallySpan {
  readonly name: SpanName
  readonly attributes: SpanAttributes
  readonly seconds: number
  readonly failed: boolean
}

export interface Tally extends Telemetry {
  totals(): Totals
  /** What was added since `before`, without what did not change. */
  since(before: Totals): Totals
  /** The newest values of a histogram, sorted; of one set of attributes when the full name is given. */
  values(name: string): readonly number[]
  readonly spans: readonly TallySpan[]
}

/** More say nothing new about p50 and p95. */
const VALUES_MAX = 100_000
const SPANS_MAX = 10_000

const seriesOf = (name: string, attributes: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(attributes).map(([key, value]) => `${key}=${value}`)
  return pairs.length === 0 ? name : `${name}{${pairs.sort().join(',')}}`
}

export const createTally = (): Tally => {
  const sums = new Map<string, number>()
  const values = new Map<string, number[]>()
  const spans: TallySpan[] = []
  const add = (key: string, by: number): void => void sums.set(key, (sums.get(key) ?? 0) + by)
  const secondsSince = (ms: number): number => (performance.now() - ms) / 1000

  const record: Telemetry['record'] = (name, value, attributes) => {
    const series = seriesOf(name, attributes)
    add(`${series}.count`, 1)
    add(`${series}.sum`, value)
    const list = values.get(series) ?? []
    if (list.length >= VALUES_MAX) list.splice(0, VALUES_MAX / 2)
    list.push(value)
    values.set(series, list)
  }
  const begin: Telemetry['begin'] = (name, attributes) => {
    const startMs = performance.now()
    return error => {
      if (spans.length >= SPANS_MAX) spans.shift()
      spans.push({ name, attributes, seconds: secondsSince(startMs), failed: error !== undefined })
    }
  }
  return {
    count: (name, by, attributes) => add(seriesOf(name, attributes), by),
    record,
    watch: (name, attributes) => {
      const startMs = performance.now()
      return () => record(name, secondsSince(startMs), attributes)
    },
    begin,
    span: async (name, attributes, work) => {
      const end = begin(name, attributes)
      try {
        const value = await work()
        end()
        return value
      } catch (error) {
        end(error)
        throw error
      }
    },
    flush: async () => {},
    totals: () => Object.fromEntries(sums),
    since: before =>
      Object.fromEntries(
        [...sums]
          .map(([key, value]) => [key, value - (before[key] ?? 0)] as const)
          .filter(([, value]) => value !== 0),
      ),
    values: name =>
      [...values]
        .filter(([series]) => series === name || series.startsWith(`${name}{`))
        .flatMap(([, list]) => list)
        .sort((a, b) => a - b),
    spans,
  }
}
