/** What an operator's tools see of a party, on an address that strangers do not reach. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startAdmin } from '../../../functions/onprem/admin.ts'
import { createMetrics } from '../../../functions/onprem/metrics.ts'
import { PARTIES } from '../../../shared/sharing/shared.ts'
import { createCast, found } from '../../support/federation.ts'
import { killAll, type PartyProcess, startProcess } from '../../support/party-process.ts'

const directory = mkdtempSync(join(tmpdir(), 'trias-admin-'))
afterAll(() => {
  killAll()
  rmSync(directory, { recursive: true, force: true })
})

test('a party lives at once, is ready with its manifest, and counts requests by route', async () => {
  const parties = (await Promise.all(PARTIES.map(party => startProcess(directory, party)))) as [
    PartyProcess,
    PartyProcess,
    PartyProcess,
  ]
  const [{ adminUrl, endpoint }] = parties
  const ready = async () => {
    const response = await fetch(`${adminUrl}/readyz`)
    return [response.status, await response.json()]
  }
  expect((await fetch(`${adminUrl}/healthz`)).status).toBe(200)
  expect(await ready()).toEqual([
    503,
    { status: 'not-ready', checks: { database: true, manifest: false, staying: true } },
  ])
  await found(await createCast(parties, fetch))
  expect((await ready())[0]).toBe(200)

  // Nothing of this on the public address, whatever strangers ask for, and their paths make no series.
  for (const path of ['/healthz', '/readyz', '/metrics', '/made-up/series'])
    expect((await fetch(`${endpoint}${path}`)).status).toBe(404)
  const response = await fetch(`${adminUrl}/metrics`)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const text = await response.text()
  expect(text).toMatch(/^trias_build_info\{version="[^"]+",node="v\d+[^"]*",party="0"\} 1$/m)
  expect(text).toMatch(/^process_resident_memory_bytes \d{7,}$/m)
  expect(text).toMatch(
    /^trias_http_requests_total\{method="POST",route="\/v1\/documents",status="20\d"\} \d+$/m,
  )
  expect(text).toMatch(/^trias_http_requests_total\{method="GET",route="other",status="404"\} 4$/m)
  expect(text).toMatch(/^trias_http_request_duration_seconds_count\{route="other"\} 4$/m)
  expect(text).not.toMatch(/made-up/)
}, 60_000)

test('a party whose database hangs or fails, or that leaves, is not ready', async () => {
  let isStaying = true
  let database: () => Promise<boolean> = async () => true
  const metrics = createMetrics()
  const checks = { database: () => database(), staying: () => isStaying }
  const admin = await startAdmin({ host: '127.0.0.1', port: 0 }, { checks, metrics })
  const status = async (path: string) => (await fetch(`${admin.url}${path}`)).status
  expect(await status('/readyz')).toBe(200)
  database = () => Promise.reject(new Error('canary'))
  expect(await status('/readyz')).toBe(503)
  database = () => new Promise(() => {})
  expect(await status('/readyz')).toBe(503)
  expect(await status('/healthz')).toBe(200)
  database = async () => true
  isStaying = false
  expect(await status('/readyz')).toBe(503)
  const stopped = admin.stop()
  admin.cut()
  await stopped
})

test('metrics are in the text format: buckets add up, labels are escaped, a name is defined once', () => {
  const metrics = createMetrics()
  const rounds = metrics.counter('rounds_total', 'Rounds.')
  rounds.add(2, { kind: 'a"b\\c\nd' })
  rounds.add(3, { kind: 'a"b\\c\nd' })
  const seconds = metrics.histogram('stage_seconds', 'Stages.', [0.1, 1])
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.record(value, { stage: 'x' })
  metrics.gauge('queue_age_seconds', 'Oldest.', () => 1.5)
  expect(metrics.text()).toBe(`# HELP rounds_total Rounds.
# TYPE rounds_total counter
rounds_total{kind="a\\"b\\\\c\\nd"} 5
# HELP stage_seconds Stages.
# TYPE stage_seconds histogram
stage_seconds_bucket{stage="x",le="0.1"} 2
stage_seconds_bucket{stage="x",le="1"} 3
stage_seconds_bucket{stage="x",le="+Inf"} 4
stage_seconds_sum{stage="x"} 7.65
stage_seconds_count{stage="x"} 4
# HELP queue_age_seconds Oldest.
# TYPE queue_age_seconds gauge
queue_age_seconds 1.5
`)
  expect(() => metrics.counter('rounds_total', 'Again.')).toThrow(/twice/)
})
