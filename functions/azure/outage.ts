/** Which failures of an Azure service are an outage: after the SDK's own retries, asking again later may help. */
import { Unavailable } from '../../shared/base/errors.ts'

/** What the SDKs throw when there was no answer at all, or no token to ask with. */
const NO_ANSWER = new Set([
  'RestError',
  'AbortError',
  'CredentialUnavailableError',
  'AggregateAuthenticationError',
])
const REQUEST_TIMEOUT = 408
const TOO_MANY_REQUESTS = 429

/** The HTTP status with which a service declined; undefined: something else went wrong. */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof Error ? (error as { statusCode?: number }).statusCode : undefined

/** The name that a service gives its error: tables in the body, queues in a header that their SDK copies. */
export const codeOf = (error: unknown): string | undefined => {
  const { code, details } = error as {
    readonly code?: string
    readonly details?: { readonly odataError?: { readonly code?: string }; readonly errorCode?: string }
  }
  return details?.odataError?.code ?? details?.errorCode ?? code
}

const isOutage = (error: unknown): boolean => {
  const status = statusOf(error)
  if (status === undefined) return error instanceof Error && NO_ANSWER.has(error.name)
  return status >= 500 || status === REQUEST_TIMEOUT || status === TOO_MANY_REQUESTS || status < 400
}

/**
 * Runs a call of the SDK. What never got an answer, was throttled, or failed on their side is thrown as Unavailable;
 * the rest, such as a missing table or permission, as it is.
 */
export const orUnavailable = async <T>(service: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call()
  } catch (cause) {
    if (!isOutage(cause)) throw cause
    throw new Unavailable(`${service} does not answer: ${codeOf(cause) ?? (cause as Error).name}`, { cause })
  }
}
