/** The measurement as tables of a terminal. */
import { styleText } from 'node:util'
import Table from 'cli-table3'
import type { Machine } from '../machine.ts'
import { PLACES } from './parties.ts'
import type { MeasuredRun, Upload } from './report.ts'
import type { Quantiles } from './rounds.ts'
import type { FrameMs } from './signature.ts'

export interface Measurement {
  readonly machine: Machine
  readonly frameMs: FrameMs
  readonly small: readonly MeasuredRun[]
  readonly large: readonly {
    readonly upload: Upload
    readonly run: MeasuredRun
    readonly engineSeconds: number
  }[]
}

const decimal = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })
const both = ({ p50, p95 }: Quantiles): string => `${p50.toFixed(1)} / ${p95.toFixed(1)}`

const printTable = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): void => {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, i) => (i === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  })
  table.push(...rows.map(row => [...row]))
  console.log(table.toString())
}

const printHops = ({ times, rounds, usageOfRounds, workers, load }: MeasuredRun): void => {
  console.log(
    styleText(
      'bold',
      `${rounds} rounds in ${decimal.format(times.seconds)} s, ${decimal.format(rounds / times.seconds)} a second; ` +
        `${times.frames} frames, ${compact.format(times.frameBytes)}B; a round p50 / p95 ${both(times.round)} ms; load ${load}`,
    ),
  )
  printTable(
    [
      'to party on',
      'frames',
      'hop ms p50 / p95',
      'to front',
      'to worker',
      'store ms a round',
      'queue ms a round',
      'workers',
    ],
    PLACES.map((place, party) => {
      const hops = times.hops[party] as MeasuredRun['times']['hops'][number]
      const { store, queue } = usageOfRounds[party] as MeasuredRun['usage'][number]
      const aRound = (calls: readonly { calls: number; ms: number }[]): string =>
        decimal.format(calls.reduce((sum, one) => sum + one.calls * one.ms, 0) / rounds)
      return [
        place,
        hops.whole.count,
        both(hops.whole),
        both(hops.toFront),
        both(hops.toWorker),
        aRound(Object.values(store)),
        // A receive waits; what it costs is in the way to the worker.
        aRound([queue.send, queue.delete]),
        workers[party] ?? 0,
      ]
    }),
  )
}

type Figure = (usage: MeasuredRun['usage'][number]) => string | number

const FIGURES: readonly (readonly [what: string, of: Figure])[] = [
  ['requests to the front', u => u.served],
  ['invocations of the worker', u => u.invocations.worker?.count ?? '-'],
  ['their seconds', u => (u.invocations.worker ? decimal.format(u.invocations.worker.seconds) : '-')],
  ['store reads', u => u.store.read.calls],
  ['store writes', u => u.store.write.calls],
  ['store lists', u => u.store.list.calls],
  ['store deletes', u => u.store.delete.calls],
  ['store bytes written', u => compact.format(u.store.write.bytesOut)],
  ['store bytes read', u => compact.format(u.store.read.bytesIn)],
  ['queue sends', u => u.queue.send.calls],
  ['queue receives', u => u.queue.receive.calls],
  ['queue deletes', u => u.queue.delete.calls],
  ['queue bytes sent', u => compact.format(u.queue.send.bytesOut)],
  ['requests to peers', u => u.peer.calls],
  ['bytes to peers', u => compact.format(u.peer.bytesOut)],
]

const printUsage = ({ usage }: MeasuredRun): void =>
  printTable(
    ['a run, from its request until it is forgotten', ...PLACES],
    FIGURES.map(([what, of]) => [what, ...usage.map(of)]),
  )

export const print = ({ machine, frameMs, small, large }: Measurement): void => {
  console.log(`${machine.cores} cores of ${machine.cpu}, Node ${machine.node}`)
  console.log(
    `one frame of 1 KB: seal and sign ${decimal.format(frameMs.seal)} ms, verify ${decimal.format(frameMs.verify)} ms\n`,
  )
  for (const run of small) {
    printHops(run)
    printUsage(run)
  }
  for (const { upload, run, engineSeconds } of large) {
    const { rows, columns, sendSeconds, dealSeconds, requests, bytes } = upload
    console.log(
      styleText('bold', `\n${compact.format(rows)} rows × ${columns} columns`) +
        `: dealt in ${decimal.format(dealSeconds)} s, sent in ${decimal.format(sendSeconds)} s, ` +
        `${requests} requests, ${compact.format(bytes)}B; load ${upload.load}`,
    )
    console.log(
      `${run.rounds} rounds, ${compact.format(run.times.frameBytes)}B, at most ${compact.format(run.times.largestRoundBytes)}B a round: ` +
        `${decimal.format(run.times.seconds)} s, the engine alone ${decimal.format(engineSeconds)} s ` +
        `(${(run.times.seconds / engineSeconds).toFixed(1)} ×); request to end ${decimal.format(run.seconds)} s; ` +
        `workers ${run.workers.join(', ')}; load ${run.load}`,
    )
    printUsage(run)
  }
}
