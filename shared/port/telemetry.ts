/**
 * Telemetry: what a party counts and times for the people who operate it. The vocabulary is this table and nothing else, so
 * that every adapter, dashboard and page of the manual speaks of the same things. Attributes take few values, all known
 * beforehand: never a digest, a name or anything that a peer wrote. A span may carry ids of requests and runs. Nothing
 * here ever holds a share, a key or a row value.
 */

/** Durations are in seconds, sizes in bytes, as OpenTelemetry wants them. */
export const METRICS = Object.freeze({
  'trias.rounds': counter('{round}', [], 'Rounds that this party has finished.'),
  'trias.frames': counter(
    '{frame}',
    ['direction'],
    'Frames sent, received and stored, or stale: `direction` is sent, received or stale.',
  ),
  'trias.frame.bytes': counter(
    'By',
    ['direction'],
    'Bytes of frames as they travel: `direction` is sent or received.',
  ),
  'trias.workers.started': counter('{worker}', [], 'Workers that took the lease of a request.'),
  'trias.workers.left': counter(
    '{worker}',
    ['reason'],
    'Workers that left a run that was not over: closing, paused, time, linger, lease-lost, run-ended or outage.',
  ),
  'trias.lease.takeovers': counter(
    '{lease}',
    [],
    'Leases taken from a worker that had not given them back: it died, froze or was cut off.',
  ),
  'trias.requests.ended': counter('{request}', ['state'], 'Requests that ended here, by their last state.'),
  'trias.aborts': counter(
    '{abort}',
    ['check'],
    'Runs aborted, by the check that failed here; `peer` when another party aborted.',
  ),
  'trias.refusals': counter('{refusal}', ['rule'], 'Bodies and reads that the front refused, by rule.'),
  'trias.peer.retries': counter('{try}', ['path'], 'Posts to another party that had to be tried again.'),
  'trias.wakes': counter('{wake}', [], 'Workers asked for.'),
  'trias.mailbox.messages': counter('{message}', ['operation'], 'Messages delivered, and messages received.'),
  'trias.mailbox.bytes': counter('By', ['operation'], 'Bytes of messages delivered, and received.'),
  'trias.store.bytes': counter(
    'By',
    ['table', 'operation'],
    'Bytes of values read from and written to a table.',
  ),
  'trias.round.duration': histogram('s', [], 'One round, from its first frame to the last one it waits for.'),
  'trias.stage.duration': histogram('s', [], 'One stage of a plan, its checkpoint included.'),
  'trias.run.duration': histogram('s', [], 'A run that ended with a result, from its start here.'),
  'trias.worker.duration': histogram('s', [], 'How long a worker had a request in hand.'),
  'trias.frame.duration': histogram(
    's',
    ['operation'],
    'Sealing and signing, or verifying, one frame; with small frames the signature is nearly all of it.',
  ),
  'trias.hop.duration': histogram(
    's',
    [],
    'From the delivery of a message until a worker took it: the age of the queue. A later worker that takes it again counts it again.',
  ),
  'trias.store.duration': histogram(
    's',
    ['table', 'operation'],
    'One call of the durable or volatile table; its count is the number of calls.',
  ),
  'trias.mailbox.duration': histogram(
    's',
    ['operation'],
    'One call of the mailbox. A receive waits for messages, so it is long when nothing comes.',
  ),
  'trias.peer.duration': histogram(
    's',
    ['path'],
    'One post to, or read from, another party, until it was taken or given up, retries included.',
  ),
})

type MetricTable = typeof METRICS
export type MetricName = keyof MetricTable
type OfKind<K extends string> = {
  [N in MetricName]: MetricTable[N]['kind'] extends K ? N : never
}[MetricName]
export type CounterName = OfKind<'counter'>
export type HistogramName = OfKind<'histogram'>
/** Exactly the attributes that the table gives to this metric. */
export type AttributesOf<N extends MetricName> = Readonly<
  Record<MetricTable[N]['attributes'][number], string>
>

/** A worker's time with a request, and the stages of its run. */
export type SpanName = 'trias.worker' | 'trias.run' | 'trias.stage'
export interface SpanAttributes {
  /** Digest of the request. */
  readonly request?: string
  /** The trace of a run follows from its id, so the spans of all three parties are in one. */
  readonly run?: string
  readonly step?: string
}

export interface Telemetry {
  count<N extends CounterName>(name: N, by: number, attributes: AttributesOf<N>): void
  record<N extends HistogramName>(name: N, value: number, attributes: AttributesOf<N>): void
  /** Starts a watch; each call of what it returns records the seconds since then. */
  watch<N extends HistogramName>(name: N, attributes: AttributesOf<N>): () => void
  /** Starts a span; call what it returns once, with the error if there was one. */
  begin(name: SpanName, attributes: SpanAttributes): (error?: unknown) => void
  /** Work as a span: spans that begin inside it, without a run of their own, belong to it. */
  span<T>(name: SpanName, attributes: SpanAttributes, work: () => Promise<T>): Promise<T>
  /**
   * At the end of an invocation: everything leaves the process, in bounded time; nothing when that was done less than
   * `everyMs` ago, for those that end many times a second. Never throws.
   */
  flush(everyMs?: number): Promise<void>
}

/** For those who do not measure. */
export const silentTelemetry: Telemetry = Object.freeze({
  count: () => {},
  record: () => {},
  watch: () => () => {},
  begin: () => () => {},
  span: <T>(_name: SpanName, _attributes: SpanAttributes, work: () => Promise<T>) => work(),
  flush: async () => {},
})

function counter<const A extends readonly string[]>(unit: string, attributes: A, help: string) {
  return { kind: 'counter' as const, unit, attributes, help }
}

function histogram<const A extends readonly string[]>(unit: string, attributes: A, help: string) {
  return { kind: 'histogram' as const, unit, attributes, help }
}
