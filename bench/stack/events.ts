/** What the probes of a stack write, one JSON object a line, and how it is read. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One part of what a party sends another one in a round. */
export interface Slot {
  readonly run: string
  readonly round: number
  readonly part: number
  readonly from: number
  readonly to: number
}

interface Stamped {
  /** Milliseconds of the monotonic clock. */
  readonly at: number
  readonly pid: number
}

export type ProbeEvent = Stamped &
  (
    | { readonly kind: 'post'; readonly slot: Slot; readonly bytes: number }
    /** A front has verified the frame, or a worker has it in hand. */
    | { readonly kind: 'seen'; readonly slot: Slot }
    | {
        readonly kind: 'call'
        readonly service: 'store' | 'queue' | 'peer' | 'other'
        readonly operation: string
        readonly ms: number
        readonly bytesOut: number
        readonly bytesIn: number
        /** By its status: throttled, failed, or a condition that did not hold. */
        readonly refused: boolean
      }
    /** Noted at its end. */
    | { readonly kind: 'invocation'; readonly function: string; readonly ms: number }
    /** A request to an on-prem front. */
    | { readonly kind: 'served' }
    | {
        readonly kind: 'sqlite'
        readonly calls: number
        readonly reads: number
        readonly writes: number
        readonly ms: number
      }
  )

export type EventOf<K extends ProbeEvent['kind']> = Extract<ProbeEvent, { readonly kind: K }>

/** In the order of time. A line that is being written is left for the next reading. */
export const readEvents = (directory: string): readonly ProbeEvent[] =>
  readdirSync(directory)
    .flatMap(name => readFileSync(join(directory, name), 'utf8').split('\n').slice(0, -1))
    .map(line => JSON.parse(line) as ProbeEvent)
    .sort((a, b) => a.at - b.at)
