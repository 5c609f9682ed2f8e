/**
 * `npm run bench`: the engine by itself. Three parties are three threads of one machine that talk over loopback in sealed
 * messages. Rounds and bytes stand beside every time, and what was sent is set against the least that the protocol has
 * to send.
 */
import { parseArgs, styleText } from 'node:util'
import { Worker } from 'node:worker_threads'
import Table from 'cli-table3'
import { loadNow, machine } from './machine.ts'
import { operations } from './operations.ts'
import type { Measured, Task } from './party-thread.ts'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    repeat: { type: 'string' },
    latency: { type: 'string', default: '0' },
    /** For tests: the part of the full size that is run. */
    scale: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (flags.help) {
  console.log(`Measures the engine: three parties on this machine, over loopback.

  npm run bench                        full size, median of 3
  npm run bench -- --quick             a hundredth of the size, under 30 s
  npm run bench -- --only less-than    operations whose name contains the text
  npm run bench -- --repeat 5          how often each is measured
  npm run bench -- --latency 50        milliseconds that every message is late, one way
  npm run bench -- --json              one JSON object for machines
  npm run bench -- stack --help        three whole parties on emulators instead`)
  process.exit(0)
}

interface Row {
  readonly operation: string
  readonly n: number
  readonly seconds: number
  readonly perSecond: number
  readonly rounds: number
  readonly bytesPerParty: number
  readonly bytesRatio: number
  /** Seconds against rounds × latency; null without latency. */
  readonly latencyRatio: number | null
}

const latencyMs = Number(flags.latency)

/** A thread and its messages, in order. */
const startParty = (party: number) => {
  const worker = new Worker(new URL('./party-thread.ts', import.meta.url), {
    workerData: { party, latencyMs },
  })
  const received: unknown[] = []
  const waiting: [(message: unknown) => void, (error: Error) => void][] = []
  worker.on('message', message => {
    const taker = waiting.shift()
    if (taker) taker[0](message)
    else received.push(message)
  })
  worker.on('error', error => {
    for (const [, reject] of waiting) reject(error)
  })
  return {
    send: (message: unknown) => worker.postMessage(message),
    receive: <T>(): Promise<T> =>
      received.length > 0
        ? Promise.resolve(received.shift() as T)
        : new Promise<T>((resolve, reject) => waiting.push([resolve as (message: unknown) => void, reject])),
  }
}

const parties = [0, 1, 2].map(startParty)
const everyone = <T>(): Promise<T[]> => Promise.all(parties.map(party => party.receive<T>()))
const tell = (message: unknown): void => parties.forEach(party => void party.send(message))

const median = (numbers: number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] as number

const measure = async (index: number, n: number, repeats: number): Promise<Row> => {
  const operation = operations[index] as (typeof operations)[number]
  const times: number[] = []
  let last: Measured[] = []
  for (let repeat = 0; repeat < repeats; repeat++) {
    tell({ operation: index, n, repeat } satisfies Task)
    await everyone()
    tell('go')
    last = await everyone<Measured>()
    times.push(Math.max(...last.map(one => one.seconds)))
  }
  const seconds = median(times)
  const bytesPerParty = last.reduce((sum, one) => sum + one.bytes, 0) / 3
  const rounds = Math.max(...last.map(one => one.rounds))
  return {
    operation: operation.name,
    n,
    seconds,
    perSecond: n / seconds,
    rounds,
    bytesPerParty,
    bytesRatio: bytesPerParty / (await operation.lowerBound(n)),
    latencyRatio: latencyMs > 0 ? seconds / ((rounds * latencyMs) / 1000) : null,
  }
}

tell((await everyone<{ port: number }>()).map(one => one.port))
await everyone()

const repeats = Number(flags.repeat ?? (flags.quick ? 1 : 3))
const chosen = operations.flatMap((operation, index) =>
  operation.name.includes(flags.only ?? '') ? [index] : [],
)
const scale = Number(flags.scale ?? (flags.quick ? 0.01 : 1))
const rows: Row[] = []
for (const index of chosen) {
  const full = operations[index]?.n as number
  const n = Math.max(1, Math.round(full * scale))
  if (!flags.json && process.stderr.isTTY) process.stderr.write(`\r\x1b[K${operations[index]?.name} …`)
  // Once without counting: the first pass pays for compiling the code, not for computing.
  if (repeats > 1) await measure(index, Math.ceil(full / 100), 1)
  rows.push(await measure(index, n, repeats))
}
if (!flags.json && process.stderr.isTTY) process.stderr.write('\r\x1b[K')
tell('stop')

const on = machine()
if (flags.json) {
  console.log(
    JSON.stringify(
      { machine: on, load: loadNow(), latencyMs, parties: 3, mode: 'semi-honest', rows },
      null,
      2,
    ),
  )
} else {
  const decimal = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
  const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })
  const table = new Table({
    head: ['operation', 'n', 'seconds', 'per second', 'rounds', 'bytes/party', '× least', '× latency'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  })
  for (const row of rows)
    table.push([
      row.operation,
      compact.format(row.n),
      decimal.format(row.seconds),
      compact.format(row.perSecond),
      row.rounds,
      compact.format(row.bytesPerParty),
      row.bytesRatio.toFixed(2),
      row.latencyRatio?.toFixed(2) ?? '',
    ])
  console.log(
    styleText(
      'bold',
      `Three parties, semi-honest, loopback${latencyMs > 0 ? ` with ${latencyMs} ms one way` : ''}, sealed messages; ${on.cores} cores of ${on.cpu}, Node ${on.node}, load ${loadNow()}`,
    ),
  )
  console.log(table.toString())
  console.log(
    `× least: bytes sent against what the protocol has to send. Seconds: the slowest party, median of ${repeats}. × latency: against rounds × latency.`,
  )
}
