/** One party at work: its world, and what it keeps about the federation and the requests. Built once, by `party.ts`. */
import { Unavailable } from '../base/errors.ts'
import type { OpenedDocument, SignedDocument } from '../governance/sign.ts'
import type { CompiledQuery, Cost } from '../sql/plan.ts'
import type { Documents } from './documents.ts'
import type { Jobs } from './jobs.ts'
import type { Journal } from './journal.ts'
import type { Manifest } from './manifest.ts'
import type { World } from './world.ts'

/** What a run in this process tells and hears while it runs. */
export interface LiveRun {
  stage: string | undefined
  round: number
  bytes: number
  updatedMs: number
  /** Ends the run with this reason; nothing is revealed. */
  stop(reason: Error): void
}

export interface Compiled {
  readonly query: CompiledQuery
  readonly cost: Cost
}

export interface Self {
  readonly world: World
  /** null before the first manifest was accepted. */
  manifestOrNull(): Manifest | null
  setManifest(manifest: Manifest): void
  readonly documents: Documents
  readonly jobs: Jobs
  readonly journal: Journal
  /** Runs in this process by request. */
  readonly live: Map<string, LiveRun>
  /** Requests that this process has looked at: what it said about them is on its way. */
  readonly met: Set<string>
  /** Requests whose end is being finished; one end at a time for each. */
  readonly ending: Map<string, Promise<unknown>>
  /** Compiled plans by request; compiling again gives the same. */
  readonly compiled: Map<string, Promise<Compiled>>
  /** True once the party shuts down: give up waiting and repeating. */
  isClosing(): boolean
  /** Starts work that nobody waits for; its failure is logged, and `idle` waits for it. */
  background(event: string, work: () => Promise<void>): void
  /** Checks another party's log up to the head that it signed, and signs too; one head of a party after the other. */
  witness(opened: OpenedDocument<'log-head'>, signed: SignedDocument): void
  /** Looks at a request again: something about it may have changed. */
  advance(request: string): void
}

/** Throws Unavailable: a party without a manifest can do nothing yet, and asking again later may help. */
export const manifestOf = (self: Self): Manifest => {
  const manifest = self.manifestOrNull()
  if (manifest === null) throw new Unavailable('this party has no federation manifest yet')
  return manifest
}

export const nowS = (self: Self): number => Math.floor(self.world.clock.nowMs() / 1000)
