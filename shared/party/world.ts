/** Everything outside that a party's code uses, passed in by `compose.ts` of the place where it runs. */
import type { RunningSha256 } from '../crypto/hash.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Clock } from '../port/clock.ts'
import type { Keyring } from '../port/keyring.ts'
import type { Log } from '../port/log.ts'
import type { Mailbox } from '../port/mailbox.ts'
import type { Peer } from '../port/peer.ts'
import type { Place } from '../port/place.ts'
import type { Store } from '../port/store.ts'
import type { Telemetry } from '../port/telemetry.ts'
import type { Waker } from '../port/waker.ts'
import type { Keystream } from '../prss/keystream.ts'
import type { PartyIndex } from '../sharing/shared.ts'
import type { FrameCrypto } from '../wire/frame.ts'

export interface Deadlines {
  /** How long a round may take before the run aborts. */
  readonly roundMs: number
  /** How long a run may take in all. */
  readonly runMs: number
  /** How long after this party's `ready` the two others may take to say theirs. */
  readonly readyMs: number
  /** How long a document for a peer is sent again before it is given up. */
  readonly postMs: number
  /** After how long without a sign of life another worker may take over a request. */
  readonly leaseMs: number
  /** How long a worker waits for the next round before it leaves; the frame that comes later wakes another one. */
  readonly lingerMs: number
  /** How far the clock of whoever signs a token or a request may be from this party's. */
  readonly skewMs: number
}

export const DEFAULT_DEADLINES: Deadlines = Object.freeze({
  roundMs: 120_000,
  runMs: 30 * 60_000,
  readyMs: 120_000,
  postMs: 30 * 60_000,
  leaseMs: 5_000,
  lingerMs: 15_000,
  skewMs: 60_000,
})

export interface World {
  readonly party: PartyIndex
  /** Version of the program. */
  readonly release: string
  /** A fresh random handle, by which a worker knows its own lease. */
  readonly newHandle: () => string
  /** Share chunks, documents, the log; backed up. */
  readonly durable: Store
  /** Job records of a run, digests of what was sent, run keys; no backup. */
  readonly volatile: Store
  readonly mailbox: Mailbox
  readonly waker: Waker
  readonly keyring: Keyring
  readonly clock: Clock
  readonly place: Place
  readonly log: Log
  readonly telemetry: Telemetry
  /** The way to the other parties, once the manifest says where they are. */
  readonly peerAt: (endpoints: readonly [string, string, string]) => Peer
  readonly kernel: Kernel
  readonly crypto: FrameCrypto & {
    readonly keystream: Keystream
    readonly createHash: () => RunningSha256
  }
  /** Runs a callback when the microtask queue is empty. */
  readonly afterMicrotasks: (run: () => void) => void
  readonly deadlines: Deadlines
}
