/** Which failures of an AWS service are an outage: after the SDK's own retries, asking again later may help. */
import { Unavailable } from '../../shared/base/errors.ts'

/** Throttling comes as a client error, under names that differ by service. */
const THROTTLED = /Throttl|ThroughputExceeded|LimitExceeded|TooManyRequests|OverLimit|SlowDown|Timeout/

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode

/**
 * Runs a call of the SDK. What never got an answer, was throttled, or failed on their side is thrown as Unavailable;
 * the rest, such as a missing table or permission, as it is.
 */
export const orUnavailable = async <T>(service: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call()
  } catch (cause) {
    const status = statusOf(cause)
    const name = cause instanceof Error ? cause.name : 'unknown'
    if (status !== undefined && status >= 400 && status < 500 && status !== 429 && !THROTTLED.test(name))
      throw cause
    throw new Unavailable(`${service} does not answer: ${name}`, { cause })
  }
}
