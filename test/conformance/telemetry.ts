/** What every telemetry must do: measure, and never be noticed by the work that is measured. Each adapter's test runs this. */
import { expect, test } from 'vitest'
import {
  type CounterName,
  type HistogramName,
  METRICS,
  type MetricName,
  type Telemetry,
} from '../../shared/port/telemetry.ts'

const namesOf = <N extends MetricName>(kind: 'counter' | 'histogram'): N[] =>
  (Object.keys(METRICS) as MetricName[]).filter(name => METRICS[name].kind === kind) as N[]
const attributesOf = (name: MetricName) =>
  Object.fromEntries(METRICS[name].attributes.map(attribute => [attribute, 'x'])) as never

export const telemetryConformance = (name: string, open: () => Telemetry | Promise<Telemetry>): void => {
  test(`${name}: takes every metric of the vocabulary, and a watch any number of times`, async () => {
    const telemetry = await open()
    for (const counter of namesOf<CounterName>('counter')) telemetry.count(counter, 1, attributesOf(counter))
    for (const histogram of namesOf<HistogramName>('histogram')) {
      telemetry.record(histogram, 0.5, attributesOf(histogram))
      const stop = telemetry.watch(histogram, attributesOf(histogram))
      stop()
      stop()
    }
  })

  test(`${name}: work in a span gives what it gives, and throws what it throws`, async () => {
    const telemetry = await open()
    const error = new Error('x')
    const run = 'A'.repeat(43)
    expect(
      await telemetry.span('trias.worker', { request: run }, () =>
        telemetry.span('trias.run', { run }, async () => {
          telemetry.begin('trias.stage', { run })()
          return 7
        }),
      ),
    ).toBe(7)
    await expect(telemetry.span('trias.run', { run: 'no id' }, () => Promise.reject(error))).rejects.toBe(
      error,
    )
    telemetry.begin('trias.stage', {})(error)
  })

  test(`${name}: a flush ends, whatever the other side does`, async () => {
    const telemetry = await open()
    telemetry.count('trias.rounds', 1, {})
    expect(await telemetry.flush()).toBeUndefined()
    expect(await telemetry.flush(60_000)).toBeUndefined()
  })
}
