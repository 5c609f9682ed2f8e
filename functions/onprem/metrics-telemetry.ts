/** Telemetry into the metrics that the admin listener shows; spans are for a collector, see `party/telemetry/`. */
import {
  type AttributesOf,
  type CounterName,
  type HistogramName,
  METRICS,
  type MetricName,
  silentTelemetry,
  type Telemetry,
} from '../../shared/port/telemetry.ts'
import type { Metrics } from './metrics.ts'

/** From a signature to a long stage, in seconds. */
const BOUNDS_S = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60]

const prometheusName = (name: MetricName, suffix: string): string => `${name.replaceAll('.', '_')}${suffix}`

export const metricsTelemetry = (metrics: Metrics): Telemetry => {
  const counters = new Map<MetricName, ReturnType<Metrics['counter']>>()
  const histograms = new Map<MetricName, ReturnType<Metrics['histogram']>>()
  for (const [key, { kind, help }] of Object.entries(METRICS)) {
    const name = key as MetricName
    if (kind === 'counter') counters.set(name, metrics.counter(prometheusName(name, '_total'), help))
    else histograms.set(name, metrics.histogram(prometheusName(name, '_seconds'), help, BOUNDS_S))
  }
  const record = <N extends HistogramName>(name: N, value: number, attributes: AttributesOf<N>): void =>
    histograms.get(name)?.record(value, attributes)
  return Object.freeze({
    ...silentTelemetry,
    count: <N extends CounterName>(name: N, by: number, attributes: AttributesOf<N>) =>
      counters.get(name)?.add(by, attributes),
    record,
    watch: <N extends HistogramName>(name: N, attributes: AttributesOf<N>) => {
      const startMs = performance.now()
      return () => record(name, (performance.now() - startMs) / 1000, attributes)
    },
  })
}

/** The same to two places; spans go to the first one. */
export const bothTelemetries = (first: Telemetry, second: Telemetry): Telemetry =>
  Object.freeze({
    ...first,
    count: <N extends CounterName>(name: N, by: number, attributes: AttributesOf<N>) => {
      first.count(name, by, attributes)
      second.count(name, by, attributes)
    },
    record: <N extends HistogramName>(name: N, value: number, attributes: AttributesOf<N>) => {
      first.record(name, value, attributes)
      second.record(name, value, attributes)
    },
    watch: <N extends HistogramName>(name: N, attributes: AttributesOf<N>) => {
      const [one, two] = [first.watch(name, attributes), second.watch(name, attributes)]
      return () => {
        one()
        two()
      }
    },
  })
