/**
 * Telemetry over OpenTelemetry: metrics and spans leave as OTLP over HTTP with JSON bodies. Loaded by `choose.ts` only when
 * a collector is configured. A collector that is slow or away costs a flush its bounded time and nothing else.
 *
 * The id of a run's trace is the first half of the run's own id, and all spans of the run hang below the next eight bytes of
 * it, so the three parties' spans meet in one trace although nothing but frames travels between them.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Attributes,
  type Context,
  type Counter,
  type Histogram,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { fromBase64url } from '../../../shared/base/bytes.ts'
import {
  METRICS,
  type MetricName,
  type SpanAttributes,
  type SpanName,
  type Telemetry,
} from '../../../shared/port/telemetry.ts'

export interface TelemetryConfig {
  /** The collector's OTLP over HTTP, such as http://127.0.0.1:4318; `/v1/metrics` and `/v1/traces` are added. */
  readonly endpoint: string
  /** For the collector, such as its key. */
  readonly headers?: Readonly<Record<string, string>>
  readonly party: number
  readonly version: string
}

const EXPORT_MS = 60_000
/** What a flush may take at the end of an invocation that somebody pays for. */
const FLUSH_MS = 2_000

/** From a store's half millisecond to a run's half hour. */
const SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800,
]

const RUN_ID = /^[A-Za-z0-9_-]{43}$/

/** undefined: not the id of a run. */
const traceOf = (run: string): { readonly traceId: string; readonly spanId: string } | undefined => {
  if (!RUN_ID.test(run)) return undefined
  const hex = Buffer.from(fromBase64url(run)).toString('hex')
  return { traceId: hex.slice(0, 32), spanId: hex.slice(32, 48) }
}

/** What went wrong by its kind; a message may name what an operator of the collector need not know. */
const kindOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown')

export const otelTelemetry = ({ endpoint, headers = {}, party, version }: TelemetryConfig): Telemetry => {
  const base = endpoint.replace(/\/+$/, '')
  const exporter = (signal: string) => ({ url: `${base}/v1/${signal}`, headers, timeoutMillis: FLUSH_MS })
  const resource = resourceFromAttributes({
    'service.name': 'trias-party',
    'service.namespace': 'trias',
    'service.instance.id': `party-${party}-${crypto.randomUUID()}`,
    'service.version': version,
    'trias.party': party,
  })
  const metrics = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter(exporter('metrics')),
        exportIntervalMillis: EXPORT_MS,
        exportTimeoutMillis: FLUSH_MS,
      }),
    ],
  })
  const traces = new TracerProvider({
    resource,
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(exporter('traces')),
        exportTimeoutMillis: FLUSH_MS,
      }),
    ],
  })
  const meter = metrics.getMeter('trias')
  const tracer = traces.getTracer('trias')
  const counters = new Map<MetricName, Counter>()
  const histograms = new Map<MetricName, Histogram>()
  for (const [key, { kind, unit, help }] of Object.entries(METRICS)) {
    const name = key as MetricName
    if (kind === 'counter') counters.set(name, meter.createCounter(name, { unit, description: help }))
    else
      histograms.set(
        name,
        meter.createHistogram(name, {
          unit,
          description: help,
          advice: { explicitBucketBoundaries: SECONDS },
        }),
      )
  }

  let flushedMs = performance.now()
  const active = new AsyncLocalStorage<Context>()
  /** The span that is open around us, unless this one is about a run that the other is not about. */
  const parentOf = ({ run }: SpanAttributes): Context => {
    const context = active.getStore() ?? ROOT_CONTEXT
    const ids = run === undefined ? undefined : traceOf(run)
    if (ids === undefined || trace.getSpanContext(context)?.traceId === ids.traceId) return context
    return trace.setSpanContext(ROOT_CONTEXT, { ...ids, traceFlags: TraceFlags.SAMPLED, isRemote: true })
  }
  const open = (name: SpanName, attributes: SpanAttributes) => {
    const parent = parentOf(attributes)
    const named = Object.entries({ party, ...attributes }).map(([key, value]) => [`trias.${key}`, value])
    const span = tracer.startSpan(name, { attributes: Object.fromEntries(named) as Attributes }, parent)
    const end = (error?: unknown): void => {
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: kindOf(error) })
      span.end()
    }
    return { context: trace.setSpan(parent, span), end }
  }
  const record: Telemetry['record'] = (name, value, attributes) =>
    histograms.get(name)?.record(value, attributes as Attributes)

  return Object.freeze({
    count: (name, by, attributes) => counters.get(name)?.add(by, attributes as Attributes),
    record,
    watch: (name, attributes) => {
      const startMs = performance.now()
      return () => record(name, (performance.now() - startMs) / 1000, attributes)
    },
    begin: (name, attributes) => open(name, attributes).end,
    span: async (name, attributes, work) => {
      const { context, end } = open(name, attributes)
      try {
        const value = await active.run(context, work)
        end()
        return value
      } catch (error) {
        end(error)
        throw error
      }
    },
    flush: async (everyMs = 0) => {
      if (performance.now() - flushedMs < everyMs) return
      flushedMs = performance.now()
      const late = Promise.withResolvers<void>()
      const timer = setTimeout(late.resolve, FLUSH_MS)
      try {
        await Promise.race([
          Promise.allSettled([
            metrics.forceFlush({ timeoutMillis: FLUSH_MS }),
            traces.forceFlush({ timeoutMillis: FLUSH_MS }),
          ]),
          late.promise,
        ])
      } finally {
        clearTimeout(timer)
      }
    },
  } satisfies Telemetry)
}
