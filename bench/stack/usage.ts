/** What one party used of its cloud in a stretch of time: the input for an estimate of what a run costs. */
import type { EventOf, ProbeEvent } from './events.ts'

interface Calls {
  readonly calls: number
  /** Of one call, on average. */
  readonly ms: number
  readonly bytesOut: number
  readonly bytesIn: number
}

export interface Usage {
  /** By function; empty on-premises, where nothing is invoked. */
  readonly invocations: Readonly<Record<string, { readonly count: number; readonly seconds: number }>>
  /** By what they do: reads, writes, lists and deletes of records; sends, receives and deletes of messages. */
  readonly store: Readonly<Record<'read' | 'write' | 'list' | 'delete', Calls>>
  readonly queue: Readonly<Record<'send' | 'receive' | 'delete' | 'update', Calls>>
  readonly peer: Calls
  readonly framePosts: Calls
  /** Requests to the front. */
  readonly served: number
}

/** What each operation of a service counts as; both clouds. */
const STORE = {
  read: ['GetItem', 'get'],
  write: ['PutItem', 'insert', 'replace'],
  list: ['Query', 'query'],
  delete: ['DeleteItem', 'delete'],
}
const QUEUE = {
  send: ['SendMessage', 'send'],
  receive: ['ReceiveMessage', 'receive'],
  delete: ['DeleteMessageBatch', 'delete'],
  update: ['ChangeMessageVisibilityBatch', 'update'],
}
const FRONTS = ['http', 'front']

const callsOf = (events: readonly Pick<EventOf<'call'>, 'ms' | 'bytesOut' | 'bytesIn'>[]): Calls => {
  const sum = (of: 'ms' | 'bytesOut' | 'bytesIn'): number => events.reduce((total, one) => total + one[of], 0)
  return {
    calls: events.length,
    ms: events.length === 0 ? 0 : sum('ms') / events.length,
    bytesOut: sum('bytesOut'),
    bytesIn: sum('bytesIn'),
  }
}

const groups = <K extends string>(
  names: Readonly<Record<K, readonly string[]>>,
  calls: readonly EventOf<'call'>[],
): Record<K, Calls> =>
  Object.fromEntries(
    Object.entries<readonly string[]>(names).map(([group, operations]) => [
      group,
      callsOf(calls.filter(({ operation }) => operations.includes(operation))),
    ]),
  ) as Record<K, Calls>

/** SQLite has no requests and no bytes to pay for: only how many statements, and how long they took. */
const withSqlite = (store: Usage['store'], statements: readonly EventOf<'sqlite'>[]): Usage['store'] => {
  const sum = (of: 'calls' | 'reads' | 'writes' | 'ms'): number =>
    statements.reduce((total, one) => total + one[of], 0)
  if (statements.length === 0) return store
  const ms = sum('ms') / Math.max(1, sum('calls'))
  const nothing = { ms, bytesOut: 0, bytesIn: 0 }
  return { ...store, read: { calls: sum('reads'), ...nothing }, write: { calls: sum('writes'), ...nothing } }
}

export const usageBetween = (events: readonly ProbeEvent[], fromMs: number, toMs: number): Usage => {
  const within = events.filter(({ at }) => at >= fromMs && at <= toMs)
  const of = <K extends ProbeEvent['kind']>(kind: K) =>
    within.filter((one): one is EventOf<K> => one.kind === kind)
  const calls = of('call')
  const by = (service: string) => calls.filter(call => call.service === service)
  const invocations: Record<string, { count: number; seconds: number }> = {}
  for (const { function: name, ms } of of('invocation')) {
    const before = invocations[name] ?? { count: 0, seconds: 0 }
    invocations[name] = { count: before.count + 1, seconds: before.seconds + ms / 1000 }
  }
  const fronts = FRONTS.reduce((sum, name) => sum + (invocations[name]?.count ?? 0), 0)
  return {
    invocations,
    store: withSqlite(groups(STORE, by('store')), of('sqlite')),
    queue: groups(QUEUE, by('queue')),
    peer: callsOf(by('peer')),
    framePosts: callsOf(by('peer').filter(({ operation }) => operation.endsWith('/v1/frames'))),
    served: fronts + of('served').length,
  }
}
