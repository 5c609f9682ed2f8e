/**
 * `npm run bench -- stack`: three whole parties on their clouds' emulators, as they are deployed, and what a run costs them.
 * First a run of some hundred rounds with small payloads: hops, rounds, invocations. Then large runs: the upload, the
 * largest round, and the time against the same computation by the engine alone.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { machine } from '../machine.ts'
import { startMeasuredParties } from './parties.ts'
import { type Measurement, print } from './print.ts'
import { type MeasuredRun, stage } from './report.ts'
import { measureFrames } from './signature.ts'

/** A stage of so few rows makes many rounds of small payloads. */
const STAGE_ROWS = 64

const { values: flags } = parseArgs({
  args: process.argv.slice(3),
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    small: { type: 'string' },
    large: { type: 'string' },
    'stage-rows': { type: 'string' },
    warm: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (flags.help) {
  console.log(`Measures three parties on emulated AWS, emulated Azure and SQLite, over the pay report.

  npm run bench -- stack                     315 small rounds, then 200000 and 1000000 rows
  npm run bench -- stack --quick             a tenth of the rounds and nothing large, under 30 s
  npm run bench -- stack --small 2400        rows of the run with small rounds; 0 leaves it out
  npm run bench -- stack --large 5000,0      rows of the large runs; 0 leaves it out
  npm run bench -- stack --stage-rows 65536  rows of a stage of the large runs, in place of the default
  npm run bench -- stack --warm              measures the second of two large runs
  npm run bench -- stack --json              one JSON object for machines`)
  process.exit(0)
}

const rowsOf = (text: string): number[] => text.split(',').map(Number).filter(Boolean)

const note = (text: string): void => {
  if (!flags.json && process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

/** Parties of their own for every measurement, so that none inherits the tables of another. */
const measure = async (rows: number, { stageRowsMax, warm }: { stageRowsMax?: number; warm: boolean }) => {
  note(`three parties, ${rows} rows …`)
  const parties = await startMeasuredParties()
  try {
    const { upload, run } = await stage(parties, {
      rows,
      ...(stageRowsMax === undefined ? {} : { stageRowsMax }),
    })
    // The first run starts every instance and compiles all code.
    if (warm) await run()
    return { upload, run: await run() }
  } finally {
    await parties.close()
  }
}

/** The same computation by three threads without fronts, queues and tables. */
const engineSeconds = async (rows: number): Promise<number> => {
  note(`the engine alone, ${rows} rows …`)
  const args = [join(import.meta.dirname, '../main.ts'), '--only', 'pay report', '--repeat', '1', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, [...args, '--scale', String(rows / 1e6)])
  const { rows: results } = JSON.parse(stdout) as { rows: { operation: string; seconds: number }[] }
  return results[0]?.seconds ?? Number.NaN
}

const small: MeasuredRun[] = []
for (const rows of rowsOf(flags.small ?? (flags.quick ? '256' : '2400')))
  small.push((await measure(rows, { stageRowsMax: STAGE_ROWS, warm: !flags.quick })).run)
const large: Measurement['large'][number][] = []
for (const rows of rowsOf(flags.large ?? (flags.quick ? '0' : '200000,1000000'))) {
  const stageRowsMax = flags['stage-rows'] === undefined ? {} : { stageRowsMax: Number(flags['stage-rows']) }
  large.push({
    ...(await measure(rows, { ...stageRowsMax, warm: flags.warm })),
    engineSeconds: await engineSeconds(rows),
  })
}
note('')
const measurement: Measurement = { machine: machine(), frameMs: measureFrames(), small, large }
if (flags.json) console.log(JSON.stringify(measurement, null, 2))
else print(measurement)
