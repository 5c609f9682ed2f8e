/**
 * What a run takes beyond rounds and bytes, which are exact: time, function-seconds, memory, requests and money. These are
 * estimates from measured rates (see the benchmarks), good to a factor of about two, and said as such.
 */
import { columnWidth } from '../data/schema.ts'
import type { Cost, PhysicalPlan, TableNode } from './plan.ts'
import { PRICES, type PriceTable } from './prices.ts'

/** No cloud gives a function more, in bytes. */
export const MEMORY_MAX = 10e9

/** What lies between the parties; the planner chooses by it. */
export interface Network {
  /** One way between two parties, in milliseconds. */
  readonly latencyMs: number
  /** Between two parties, in bytes a second. */
  readonly bytesPerSecond: number
  /** From a frame that is sent until it is read by the other worker, without the network. */
  readonly hopMs?: number
}

/** The link between the parties, and what their functions have. */
export interface Surroundings extends Network {
  /** Memory of a worker, in bytes. */
  readonly workerBytes: number
  /** Of the three parties, in order. */
  readonly providers: readonly [string, string, string]
}

/** Between two regions of one continent; for federations whose manifest says nothing. */
export const DEFAULT_NETWORK: Network = { latencyMs: 20, bytesPerSecond: 50_000_000 }

export const SURROUNDINGS: Surroundings = {
  ...DEFAULT_NETWORK,
  workerBytes: 2048 * 1024 * 1024,
  providers: ['aws', 'azure', 'onprem'],
}

export interface Estimate {
  readonly wallSeconds: number
  readonly pricesAsOf: string
  readonly parties: readonly PartyEstimate[]
  /** The step that needs most memory at once, and how much. */
  readonly memory: { readonly step: string; readonly bytes: number; readonly fits: boolean }
}

interface PartyEstimate {
  readonly provider: string
  readonly functionSeconds: number
  readonly queueRequests: number
  readonly tableWrites: number
  readonly tableReads: number
  /** null: no price is known for this provider. */
  readonly euro: number | null
}

/** Where nothing else is known; measured on emulators. */
const HOP_MS = 8
/** Work of one party for a byte that it sends: kernel, masks, transcript and frame, on one core. */
const SECONDS_PER_BYTE = 40e-9
const FRAME_PART_BYTES = 3 * 1024 * 1024
/** A message is sent, received and deleted. */
const QUEUE_REQUESTS_PER_FRAME = 3
/** Reading a request, its documents and the lease, and waking for each of them. */
const SMALL_READS_A_RUN = 250
/** Vectors that a step has at hand beside its input: results, masks and frames on their way. */
const COPIES = 6

const bytesOfNode = ({ rows, holds }: TableNode): number =>
  holds.reduce((sum, { column, bits, field, indicator = field }) => {
    const width = (bits ? columnWidth(column) : 0) + (column.nullable ? 1 : 0)
    const elements = (field ? 1 : 0) + (column.nullable && indicator ? 1 : 0)
    return sum + rows * (width / 8 + 8 * elements)
  }, rows / 8)

/** Memory that each step needs at once: both shares, times what it has at hand. */
export const memoryOf = (plan: PhysicalPlan): { readonly step: string; readonly bytes: number } => {
  const nodes = plan.nodes.map(node => ({ step: node.name, bytes: 2 * COPIES * bytesOfNode(node) }))
  const block =
    plan.form === 'cells'
      ? [{ step: 'aggregate', bytes: 2 * COPIES * 8 * plan.rowBlock * Math.max(1, plan.columns.length) }]
      : []
  return [...nodes, ...block].reduce((most, one) => (one.bytes > most.bytes ? one : most), {
    step: 'scan',
    bytes: 0,
  })
}

/** Seconds that rounds and bytes take: rounds × (latency + hop) + bytes / bandwidth + work on the bytes. */
export const secondsOf = (
  { rounds, bytesPerParty }: { readonly rounds: number; readonly bytesPerParty: readonly number[] },
  { latencyMs, bytesPerSecond, hopMs = HOP_MS }: Network,
): number => {
  const most = Math.max(...bytesPerParty)
  return (rounds * (latencyMs + hopMs)) / 1000 + most / bytesPerSecond + most * SECONDS_PER_BYTE
}

export const estimateOf = (
  { plan }: { readonly plan: PhysicalPlan },
  cost: Cost,
  surroundings: Surroundings = SURROUNDINGS,
  prices: PriceTable = PRICES,
): Estimate => {
  const { workerBytes, providers } = surroundings
  const wallSeconds = secondsOf(cost, surroundings)
  const memory = memoryOf(plan)
  return {
    wallSeconds,
    pricesAsOf: prices.asOf,
    memory: { ...memory, fits: memory.bytes <= workerBytes },
    parties: providers.map((provider, party): PartyEstimate => {
      const bytes = cost.bytesPerParty[party] as number
      const frames = Math.max(2 * cost.rounds, Math.ceil(bytes / FRAME_PART_BYTES))
      const queueRequests = QUEUE_REQUESTS_PER_FRAME * frames
      const tableWrites = 2 * cost.rounds + plan.stageEnds.length + SMALL_READS_A_RUN / 5
      const tableReads = cost.rounds + SMALL_READS_A_RUN
      const price = prices.providers[provider]
      const memoryGigabytes = workerBytes / 1e9
      const usd =
        price === undefined
          ? null
          : wallSeconds * memoryGigabytes * price.gigabyteSecond +
            (frames * price.millionInvocations +
              queueRequests * price.millionQueueRequests +
              tableWrites * price.millionTableWrites +
              tableReads * price.millionTableReads) /
              1e6 +
            (bytes / 1e9) * price.gigabyteOut
      return {
        provider,
        functionSeconds: wallSeconds,
        queueRequests,
        tableWrites,
        tableReads,
        euro: usd === null ? null : usd * prices.eurPerUsd,
      }
    }),
  }
}

const secondsText = (seconds: number): string =>
  seconds < 90 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`

/** Lines for people. */
export const renderEstimate = ({ wallSeconds, pricesAsOf, parties, memory }: Estimate): readonly string[] => [
  `about ${secondsText(wallSeconds)} from the first round to the last`,
  `most memory: ${Math.ceil(memory.bytes / 1e6)} MB, in ${memory.step}${memory.fits ? '' : ': MORE THAN A WORKER HAS'}`,
  ...parties.map(
    ({ provider, functionSeconds, queueRequests, tableWrites, tableReads, euro }) =>
      `${provider}: ${secondsText(functionSeconds)} of functions, ${queueRequests} queue requests, ${Math.round(tableWrites)} writes and ${tableReads} reads of tables, ${euro === null ? 'on a machine of its own' : `${euro.toFixed(4)} EUR`}`,
  ),
  `list prices of ${pricesAsOf}; time, memory and money are estimates to a factor of about two, rounds and bytes are exact`,
]
