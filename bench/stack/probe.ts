/**
 * Loaded before everything else into each process that executes a party (`--import`): notes when frames leave and when they
 * are taken, every call of a cloud's service, every statement of SQLite and every invocation. The functions themselves
 * are those that get deployed. Times are of the monotonic clock, which all processes of a machine share.
 *
 * A frame is known by its header alone: by the body of a post, and by the digest of its 147 bytes, which a front takes
 * when it has verified the frame and a worker when it has it in hand.
 */
import { Hash } from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import { openSync, writeSync } from 'node:fs'
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { StatementSync } from 'node:sqlite'
import type { ProbeEvent, Slot } from './events.ts'

const HEADER_BYTES = 147
const FLUSH_MS = 100

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6

const file = openSync(join(process.env.TRIAS_BENCH_PROBE ?? '.', `${process.pid}.jsonl`), 'a')
let lines: string[] = []
const flush = (): void => {
  if (sqlite.calls > 0) {
    note({ kind: 'sqlite', ...sqlite })
    sqlite = NO_STATEMENTS()
  }
  if (lines.length === 0) return
  writeSync(file, lines.join(''))
  lines = []
}
type Unstamped = ProbeEvent extends infer E ? (E extends unknown ? Omit<E, 'at' | 'pid'> : never) : never
const note = (event: Unstamped, at = nowMs()): void => {
  lines.push(`${JSON.stringify({ at, pid: process.pid, ...event })}\n`)
}
setInterval(flush, FLUSH_MS).unref()
process.on('exit', flush)

const slotIn = (header: Uint8Array): Slot => {
  const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES)
  return {
    run: Buffer.from(header.subarray(33, 65)).toString('base64url'),
    round: view.getUint32(69),
    part: view.getUint16(73),
    from: view.getUint8(77),
    to: view.getUint8(78),
  }
}

// ── frames, and everything else that parties say to each other ────────────────────────────────────────────────────

const { fetch } = globalThis
globalThis.fetch = async (input, init) => {
  const path = new URL(String(input)).pathname
  const body = init?.body
  const startMs = nowMs()
  const slot = path === '/v1/frames' && body instanceof Uint8Array ? slotIn(body) : undefined
  const bytesOut = body instanceof Uint8Array ? body.length : 0
  if (slot !== undefined) note({ kind: 'post', slot, bytes: bytesOut }, startMs)
  const response = await fetch(input, init)
  note({
    kind: 'call',
    service: 'peer',
    operation: `${init?.method ?? 'GET'} ${path}`,
    ms: nowMs() - startMs,
    bytesOut,
    bytesIn: 0,
    refused: !response.ok,
  })
  return response
}

const { update } = Hash.prototype
const isHeader = (data: unknown): data is Uint8Array =>
  data instanceof Uint8Array && data.length === HEADER_BYTES && data[0] === 1
Hash.prototype.update = function (this: Hash, data: unknown, ...rest: unknown[]): Hash {
  if (isHeader(data)) note({ kind: 'seen', slot: slotIn(data) })
  return Reflect.apply(update, this, [data, ...rest])
} as typeof update

// ── services of the clouds, and the Runtime API of Lambda ─────────────────────────────────────────────────────────

const LAMBDA = '/2018-06-01/runtime/'
const started = new WeakMap<ClientRequest, number>()
let invokedMs = 0

/** AWS names the operation in a header; Azure says it by method and path. */
const operationOf = (request: ClientRequest): Pick<Call, 'service' | 'operation'> => {
  const target = request.getHeader('x-amz-target')
  if (typeof target === 'string') {
    const [api, operation] = target.split('.') as [string, string]
    return {
      service: api.startsWith('DynamoDB') ? 'store' : api === 'AmazonSQS' ? 'queue' : 'other',
      operation,
    }
  }
  const { method, path } = request
  if (/\/messages(\/|\?|$)/.test(path)) {
    const one = /\/messages\//.test(path)
    const names = { GET: 'receive', POST: 'send', PUT: 'update', DELETE: one ? 'delete' : 'clear' }
    return { service: 'queue', operation: names[method as keyof typeof names] ?? method }
  }
  const names = {
    GET: /\(PartitionKey=/.test(decodeURIComponent(path)) ? 'get' : 'query',
    POST: 'insert',
    PUT: 'replace',
    DELETE: 'delete',
  }
  return { service: 'store', operation: names[method as keyof typeof names] ?? method }
}
type Call = Extract<ProbeEvent, { kind: 'call' }>

/** Answers may have no length, so what a connection has received says it, heads included. */
const received = new WeakMap<Socket, number>()
const receivedOn = (socket: Socket): number => {
  const bytes = socket.bytesRead - (received.get(socket) ?? 0)
  received.set(socket, socket.bytesRead)
  return bytes
}

interface Exchange {
  readonly request: ClientRequest
  readonly response: IncomingMessage
}

subscribe('http.client.request.start', message => {
  started.set((message as Exchange).request, nowMs())
})
subscribe('http.client.response.finish', message => {
  const { request, response } = message as Exchange
  const ms = nowMs() - (started.get(request) ?? nowMs())
  if (request.path.startsWith(LAMBDA)) {
    if (request.path.endsWith('/next')) invokedMs = nowMs()
    else
      note({
        kind: 'invocation',
        function: process.env.AWS_LAMBDA_FUNCTION_NAME ?? '',
        ms: nowMs() - invokedMs,
      })
    return
  }
  note({
    kind: 'call',
    ...operationOf(request),
    ms,
    bytesOut: Number(request.getHeader('content-length') ?? 0),
    bytesIn: receivedOn(response.socket),
    refused: (response.statusCode ?? 500) >= 400,
  })
})
subscribe('http.server.request.start', () => note({ kind: 'served' }))

// ── invocations of the Azure host ─────────────────────────────────────────────────────────────────────────────────

if (process.send !== undefined) {
  const running = new Map<string, { readonly name: string; readonly startMs: number }>()
  process.on('message', message => {
    const { id, function: name } = message as { id?: string; function?: string }
    if (id !== undefined && name !== undefined) running.set(id, { name, startMs: nowMs() })
  })
  const send = process.send
  process.send = function (this: NodeJS.Process, ...given: unknown[]) {
    const { id } = given[0] as { id?: string }
    const one = id === undefined ? undefined : running.get(id)
    if (one !== undefined) {
      running.delete(id as string)
      note({ kind: 'invocation', function: one.name, ms: nowMs() - one.startMs })
    }
    return Reflect.apply(send, this, given)
  } as typeof send
}

// ── SQLite, whose calls are too many to note one by one ───────────────────────────────────────────────────────────

const NO_STATEMENTS = () => ({ calls: 0, reads: 0, writes: 0, ms: 0 })
let sqlite = NO_STATEMENTS()
for (const name of ['run', 'get', 'all'] as const) {
  const original = StatementSync.prototype[name]
  StatementSync.prototype[name] = function (this: StatementSync, ...given: unknown[]) {
    const startMs = nowMs()
    try {
      return Reflect.apply(original, this, given)
    } finally {
      sqlite.calls++
      sqlite[name === 'run' ? 'writes' : 'reads']++
      sqlite.ms += nowMs() - startMs
    }
  } as never
}
