/**
 * Rounds that merge by themselves.
 *
 * `exchange` queues; the first one of a round asks to be called back when the microtasks have drained, that is, when
 * every branch of the computation waits. Then everything queued is traded at once. So `Promise.all` of independent
 * protocols costs the rounds of the longest one, and nobody schedules anything.
 *
 * Fail closed: the first error, wherever it happens, rejects everything that waits and everything that comes after.
 */
import type { Exchange, Received } from './session.ts'

export interface Queued {
  readonly address: string
  readonly message: Exchange
}

export interface Rounds {
  exchange(address: string, message: Exchange): Promise<Received>
  /** Throws the error that stopped the session, if any. */
  assertLive(): void
  /** Runs a step of the session; whatever it throws stops the session. */
  guard<T>(body: () => T): T
  /** Rejects everything that waits with `reason`, and everything that will be asked. The first reason stays. */
  stop(reason: Error): void
  /** True when nothing is queued or under way. */
  isIdle(): boolean
}

interface Waiting extends Queued {
  readonly resolve: (received: Received) => void
  readonly reject: (reason: Error) => void
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))

export const createRounds = (
  afterMicrotasks: (run: () => void) => void,
  trade: (queued: readonly Queued[]) => Promise<readonly Received[]>,
): Rounds => {
  let waiting: Waiting[] = []
  let underWay: readonly Waiting[] = []
  let stopped: Error | undefined

  const stop = (reason: Error): void => {
    if (stopped) return
    stopped = reason
    const rejected = [...underWay, ...waiting]
    underWay = []
    waiting = []
    for (const { reject } of rejected) reject(reason)
  }

  const assertLive = (): void => {
    if (stopped) throw stopped
  }

  const guard = <T>(body: () => T): T => {
    assertLive()
    try {
      return body()
    } catch (thrown) {
      const reason = asError(thrown)
      stop(reason)
      throw reason
    }
  }

  const flush = async (): Promise<void> => {
    if (stopped) return
    underWay = waiting
    waiting = []
    try {
      const results = await trade(underWay)
      if (stopped) return
      const finished = underWay
      underWay = []
      finished.forEach((one, i) => {
        one.resolve(results[i] as Received)
      })
    } catch (thrown) {
      stop(asError(thrown))
    }
  }

  const exchange = (address: string, message: Exchange): Promise<Received> => {
    const promise = new Promise<Received>((resolve, reject) => {
      guard(() => {
        // Otherwise the parties would not agree on what belongs to which round.
        if (underWay.length > 0)
          throw new Error(`${address}: exchange during a round; a protocol awaits nothing but exchanges`)
        if (waiting.length === 0) afterMicrotasks(() => void flush())
        waiting.push({ address, message, resolve, reject })
      })
    })
    // A branch that has not come to its await yet must not bring the process down when the session stops.
    promise.catch(() => {})
    return promise
  }

  return { exchange, assertLive, guard, stop, isIdle: () => waiting.length === 0 && underWay.length === 0 }
}
