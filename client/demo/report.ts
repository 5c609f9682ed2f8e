/** One report from data to comparison: four owners share, the recipient asks, the owners sign, three parties compute. */

import { byteCount } from '../../shared/base/byte-count.ts'
import { InputError } from '../../shared/base/errors.ts'
import { nativeAead } from '../../shared/crypto/native-aead.ts'
import { checkRows } from '../../shared/data/check-rows.ts'
import { type PlainAnswer, plainText } from '../../shared/governance/plain-words.ts'
import { nativeKeystream } from '../../shared/prss/native-keystream.ts'
import type { Report } from '../../shared/sql/finish.ts'
import { progressBar } from '../cli/progress-bar.ts'
import { bold, count, dim, fields, green, red, wrap } from '../cli/style.ts'
import { plainTable, reportTable } from '../cli/table.ts'
import { approve, review } from '../sdk/approve.ts'
import { pick, requests } from '../sdk/federation-client.ts'
import { keepLock, readLock } from '../sdk/node/home.ts'
import { readSource } from '../sdk/node/source.ts'
import { push } from '../sdk/push.ts'
import { createRequest } from '../sdk/request.ts'
import { fetchResult } from '../sdk/result.ts'
import { requireDone, watch } from '../sdk/watch.ts'
import { OPERATORS } from './cast.ts'
import { type Comparison, compareWithTwin } from './compare.ts'
import type { DemoFederation, Player } from './federation.ts'
import type { Scenario } from './scenario.ts'
import type { Screen } from './screen.ts'

interface PartyNumbers {
  readonly party: number
  readonly rounds: number
  readonly bytesSent: number
  readonly seconds: number
}

export interface ReportOutcome {
  readonly title: string
  readonly request: string
  readonly rows: number
  /** What the first owner read before it signed. */
  readonly read: readonly PlainAnswer[]
  readonly report: Report
  readonly parties: readonly PartyNumbers[]
  readonly comparison: Comparison
}

const share = async (owner: Player, scenario: Scenario, place: number) => {
  const { file } = scenario.files[place] as Scenario['files'][number]
  const checked = checkRows(scenario.schema, await readSource({ file }))
  if (!checked.ok)
    throw new InputError(`${checked.violations.length} cells break the schema`, { where: file })
  const { document, bytes } = await push(owner.connection, {
    schema: scenario.schema,
    columns: checked.columns,
    keystream: nativeKeystream,
    aead: nativeAead,
    keepLock: lock => keepLock(owner.home, lock),
  })
  return { rows: document.rows, bytes }
}

/** Rows of the result that fit a screen. */
const ROWS_SHOWN = 28

export const runReport = async (
  { owners, recipient }: DemoFederation,
  scenario: Scenario,
  screen: Screen,
  options: { readonly quiet: boolean; readonly readBefore: readonly PlainAnswer[] },
): Promise<ReportOutcome> => {
  const { quiet, readBefore } = options
  screen.section(`${scenario.title}: ${scenario.about}`)
  const shared = await screen.step(
    'every owner checked its rows, split them into shares, and sent them encrypted',
    () => Promise.all(owners.map((owner, place) => share(owner, scenario, place))),
  )
  const rows = shared.reduce((sum, one) => sum + one.rows, 0)
  screen.text(
    plainTable(
      ['  owner', 'country', 'rows', 'data', 'to three parties'],
      owners.map((owner, i) => [
        `  ${owner.name}`,
        owner.country,
        count(shared[i]?.rows ?? 0),
        scenario.files[i]?.origin ?? '',
        byteCount(shared[i]?.bytes ?? 0),
      ]),
    ),
  )

  screen.text('')
  const asked = await screen.step(`${recipient.name} compiled the report and asked for it`, () =>
    createRequest(recipient.connection, {
      sql: scenario.sql,
      purpose: scenario.purpose,
      minimumGroupSize: scenario.minimumGroupSize,
    }),
  )
  screen.text(
    scenario.sql
      .split('\n')
      .map(line => `    ${wrap(line, 92, '      ')}`)
      .join('\n'),
  )

  const [first, ...others] = owners as [Player, ...Player[]]
  const reviewed = await review(first.connection, asked.digest)
  const isNew = ({ question, answer }: PlainAnswer): boolean =>
    !readBefore.some(one => one.question === question && one.answer.join() === answer.join())
  const news = readBefore.length === 0 ? '' : ', where it differs from the first'
  screen.text(`\n${bold(`What ${first.name} reads before it signs`)}${news}`)
  screen.text(
    plainText(reviewed.answers.filter(isNew))
      .split('\n')
      .map(line => (line.startsWith('  ') ? `    ${wrap(line.trim(), 92, '      ')}` : `  ${bold(line)}`))
      .join('\n'),
  )
  screen.text('')
  await screen.step(
    'every owner compiled it itself, compared that with the three offers, and signed',
    async () => {
      await approve(first.connection, reviewed, dataset => readLock(first.home, dataset))
      for (const owner of others)
        await approve(owner.connection, await review(owner.connection, asked.digest), dataset =>
          readLock(owner.home, dataset),
        )
    },
  )

  const request = pick('request', await requests(recipient.connection), asked.digest)
  const bar = quiet ? undefined : progressBar(process.stdout)
  const progress = await screen.step('three parties computed it', async () => {
    try {
      return await watch(recipient.connection, request, {
        pollMs: 100,
        timeoutMs: 120_000,
        ...(bar === undefined ? {} : { onProgress: bar.show }),
      })
    } finally {
      bar?.stop()
    }
  })
  requireDone(progress)
  const { report, dones } = await screen.step(
    'the recipient opened three boxes, compared every share with its copy, and reconstructed',
    () => fetchResult(recipient.connection, request),
  )
  screen.text(`\n${indent(reportTable(report, { rowsMax: ROWS_SHOWN }))}\n`)

  const parties = dones.map(({ party, rounds, bytesSent }) => {
    const { startedAt, updatedAt } = progress.parties[party] ?? {}
    const seconds = (Date.parse(updatedAt ?? '') - Date.parse(startedAt ?? '')) / 1000
    return { party, rounds, bytesSent, seconds: Number.isFinite(seconds) ? seconds : 0 }
  })
  screen.text(
    plainTable(
      ['  party', 'operator', 'rounds', 'sent', 'seconds'],
      parties.map(({ party, rounds, bytesSent, seconds }) => [
        `  ${party}`,
        OPERATORS[party]?.operator ?? '',
        count(rounds),
        byteCount(bytesSent),
        seconds.toFixed(1),
      ]),
    ),
  )

  screen.text('')
  const comparison = await screen.step(
    'the same rows pooled in one DuckDB, which nobody may do in earnest',
    () => compareWithTwin(scenario, report),
  )
  screen.text(verdict(comparison, report))
  const { answers: read } = reviewed
  return { title: scenario.title, request: request.digest, rows, read, report, parties, comparison }
}

const indent = (text: string): string => text.replace(/^/gm, '  ')

const verdict = ({ cells, equal, differences }: Comparison, { counts }: Report): string => {
  const line = `${count(equal)} of ${count(cells)} cells equal`
  const what = `${counts.shown} groups shown, ${counts.suppressed} suppressed`
  if (differences.length === 0)
    return fields([['comparison', `${green(bold(line))}  ${dim(`(${what})`)}`]], '  ')
  const shown = differences.slice(0, 10).map(where => `different: ${where}`)
  return fields([['comparison', [red(bold(line)), ...shown].join('\n')]], '  ')
}
