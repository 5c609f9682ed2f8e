/**
 * Emulators know no rights, so a function that lacks one would be found out at the customer. Here every call that the three
 * functions make is noted, over reports whose workers are killed, and held against what their roles allow.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { type FunctionName, RIGHTS } from '../../../infra/aws/rights.ts'
import { type Reports, stageReports } from '../../support/reports.ts'
import { type Stack, startStack } from '../../support/stack.ts'

const HOOK = new URL('./record-calls.ts', import.meta.url)

let folder: string
let stack: Stack
let reports: Reports

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trias-rights-'))
  stack = await startStack({
    environment: { NODE_OPTIONS: `--import ${HOOK}`, CALLS_FILE: join(folder, 'calls') },
  })
  reports = await stageReports(stack.parties, {
    rows: 300,
    policy: { stageRowsMax: 128 },
    timeoutMs: 180_000,
  })
}, 180_000)
afterAll(async () => {
  await reports?.close()
  await stack?.close()
  await rm(folder, { recursive: true, force: true })
})

const RESOURCES = ['durable', 'volatile', 'lanes', 'wake'] as const

test('no function calls what its role does not allow, and none is allowed what it does not call', async () => {
  onTestFailed(() => console.error(stack.logs()))
  const asked = await reports.ask('pay')
  const ended = asked.ended()
  await new Promise(resolve => setTimeout(resolve, 500))
  await stack.kill(0)
  await ended
  const again = await reports.ask('safety')
  await again.ended()

  const lines = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')
  const made = new Set(
    lines.map(line => {
      const [name, service, action, resource] = line.split(' ')
      const kind = resource === 'lane' ? 'lanes' : resource
      return `${name} ${kind} ${service}:${action?.replace(/Batch$/, '')}`
    }),
  )
  const allowed = Object.entries(RIGHTS).flatMap(([name, rights]) =>
    RESOURCES.flatMap(kind => rights[kind].map(right => `${name} ${kind} ${right}`)),
  )
  const seeds = (['http', 'worker', 'timer'] satisfies FunctionName[]).map(
    name => `${name} secret secretsmanager:GetSecretValue`,
  )
  expect(lines.length).toBeGreaterThan(500)
  expect([...made].filter(call => ![...allowed, ...seeds].includes(call))).toEqual([])

  /**
   * What a worker does that leaves in the middle of a run, what the poller of Lambda does in its name, and what the timer
   * does when a wake was lost.
   */
  const rare = /^worker (lanes sqs:ChangeMessageVisibility|wake sqs:)|^timer (wake|volatile)/
  expect(allowed.filter(call => !made.has(call) && !rare.test(call))).toEqual([])
}, 240_000)
