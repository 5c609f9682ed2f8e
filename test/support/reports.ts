/** The two reports of the demo over any three parties, again and again over data that was shared once. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareWithTwin } from '../../client/demo/compare.ts'
import { type DemoFederation, type FoundingParty, foundFederation } from '../../client/demo/federation.ts'
import { payReport, type Scenario, safetyReport } from '../../client/demo/scenario.ts'
import { approve, review } from '../../client/sdk/approve.ts'
import { pick, requests } from '../../client/sdk/federation-client.ts'
import { keepLock, readLock } from '../../client/sdk/node/home.ts'
import { readSource } from '../../client/sdk/node/source.ts'
import { push } from '../../client/sdk/push.ts'
import { createRequest } from '../../client/sdk/request.ts'
import { fetchResult } from '../../client/sdk/result.ts'
import { type Progress, watch } from '../../client/sdk/watch.ts'
import { nativeAead } from '../../shared/crypto/native-aead.ts'
import { checkRows } from '../../shared/data/check-rows.ts'
import type { Federation } from '../../shared/governance/document/federation.ts'
import { nativeKeystream } from '../../shared/prss/native-keystream.ts'

export type ReportName = 'pay' | 'safety'

export interface Asked {
  /** Digest of the request. */
  readonly request: string
  /** Waits until it has ended everywhere. */
  ended(): Promise<Progress>
  /** Cells that equal those of the pooled rows in DuckDB, and all cells. */
  compared(): Promise<{ readonly equal: number; readonly cells: number }>
}

export interface Reports {
  readonly federation: DemoFederation
  /** Asks for the report and lets every owner approve it; the parties do the rest. */
  ask(report: ReportName): Promise<Asked>
  close(): Promise<void>
}

interface ReportsOptions {
  readonly rows: number
  readonly fetch?: typeof fetch
  /** How often a member asks a party that does not answer. */
  readonly tries?: number
  readonly policy?: Partial<Federation['policy']>
  readonly timeoutMs?: number
}

const share = async (federation: DemoFederation, scenario: Scenario): Promise<void> => {
  for (const [place, owner] of federation.owners.entries()) {
    const { file } = scenario.files[place]!
    const checked = checkRows(scenario.schema, await readSource({ file }))
    if (!checked.ok) throw new Error(`${file} breaks the schema`)
    await push(owner.connection, {
      schema: scenario.schema,
      columns: checked.columns,
      keystream: nativeKeystream,
      aead: nativeAead,
      keepLock: lock => keepLock(owner.home, lock),
    })
  }
}

export const stageReports = async (
  parties: readonly FoundingParty[],
  { rows, timeoutMs = 120_000, ...founding }: ReportsOptions,
): Promise<Reports> => {
  const folder = await mkdtemp(join(tmpdir(), 'trias-reports-'))
  const federation = await foundFederation(parties, join(folder, 'members'), founding)
  const scenarios = { pay: await payReport(folder, rows), safety: await safetyReport(folder, rows) }
  for (const scenario of Object.values(scenarios)) await share(federation, scenario)
  const { connection } = federation.recipient
  return {
    federation,
    ask: async name => {
      const { sql, purpose, minimumGroupSize } = scenarios[name]
      const { digest } = await createRequest(connection, { sql, purpose, minimumGroupSize })
      for (const owner of federation.owners)
        await approve(owner.connection, await review(owner.connection, digest), dataset =>
          readLock(owner.home, dataset),
        )
      const request = pick('request', await requests(connection), digest)
      return {
        request: digest,
        ended: () => watch(connection, request, { pollMs: 50, timeoutMs }),
        compared: async () =>
          compareWithTwin(scenarios[name], (await fetchResult(connection, request)).report),
      }
    },
    close: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}
