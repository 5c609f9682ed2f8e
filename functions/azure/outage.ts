/** Which failures of an Azure service are an outage: after the SDK's own retries, asking again later may help. */
import { Unavailable } from '../../shared/base/errors.ts'

/** The HTTP status that an error of any Azure SDK carries; undefined: there was no answer. */
export const statusOf = (error: unknown): number | undefined => {
  const status = (error as { statusCode?: unknown } | null)?.statusCode
  return typeof status === 'number' ? status : undefined
}

/**
 * Runs a call of the SDK. What never got an answer, was throttled, or failed on their side is thrown as Unavailable;
 * the rest, such as a conflict or a missing permission, as it is.
 */
export const orUnavailable = async <T>(service: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call()
  } catch (cause) {
    const status = statusOf(cause)
    if (status !== undefined && status < 500 && status !== 429 && status !== 408) throw cause
    const name = cause instanceof Error ? cause.name : 'unknown'
    throw new Unavailable(`${service} does not answer: ${status ?? name}`, { cause })
  }
}
