/** Where a request stands at one party, as members see it. All of it is public within the federation. */
import type { PartyIndex } from '../sharing/shared.ts'
import type { StepSpent } from '../sql/meter.ts'

export type RequestState =
  | 'requested'
  | 'offered'
  | 'ready'
  | 'running'
  | 'done'
  | 'aborted'
  | 'refused'
  | 'expired'

/** Why a request ended without a result: names the rule or check, never data. */
export interface EndReason {
  readonly rule?: string
  readonly check?: string
  readonly detail: string
  readonly where?: string
  readonly hint?: string
  /** The party that stopped it, or the member that refused. */
  readonly by?: string
}

export interface RequestStatus {
  /** Digest of the request. */
  readonly request: string
  readonly party: PartyIndex
  readonly state: RequestState
  /** Its operator has paused the party, so nothing happens there for now. */
  readonly isPaused?: true
  readonly attempt: number
  readonly run?: string
  /** The step of the plan that a running request is at. */
  readonly stage?: string
  readonly round: number
  readonly roundsTotal: number
  /** Bytes that this party has sent, and will have sent at the end. */
  readonly bytes: number
  readonly bytesTotal: number
  readonly startedAt?: string
  readonly updatedAt: string
  readonly reason?: EndReason
  /** After a run: what each step of the plan took at this party. Rounds and bytes are the plan's; time is its own. */
  readonly steps?: readonly StepSpent[]
}

const ENDED: readonly RequestState[] = ['done', 'aborted', 'refused', 'expired']
export const hasEnded = (state: RequestState): boolean => ENDED.includes(state)
