/** One party at work: its world, and what it keeps about the federation and the requests. Built once, by `party.ts`. */
import { Unavailable } from '../base/errors.ts'
import { isInRegion } from '../governance/check/region.ts'
import type { Location } from '../port/place.ts'
import type { StepSpent } from '../sql/meter.ts'
import type { CompiledQuery, Cost } from '../sql/plan.ts'
import type { Allowance } from './allowance.ts'
import type { Documents } from './documents.ts'
import type { Jobs } from './jobs.ts'
import type { Journal } from './journal.ts'
import type { Manifest } from './manifest.ts'
import type { World } from './world.ts'

/** A run whose worker is in this process. */
export interface LiveRun {
  /** Ends the run with this reason; nothing is revealed. */
  stop(reason: Error): void
  /** Rounds so far, bytes that this party has sent in them, and both by step with the time. */
  counts(): { readonly rounds: number; readonly bytes: number; readonly steps: readonly StepSpent[] }
}

export interface Compiled {
  readonly query: CompiledQuery
  readonly cost: Cost
}

export interface Self {
  readonly world: World
  /** Where this party was when it was started. */
  readonly locations: readonly Location[]
  /** null before the first manifest was accepted. */
  manifestOrNull(): Manifest | null
  setManifest(manifest: Manifest): void
  readonly documents: Documents
  readonly jobs: Jobs
  readonly journal: Journal
  /** Runs in this process by request. */
  readonly live: Map<string, LiveRun>
  /** Requests that a worker of this process has in hand; `again`: something new came, with so much time. */
  readonly working: Map<string, { again: boolean; untilMs: number; holdsLease: boolean }>
  /** Records of the outbox that this process is posting. */
  readonly posting: Map<string, Promise<void>>
  /** Requests whose end is being finished; one end at a time for each. */
  readonly ending: Map<string, Promise<unknown>>
  /** Compiled plans by request; compiling again gives the same. */
  readonly compiled: Map<string, Promise<Compiled>>
  /** Requests by their runs, as far as this process has looked them up: a run belongs to one for ever. */
  readonly requestOfRun: Map<string, string>
  /** What peers may send, by name of run and sender. */
  readonly allowance: Allowance
  /** True once the party shuts down: give up waiting and repeating. */
  isClosing(): boolean
  /** Starts work that nobody waits for; its failure is logged, and `idle` waits for it. */
  background(event: string, work: () => Promise<void>): void
}

/** The manifest in force, or why this party can do nothing yet. */
const manifestOrReason = (self: Self): Manifest | string => {
  const manifest = self.manifestOrNull()
  if (manifest === null) return 'this party has no federation manifest yet'
  if (!manifest.hasOwnKeys)
    return 'the manifest lists new keys for this party, which it has not been started with yet'
  if (!isInRegion(manifest.opened.document.parties[self.world.party], self.locations))
    return 'the manifest lists another region for this party, where it has not been started yet'
  return manifest
}

export const canAct = (self: Self): boolean => typeof manifestOrReason(self) !== 'string'

/**
 * Throws Unavailable: a party without a manifest, or whose keys or region were replaced by it, can do nothing yet, and
 * asking again later may help.
 */
export const manifestOf = (self: Self): Manifest => {
  const manifest = manifestOrReason(self)
  if (typeof manifest === 'string') throw new Unavailable(manifest)
  return manifest
}

export const nowS = (self: Self): number => Math.floor(self.world.clock.nowMs() / 1000)
