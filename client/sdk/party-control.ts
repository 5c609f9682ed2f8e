/**
 * The operator's way to its own party: status, pause, drain, resume. The party's signing key proves who asks; a token is
 * good for one action at this party, for less than a minute.
 */
import { Refusal, Unavailable } from '../../shared/base/errors.ts'
import { type Signer, signToken } from '../../shared/crypto/jws.ts'
import { type ControlAction, type ControlStatus, controlAudience } from '../../shared/party/control.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { createFront, type Front } from './http.ts'

export interface OperatorOptions {
  readonly party: PartyIndex
  readonly endpoint: string
  /** The party's own key. */
  readonly signer: Signer
  readonly fetch?: typeof fetch
  readonly nowMs?: () => number
}

export interface Operator {
  status(): Promise<ControlStatus>
  /** Where everything stands right after it. */
  act(action: ControlAction): Promise<ControlStatus>
}

const TOKEN_S = 45

export const connectOperator = (options: OperatorOptions): Operator => {
  const { party, endpoint, signer, nowMs = Date.now } = options
  const frontFor = (action: ControlAction | 'status'): Front =>
    createFront({
      endpoint,
      name: `party ${party}`,
      token: () => {
        const iat = Math.floor(nowMs() / 1000)
        const aud = controlAudience(party, action)
        // The operator may ask before there is a manifest, so the token is bound to none.
        return signToken({ sub: signer.kid, aud, iat, exp: iat + TOKEN_S, federation: '' }, signer.secretKey)
      },
      ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    })
  const asked = async (answer: Promise<unknown>): Promise<ControlStatus> => {
    let status: unknown
    try {
      status = await answer
    } catch (error) {
      if (!(error instanceof Refusal) || error.rule !== 'not-a-member') throw error
      throw new Refusal(
        'not-the-operator',
        `party ${party} at ${endpoint} does not know this key as its own`,
        {
          hint: 'Is this the key file that the party runs with, the right endpoint and party, and is the clock of this machine right?',
        },
      )
    }
    if (typeof status !== 'object' || status === null || !('mode' in status))
      throw new Unavailable(`what answers at ${endpoint} is not a party of this release`)
    return status as ControlStatus
  }
  return Object.freeze({
    status: () => asked(frontFor('status').json({ method: 'GET', path: 'v1/control' })),
    act: (action: ControlAction) =>
      asked(frontFor(action).json({ method: 'POST', path: 'v1/control', json: { action } })),
  })
}

/** Open requests, documents that another party does not have yet, and log heads to witness. */
const leftIn = ({ open, unposted, headsToWitness }: ControlStatus): number =>
  open.length + unposted + headsToWitness

/** Asks again until nothing is left to finish; `onProgress` sees every answer. Throws Unavailable when that takes too long. */
export const waitUntilDrained = async (
  operator: Operator,
  options: {
    readonly timeoutMs: number
    readonly everyMs?: number
    readonly onProgress?: (status: ControlStatus) => void
  },
): Promise<ControlStatus> => {
  const { timeoutMs, everyMs = 1000, onProgress = () => {} } = options
  for (const startMs = performance.now(); ; ) {
    const status = await operator.status()
    onProgress(status)
    if (leftIn(status) === 0) return status
    if (status.mode !== 'draining')
      throw new Refusal(
        'party-not-draining',
        `somebody has set party ${status.party} to ${status.mode} meanwhile`,
        {
          hint: 'Drain it again when that is what you want.',
        },
      )
    if (performance.now() - startMs > timeoutMs)
      throw new Unavailable(
        `party ${status.party} still has ${leftIn(status)} things to finish after ${Math.round(timeoutMs / 1000)} s; it goes on draining`,
      )
    await new Promise(resolve => setTimeout(resolve, everyMs))
  }
}
