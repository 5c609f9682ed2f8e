/** Measured reports over three parties: what was uploaded, and one run of the pay report. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type DemoFederation, foundFederation } from '../../client/demo/federation.ts'
import { payReport, type Scenario } from '../../client/demo/scenario.ts'
import { approve, review } from '../../client/sdk/approve.ts'
import { pick, requests } from '../../client/sdk/federation-client.ts'
import { keepLock, readLock } from '../../client/sdk/node/home.ts'
import { readSource } from '../../client/sdk/node/source.ts'
import { push } from '../../client/sdk/push.ts'
import { createRequest } from '../../client/sdk/request.ts'
import { requireDone, watch } from '../../client/sdk/watch.ts'
import { loadKernel } from '../../functions/party/load-kernel.ts'
import { nativeAead } from '../../shared/crypto/native-aead.ts'
import { checkRows } from '../../shared/data/check-rows.ts'
import { nativeKeystream } from '../../shared/prss/native-keystream.ts'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { loadNow } from '../machine.ts'
import type { MeasuredParties } from './parties.ts'
import { type RunTimes, timesOfRun } from './rounds.ts'
import { type Usage, usageBetween } from './usage.ts'

/** A client that asks often would be measured with the run. */
const POLL_MS = 500
const TIMEOUT_MS = 25 * 60_000
/** A party forgets a run when it has ended, which belongs to what the run costs. */
const CLEAN_UP_MS = 3000

export interface Upload {
  readonly rows: number
  readonly columns: number
  /** Of the four owners one after another: dealing and locking, then sending to the three parties at once. */
  readonly dealSeconds: number
  readonly sendSeconds: number
  readonly requests: number
  readonly bytes: number
  readonly load: number
}

export interface MeasuredRun {
  readonly rows: number
  readonly rounds: number
  /** From the last approval until all three parties have ended. */
  readonly seconds: number
  readonly times: RunTimes
  /** From the request until the run is forgotten, by party. */
  readonly usage: readonly [Usage, Usage, Usage]
  /** From the first frame to the last one, by party. */
  readonly usageOfRounds: readonly [Usage, Usage, Usage]
  /** Workers that executed rounds: one, and another one for each that left. */
  readonly workers: readonly number[]
  readonly load: number
}

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6

export interface Staged {
  readonly upload: Upload
  run(): Promise<MeasuredRun>
}

const upload = async (
  federation: DemoFederation,
  scenario: Scenario,
  sending: { readonly requests: number; readonly bytes: number; readonly ms: number },
): Promise<Upload> => {
  let [rows, totalMs] = [0, 0]
  const before = { ...sending }
  for (const [place, owner] of federation.owners.entries()) {
    const { file } = scenario.files[place] as Scenario['files'][number]
    const checked = checkRows(scenario.schema, await readSource({ file }))
    if (!checked.ok) throw new Error(`${file} breaks the schema`)
    const startMs = nowMs()
    const { document } = await push(owner.connection, {
      schema: scenario.schema,
      columns: checked.columns,
      kernel: loadKernel(),
      keystream: nativeKeystream,
      aead: nativeAead,
      keepLock: lock => keepLock(owner.home, lock),
    })
    totalMs += nowMs() - startMs
    rows += document.rows
  }
  const sentMs = sending.ms - before.ms
  return {
    rows,
    columns: scenario.schema.columns.length,
    dealSeconds: (totalMs - sentMs) / 1000,
    sendSeconds: sentMs / 1000,
    requests: sending.requests - before.requests,
    bytes: sending.bytes - before.bytes,
    load: loadNow(),
  }
}

/** Counts pieces on their way, and the time in which at least one of them is. */
const countedFetch = () => {
  const sending = { requests: 0, bytes: 0, ms: 0 }
  let underWay = 0
  let sinceMs = 0
  const send: typeof fetch = async (input, init) => {
    if (init?.method !== 'PUT') return fetch(input, init)
    if (underWay++ === 0) sinceMs = nowMs()
    try {
      return await fetch(input, init)
    } finally {
      sending.requests++
      sending.bytes += (init.body as Uint8Array).length
      if (--underWay === 0) sending.ms += nowMs() - sinceMs
    }
  }
  return { sending, fetch: send }
}

/** A federation over the parties, and a payroll of so many rows uploaded to them. */
export const stage = async (
  parties: MeasuredParties,
  { rows, stageRowsMax }: { readonly rows: number; readonly stageRowsMax?: number },
): Promise<Staged> => {
  const folder = join(parties.folder, 'members')
  await mkdir(folder, { recursive: true })
  const { sending, fetch } = countedFetch()
  const policy = stageRowsMax === undefined ? {} : { stageRowsMax }
  const federation = await foundFederation(parties.founding, folder, { fetch, policy })
  const scenario = await payReport(folder, rows)
  const uploaded = await upload(federation, scenario, sending)
  const { connection } = federation.recipient

  const run = async (): Promise<MeasuredRun> => {
    const requestedMs = nowMs()
    const { sql, purpose, minimumGroupSize } = scenario
    const { digest } = await createRequest(connection, { sql, purpose, minimumGroupSize })
    for (const owner of federation.owners)
      await approve(owner.connection, await review(owner.connection, digest), dataset =>
        readLock(owner.home, dataset),
      )
    const approvedMs = nowMs()
    const request = pick('request', await requests(connection), digest)
    const progress = await watch(connection, request, { pollMs: POLL_MS, timeoutMs: TIMEOUT_MS })
    requireDone(progress)
    const endMs = nowMs()
    const load = loadNow()
    await new Promise(resolve => setTimeout(resolve, CLEAN_UP_MS))
    const cleanMs = nowMs()
    const events = await Promise.all(PARTIES.map(party => parties.events(party)))
    const times = timesOfRun(events, requestedMs)
    const logs = await Promise.all(PARTIES.map(party => parties.logOf(party)))
    const between = (fromMs: number, toMs: number) =>
      events.map(ofParty => usageBetween(ofParty, fromMs, toMs)) as unknown as MeasuredRun['usage']
    return {
      rows: uploaded.rows,
      rounds: progress.roundsTotal,
      seconds: (endMs - approvedMs) / 1000,
      times,
      usage: between(requestedMs, cleanMs),
      usageOfRounds: between(times.startMs, times.endMs),
      workers: logs.map(
        lines =>
          1 + lines.filter(({ event, request: of }) => event === 'worker-left' && of === digest).length,
      ),
      load,
    }
  }
  return { upload: uploaded, run }
}
