/** What is counted in a run of three parties, in the process and at a collector that speaks OTLP over HTTP. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { bundle } from '../../functions/build/bundle.ts'
import { startThreeParties } from '../../functions/local/three-parties.ts'
import { RELEASE } from '../../functions/party/release.ts'
import { telemetryFrom } from '../../functions/party/telemetry/choose.ts'
import { createTally } from '../../functions/party/telemetry/tally.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { fromBase64url } from '../../shared/base/bytes.ts'
import { METRICS, type Telemetry } from '../../shared/port/telemetry.ts'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { castOf, found, type Row } from '../support/federation.ts'

const rows: Row[] = [
  ['junior', 31_000],
  ['junior', 33_000],
  ['senior', 52_000],
  ['senior', 58_000],
]

/** One report of two owners over three parties that measure; the status of party 0 at its end. */
const runOnce = async (telemetry: readonly Telemetry[], startedWith: () => void = () => {}) => {
  const three = await startThreeParties({ telemetry: party => telemetry[party]! })
  try {
    const cast = await castOf(three)
    await found(cast)
    const versions = await Promise.all(cast.owners.map(owner => cast.push(owner, rows)))
    startedWith()
    const request = await cast.ask(versions)
    for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
    const statuses = await Promise.all(PARTIES.map(party => cast.ended(party, request)))
    expect(statuses.map(({ state }) => state)).toEqual(['done', 'done', 'done'])
    await three.idle()
    return statuses[0]!
  } finally {
    await three.close()
  }
}

const cleanUp: (() => void)[] = []
afterAll(() => {
  for (const one of cleanUp) one()
})

test('reads, writes, messages and bytes of one run can be read in the process', async () => {
  const tallies = PARTIES.map(() => createTally())
  const tally = tallies[0]!
  let before = tally.totals()
  const { round, bytes } = await runOnce(tallies, () => {
    before = tally.totals()
  })
  const run = tally.since(before)
  expect(run['trias.rounds']).toBe(round)
  expect(run['trias.requests.ended{state=done}']).toBe(1)
  expect(run['trias.run.duration.count']).toBe(1)
  expect(run['trias.round.duration.count']).toBe(round)
  // What travels is the content that the status counts, and a header, a signature and a tag for each frame.
  const frames = run['trias.frames{direction=sent}']!
  expect(run['trias.frame.bytes{direction=sent}']).toBe(bytes + frames * (211 + 16))
  expect(run['trias.frame.duration{operation=seal}.count']).toBe(frames)
  for (const series of [
    'trias.store.duration{operation=get,table=durable}.count',
    'trias.store.duration{operation=compare-and-set,table=durable}.count',
    'trias.store.duration{operation=put-if-absent,table=volatile}.count',
    'trias.store.bytes{operation=written,table=durable}',
    'trias.mailbox.messages{operation=receive}',
    'trias.mailbox.duration{operation=settle}.count',
    'trias.peer.duration{path=/v1/frames}.count',
    'trias.workers.started',
    'trias.wakes',
    'trias.stage.duration.count',
  ])
    expect(run[series], series).toBeGreaterThan(0)
  expect(run['trias.mailbox.messages{operation=deliver}']).toBe(run['trias.frames{direction=received}'])
  expect(tally.values('trias.hop.duration').length).toBe(run['trias.mailbox.messages{operation=receive}'])
  expect(tally.spans.filter(({ name }) => name === 'trias.run').length).toBeGreaterThan(0)
})

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: number }
}
interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly attributes: readonly Attribute[]
}
interface Metric {
  readonly name: string
  readonly sum?: { readonly dataPoints: readonly { readonly asDouble?: number; readonly asInt?: number }[] }
  readonly histogram?: { readonly dataPoints: readonly { readonly count: number }[] }
}
interface Received {
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[]
  }[]
  readonly resourceSpans?: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[]
}

/** A collector on this machine: keeps what it gets. `status` makes it one that is ill. */
const startCollector = async (status = 200, delayMs = 0) => {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', piece => pieces.push(piece))
    request.on('end', () => {
      bodies.push(Buffer.concat(pieces).toString())
      setTimeout(() => response.writeHead(status, { 'content-type': 'application/json' }).end('{}'), delayMs)
    })
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  cleanUp.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { bodies, endpoint: `http://127.0.0.1:${port}` }
}

const telemetryTo = async (endpoint: string): Promise<readonly Telemetry[]> =>
  Promise.all(
    PARTIES.map(async party => (await telemetryFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, party))!),
  )

test('a collector receives the metrics, and one trace with the spans of all three parties', async () => {
  const collector = await startCollector()
  const telemetry = await telemetryTo(collector.endpoint)
  const { run, request } = await runOnce(telemetry)
  await Promise.all(telemetry.map(one => one.flush()))
  const received = collector.bodies.map(body => JSON.parse(body) as Received)

  const metrics = received.flatMap(({ resourceMetrics = [] }) =>
    resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(one => one.metrics)),
  )
  const names = new Set(metrics.map(({ name }) => name))
  for (const name of ['trias.rounds', 'trias.store.duration', 'trias.frame.duration', 'trias.hop.duration'])
    expect(names).toContain(name)
  for (const name of names) expect(Object.keys(METRICS), name).toContain(name)
  // Digests of requests and runs are too many values for an attribute, and nobody's business.
  expect(JSON.stringify(metrics)).not.toContain(request)

  const spans = received.flatMap(({ resourceSpans = [] }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(one => one.spans)),
  )
  const runs = spans.filter(({ name }) => name === 'trias.run')
  const traceId = Buffer.from(fromBase64url(run!)).toString('hex').slice(0, 32)
  expect(new Set(runs.map(one => one.traceId))).toEqual(new Set([traceId]))
  const partyOf = (span: Span) => span.attributes.find(({ key }) => key === 'trias.party')?.value.intValue
  expect(new Set(runs.map(partyOf))).toEqual(new Set(PARTIES))
  const stages = spans.filter(({ name }) => name === 'trias.stage')
  expect(stages.length).toBeGreaterThanOrEqual(3)
  for (const { parentSpanId, traceId: trace } of stages) {
    expect(trace).toBe(traceId)
    expect(runs.map(({ spanId }) => spanId)).toContain(parentSpanId)
  }
})

test.each([
  ['refuses', 500, 0],
  ['never answers', 200, 3_600_000],
])('a collector that %s does not disturb a run', async (_, status, delayMs) => {
  const collector = await startCollector(status, delayMs)
  const telemetry = await telemetryTo(collector.endpoint)
  await runOnce(telemetry)
  await Promise.all(telemetry.map(one => one.flush()))
  expect(collector.bodies.length).toBeGreaterThan(0)
})

test('a front that ends many times a minute sends what it has once a minute', async () => {
  const collector = await startCollector()
  const [telemetry] = await telemetryTo(collector.endpoint)
  telemetry!.count('trias.wakes', 1, {})
  await telemetry!.flush(60_000)
  expect(collector.bodies).toEqual([])
  await telemetry!.flush()
  expect(collector.bodies.length).toBe(1)
  await telemetry!.flush(60_000)
  expect(collector.bodies.length).toBe(1)
})

test('without a collector nothing measures, and an address that is none is a mistake', async () => {
  expect(await telemetryFrom({}, 0)).toBeUndefined()
  await expect(telemetryFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' }, 0)).rejects.toThrow('address')
})

test('the release that a party names is the one of the package', () => {
  expect(RELEASE).toBe(packageJson.version)
})

test('a package loads OpenTelemetry only when it is asked to measure', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'trias-telemetry-'))
  cleanUp.push(() => rmSync(directory, { recursive: true, force: true }))
  const { outputs } = (await bundle('aws', directory)).metafile
  const isMeasuring = (path: string): boolean =>
    Object.keys(outputs[path]!.inputs).some(input => input.includes('node_modules/@opentelemetry/'))
  const atStart = new Set<string>()
  const load = (path: string): void => {
    if (atStart.has(path)) return
    atStart.add(path)
    for (const { kind, path: next, external } of outputs[path]!.imports)
      if (kind === 'import-statement' && !external) load(next)
  }
  for (const [path, { entryPoint }] of Object.entries(outputs))
    if (/functions\/aws\/(http|worker|timer)\.ts$/.test(entryPoint ?? '')) load(path)
  expect(atStart.size).toBeGreaterThan(3)
  expect([...atStart].filter(isMeasuring)).toEqual([])
  expect(Object.keys(outputs).filter(isMeasuring).length).toBeGreaterThan(0)
})
