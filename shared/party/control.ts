/**
 * What the operator of a party, and nobody else, sees and says: where everything stands, and the party's mode. The operator
 * proves itself with the party's own signing key, by a token that is good for one action at one party for a minute.
 * All of it is public within the federation, but of use to the operator alone.
 */
import type { LogState } from '../audit/log.ts'
import { Refusal } from '../base/errors.ts'
import { verifyToken } from '../crypto/jws.ts'
import type { PartyIndex } from '../sharing/shared.ts'
import { FRAME_VERSION } from '../wire/frame.ts'
import { PROTOCOL_VERSION } from './advance.ts'
import { leasedUntilMs } from './lease.ts'
import { type Mode, readMode, writeMode } from './mode.ts'
import { unpostedCount } from './outbox.ts'
import { readStatus } from './read-status.ts'
import type { Self } from './self.ts'
import { hasEnded, type RequestState } from './status.ts'
import { headsToWitness } from './witness.ts'
import type { World } from './world.ts'

const MODE_AFTER = { pause: 'paused', drain: 'draining', resume: 'running' } as const satisfies Record<
  string,
  Mode
>

export type ControlAction = keyof typeof MODE_AFTER

export const isControlAction = (action: unknown): action is ControlAction =>
  typeof action === 'string' && Object.hasOwn(MODE_AFTER, action)

export interface OpenRequest {
  readonly request: string
  readonly state: RequestState
  readonly stage?: string
  readonly round: number
  readonly roundsTotal: number
  readonly updatedAt: string
  /** When its worker was heard of last. null: no worker has it in hand. */
  readonly workerSeenAt: string | null
}

export interface ControlStatus {
  readonly party: PartyIndex
  readonly release: string
  /** What three parties must have in common, see `offer`. */
  readonly speaks: { readonly protocol: readonly number[]; readonly frames: readonly number[] }
  readonly mode: Mode
  /** null: it was never changed. */
  readonly modeSince: string | null
  /** null: no manifest was accepted yet. */
  readonly manifest: { readonly name: string; readonly version: number; readonly digest: string } | null
  /** Requests that have not ended, or whose end is not finished. */
  readonly open: readonly OpenRequest[]
  /** Documents that another party does not have yet; one that lacks at both counts twice. */
  readonly unposted: number
  readonly headsToWitness: number
  readonly log: LogState
}

/** What a token of the operator must be for; it differs from read tokens, so that neither passes for the other. */
export const controlAudience = (party: PartyIndex, action: ControlAction | 'status'): string =>
  `party-${party}/${action}`

/** Throws Refusal unless this party's own key signed the token, for this action. */
export const requireOperator = (
  { party, keyring, clock, deadlines }: World,
  token: string | undefined,
  action: ControlAction | 'status',
): void => {
  if (token === undefined) throw new Refusal('token-missing', 'only the operator of the party comes in here')
  verifyToken(token, kid => (kid === keyring.signer.kid ? keyring.signingKey : undefined), {
    audience: controlAudience(party, action),
    nowS: Math.floor(clock.nowMs() / 1000),
    skewS: deadlines.skewMs / 1000,
  })
}

const isoOf = (ms: number): string => new Date(ms).toISOString()

const openRequest = async (self: Self, request: string): Promise<OpenRequest[]> => {
  const { volatile, clock, deadlines } = self.world
  const status = await readStatus(self, request)
  if (status === null) return []
  const untilMs = await leasedUntilMs(volatile, request)
  const isFree = untilMs === undefined || untilMs <= clock.nowMs() || hasEnded(status.state)
  const { state, stage, round, roundsTotal, updatedAt } = status
  return [
    {
      request,
      state,
      ...(stage === undefined ? {} : { stage }),
      round,
      roundsTotal,
      updatedAt,
      workerSeenAt: isFree ? null : isoOf(untilMs - deadlines.leaseMs),
    },
  ]
}

export const controlStatus = async (self: Self): Promise<ControlStatus> => {
  const { world, jobs, journal } = self
  const { mode, sinceMs } = await readMode(world.durable)
  const manifest = self.manifestOrNull()
  return {
    party: world.party,
    release: world.release,
    speaks: { protocol: [PROTOCOL_VERSION], frames: [FRAME_VERSION] },
    mode,
    modeSince: sinceMs === undefined ? null : isoOf(sinceMs),
    manifest:
      manifest === null
        ? null
        : {
            name: manifest.opened.document.name,
            version: manifest.opened.document.version,
            digest: manifest.digest,
          },
    open: (await Promise.all((await jobs.open()).map(request => openRequest(self, request)))).flat(),
    unposted: await unpostedCount(self),
    headsToWitness: await headsToWitness(self),
    log: await journal.state(),
  }
}

export const control = (self: Self, action: ControlAction): Promise<void> =>
  writeMode(self, MODE_AFTER[action])
