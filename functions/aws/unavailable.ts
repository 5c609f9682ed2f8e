/** Outages of AWS services: what is worth another try after the SDK has tried itself, as the error that the ports promise. */
import { Unavailable } from '../../shared/base/errors.ts'

/** Throttled, busy, broken, unreachable or not answering; everything else is a bug or a configuration. */
const isOutage = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const { name, code, $metadata, $retryable } = error as Error & {
    readonly code?: unknown
    readonly $metadata?: { readonly httpStatusCode?: number }
    readonly $retryable?: unknown
  }
  const status = $metadata?.httpStatusCode ?? 0
  return (
    $retryable !== undefined ||
    status >= 500 ||
    status === 429 ||
    /Throttl|LimitExceeded|ThroughputExceeded|TimeoutError|InternalServer|ServiceUnavailable/.test(name) ||
    /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|UND_ERR)/.test(String(code))
  )
}

/** What `ask` answers. Throws Unavailable for an outage. */
export const asked = async <T>(ask: () => Promise<T>): Promise<T> => {
  try {
    return await ask()
  } catch (error) {
    if (isOutage(error)) throw new Unavailable('an AWS service does not answer', { cause: error })
    throw error
  }
}
