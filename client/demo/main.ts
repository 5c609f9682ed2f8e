/**
 * `npm run demo`: three separate parties, on AWS, Azure and on-premises, a federation of four owners, two reports end to end, and the proof
 * that the numbers are those of a plain database. Leaves nothing behind unless `--keep` asks for it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Json } from '../../shared/base/canonical.ts'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { reportError } from '../cli/exit-code.ts'
import { UsageError } from '../cli/outcome.ts'
import { bold, count, dim, duration, green, red } from '../cli/style.ts'
import { plainTable } from '../cli/table.ts'
import { OPERATORS } from './cast.ts'
import { buildImage, removeImage, requireContainers } from './container.ts'
import { type DemoFederation, foundFederation } from './federation.ts'
import { buildPackages } from './packages.ts'
import { type RunningParty, startParty } from './parties.ts'
import { PLACES, type Place } from './place.ts'
import { type ReportOutcome, runReport } from './report.ts'
import { payReport, safetyReport } from './scenario.ts'
import { createScreen, type Screen } from './screen.ts'

const HELP = `Three parties compute two reports over data that none of them sees.

Usage: npm run demo -- [options]

Options:
  --rows <number>  rows of the payroll (default 20000); the strike records are cut to as many (10000 at most)
  --json           print one JSON object instead of the show
  --local          three on-prem processes instead of one party on AWS, one on Azure and one on-prem
  --container      party 2 as a container of its operator's image, which is built first; needs a Docker engine on Linux
  --keep           leave the parties running, and print how to talk to them
  --help           show this

Examples:
  $ npm run demo
  $ npm run demo -- --rows 2000
  $ npm run demo -- --local
  $ npm run demo -- --container
  $ npm run demo -- --keep
  $ npm run --silent demo -- --json > demo.json

Exit codes: 0 every cell equal, 1 a cell differs or a bug, 2 wrong usage, 3 to 7 as "trias --help" says.`

interface Options {
  readonly rows: number
  readonly json: boolean
  readonly local: boolean
  readonly container: boolean
  readonly keep: boolean
}

/** undefined when help was asked for. */
const readOptions = (): Options | undefined => {
  try {
    const { values } = parseArgs({
      options: {
        rows: { type: 'string', default: '20000' },
        json: { type: 'boolean', default: false },
        local: { type: 'boolean', default: false },
        container: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) return undefined
    const rows = Number(values.rows)
    if (!Number.isSafeInteger(rows) || rows < 4 || rows > 2_000_000)
      throw new UsageError('--rows takes a whole number from 4 to 2000000')
    const { json, local, container, keep } = values
    return { rows, json, local, container, keep }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(
      error instanceof Error ? (error.message.split('. ')[0] as string) : String(error),
      'Try --help.',
    )
  }
}

const showTopology = (
  screen: Screen,
  parties: readonly RunningParty[],
  { owners, recipient }: DemoFederation,
): void => {
  screen.text('')
  screen.text(
    plainTable(
      ['  party', 'operator', 'in', 'owned by', 'runs on', 'address'],
      OPERATORS.map(({ index, operator, country, parent, parentCountry }) => [
        `  ${index}`,
        operator,
        country,
        `${parent} (${parentCountry})`,
        PLACES[parties[index]?.place ?? 'onprem'].runsOn,
        parties[index]?.url ?? '',
      ]),
    ),
  )
  const owned = owners.map(({ name, country }) => `${name} (${country})`).join(', ')
  screen.text(`
  data owners   ${owned}
  recipient     ${recipient.name} (${recipient.country})

    each owner ── share 0, 1 ──▶ party 0 ──┐
               ── share 1, 2 ──▶ party 1 ──┼── sealed result shares ──▶ ${recipient.name}
               ── share 2, 0 ──▶ party 2 ──┘

  ${dim('Every share is random-looking; it takes two parties together to read anything. Here all three run')}
  ${dim('on one machine; in earnest each has its own operator, its own cloud and its own country.')}`)
}

const howToTalk = (
  removal: string,
  parties: readonly RunningParty[],
  { owners, recipient }: DemoFederation,
): string => {
  const owner = owners[0]?.home ?? ''
  const pids = parties.map(({ pid }) => pid).join(' ')
  return `
${bold('The parties are still running.')} Every member has a state directory:

  npm run trias -- request list --home ${recipient.home}
  npm run trias -- result latest --home ${recipient.home}
  npm run trias -- dataset list --home ${owner}
  npm run trias -- explain "SELECT grade, AVG(bonus) FROM payroll GROUP BY grade" --home ${owner}
  npm run trias -- log verify --home ${owner}

  ${dim('A new report, and a yes of each owner:')}
  npm run trias -- run --home ${recipient.home} --purpose "pay equity monitoring" --sql "SELECT country, AVG(bonus) AS mean_bonus FROM payroll GROUP BY country"
${owners.map(({ home }) => `  npm run trias -- approve latest --home ${home}`).join('\n')}

Stop them and remove everything:  kill ${pids}; sleep 2; ${removal}`
}

const jsonOf = (outcomes: readonly ReportOutcome[], totalMs: number) => ({
  ok: outcomes.every(isEqual),
  seconds: Math.round(totalMs / 100) / 10,
  reports: outcomes.map(({ title, request, rows, report, parties, comparison }) => ({
    title,
    request,
    rows,
    columns: report.columns.map(({ name }) => name),
    result: report.rows as readonly Json[],
    groups: report.counts,
    parties,
    cells: comparison.cells,
    equal: comparison.equal,
    differences: comparison.differences,
  })),
})

const isEqual = ({ comparison }: ReportOutcome): boolean =>
  comparison.cells > 0 && comparison.equal === comparison.cells

/** After Ctrl-C the parties go away, and whatever fails then is no news. */
let isInterrupted = false

const placesFor = ({ local, container }: Options): readonly [Place, Place, Place] => {
  const last = container ? 'container' : 'onprem'
  return local ? ['onprem', 'onprem', last] : ['aws', 'azure', last]
}

const demo = async (options: Options): Promise<number> => {
  if (options.container) requireContainers()
  const screen = createScreen(options.json)
  const startedMs = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'trias-demo-'))
  // Found by the folder's name, as its container is; a repository could not have these letters, a tag may.
  const image = `trias-demo:${basename(folder)}`
  const stops: (() => Promise<void>)[] = []
  const building = new AbortController()
  const cleanUp = async (): Promise<void> => {
    building.abort()
    await Promise.all(stops.map(stop => stop()))
    if (options.container) await removeImage(image)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  const giveUp = (why: string, code: number): void => {
    if (isInterrupted) return
    isInterrupted = true
    process.stderr.write(`\n${why}: stopping the parties and removing their data.\n`)
    void cleanUp().finally(() => process.exit(code))
  }
  process.once('SIGINT', () => giveUp('Interrupted', 130))
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => giveUp('Stopped', 143))
  // Whoever read the output has gone, such as `head`.
  process.stdout.on('error', () => giveUp('Nobody reads the output', 1))
  process.once('uncaughtException', error => {
    reportError(error, options.json)
    giveUp('A bug', 1)
  })

  let kept = false
  try {
    screen.text(`
A group wants one report over the payrolls of its four subsidiaries, which may not be pooled. Every
subsidiary splits its rows into three random-looking shares; three parties, none of which can read
them alone, compute the report together; only its recipient can open it.`)
    screen.section('Three parties, four data owners, one recipient')
    const places = placesFor(options)
    if (!options.local)
      await screen.step('the deployment packages of the functions were built', buildPackages)
    if (options.container)
      await screen.step('the image of party 2 was built, and nothing was pulled for it', () =>
        buildImage(image, join(folder, 'image'), building.signal),
      )
    const parties = await screen.step(
      'three parties started, each with its own keys, tables and queues',
      () =>
        Promise.all(
          PARTIES.map(party =>
            startParty(party, places[party], join(folder, `party-${party}`), {
              detached: options.keep,
              image,
              onSpawn: stop => void stops.push(stop),
            }),
          ),
        ),
    )
    const federation = await screen.step('three operators and four owners signed one manifest', () =>
      foundFederation(parties, join(folder, 'members')),
    )
    showTopology(screen, parties, federation)

    const data = join(folder, 'data')
    const outcomes: ReportOutcome[] = []
    for (const prepare of [payReport, safetyReport]) {
      const readBefore = outcomes[0]?.read ?? []
      const scenario = await prepare(data, options.rows)
      outcomes.push(await runReport(federation, scenario, screen, { quiet: options.json, readBefore }))
    }
    const totalMs = performance.now() - startedMs
    const cells = outcomes.reduce((sum, { comparison }) => sum + comparison.cells, 0)
    const equal = outcomes.reduce((sum, { comparison }) => sum + comparison.equal, 0)
    const ok = outcomes.every(isEqual)
    screen.section('In all')
    screen.text(
      `${ok ? green('✓') : red('✗')} ${bold(`${count(equal)} of ${count(cells)} cells equal`)} in ${outcomes.length} reports, in ${duration(totalMs)}.`,
    )
    if (options.json)
      process.stdout.write(
        `${JSON.stringify({ ...jsonOf(outcomes, totalMs), ...(options.keep ? { folder, pids: parties.map(({ pid }) => pid) } : {}) })}\n`,
      )
    if (options.keep) {
      kept = true
      for (const party of parties) party.leave()
      const removal = `${options.container ? `docker image rm ${image}; ` : ''}rm -r ${folder}`
      screen.text(howToTalk(removal, parties, federation))
    } else
      screen.text(
        dim(
          '  The parties are stopped and their keys and shares deleted. To look around: npm run demo -- --keep',
        ),
      )
    return ok ? 0 : 1
  } finally {
    if (!kept) await cleanUp()
  }
}

try {
  const options = readOptions()
  if (options === undefined) process.stdout.write(`${HELP}\n`)
  else process.exitCode = await demo(options)
} catch (error) {
  if (!isInterrupted) process.exitCode = reportError(error, process.argv.includes('--json'))
}
