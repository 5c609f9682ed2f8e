/**
 * One party's HTTP front: a short-lived token for reads, a deadline on every call, retries with back-off while the party
 * is unavailable, and problem documents (RFC 9457) turned back into the errors that the party threw.
 */
import type { Json } from '../../shared/base/canonical.ts'
import { Abort, InputError, Refusal, Unavailable } from '../../shared/base/errors.ts'

export interface FrontOptions {
  readonly endpoint: string
  /** What errors call the party, such as `party 1 (EU Azure)`. */
  readonly name: string
  /** A fresh token for one read. */
  readonly token: () => string
  readonly fetch?: typeof fetch
  /** Longest time one try may take. */
  readonly timeoutMs?: number
  /** Tries in all before `Unavailable` is thrown. */
  readonly tries?: number
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly json?: Json
  readonly bytes?: Uint8Array
}

export interface Front {
  readonly name: string
  /** The parsed JSON answer, or undefined when the answer has no body or the thing asked for does not exist (404). */
  json(call: Call): Promise<unknown>
  /** The bytes of an octet-stream answer, or undefined on 404. */
  bytes(call: Call): Promise<Uint8Array | undefined>
}

interface Problem {
  readonly title?: string
  readonly detail?: string
  readonly hint?: string
  readonly rule?: string
  readonly check?: string
  readonly where?: string
}

const problemOf = async (response: Response): Promise<Problem> => {
  try {
    const body: unknown = await response.json()
    return typeof body === 'object' && body !== null ? (body as Problem) : {}
  } catch {
    return {}
  }
}

/** The error that the party threw, as well as its problem document tells. */
const errorOf = (name: string, response: Response, problem: Problem): Error => {
  const { status } = response
  const message = `${name}: ${problem.detail ?? problem.title ?? `answered with status ${status}`}`
  const hint = problem.hint === undefined ? {} : { hint: problem.hint }
  const where = problem.where === undefined ? {} : { where: problem.where }
  if (status === 429) return new Throttled(message, retryAfterMs(response))
  if (problem.check !== undefined) return new Abort(problem.check, message, where)
  if (problem.rule !== undefined) return new Refusal(problem.rule, message, hint)
  if (status === 401 || status === 403)
    return new Refusal('not-a-member', message, {
      hint:
        skewHint(response) ??
        'The party does not know this key. Was the manifest sent to it (`trias federation sign --send`), does it list this member, and is this the right key file?',
    })
  if (status >= 500 || status === 408) return new Unavailable(message)
  return new InputError(message, { ...hint, ...where })
}

/** The party is there and asks to come again later, as it does when too much comes at once. */
class Throttled extends Unavailable {
  readonly afterMs: number
  constructor(message: string, afterMs: number) {
    super(message)
    this.afterMs = afterMs
  }
}

/** A party asks for a second or a few; nobody waits longer because an answer says so. */
const RETRY_AFTER_MAX_MS = 10_000
/** How long an upload that is throttled goes on in all. */
const THROTTLED_MS = 120_000

const retryAfterMs = (response: Response): number => {
  const seconds = Number(response.headers.get('retry-after') ?? 1)
  return Number.isFinite(seconds) ? Math.min(RETRY_AFTER_MAX_MS, Math.max(0, seconds * 1000)) : 1000
}

/** A token is good for a minute: clocks that differ by more look like a wrong key. */
const SKEW_HINT_MS = 30_000

const skewHint = (response: Response): string | undefined => {
  const theirsMs = Date.parse(response.headers.get('date') ?? '')
  const aheadS = Math.round((Date.now() - theirsMs) / 1000)
  if (Number.isNaN(aheadS) || Math.abs(aheadS) * 1000 < SKEW_HINT_MS) return undefined
  const which = aheadS > 0 ? 'ahead of' : 'behind'
  return `The clock of this machine is ${Math.abs(aheadS)} s ${which} the clock of the party: set the one that is wrong.`
}

const pause = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms))

export const createFront = (options: FrontOptions): Front => {
  const { endpoint, name, token, timeoutMs = 20_000, tries = 4 } = options
  const send = options.fetch ?? fetch

  const once = async (call: Call): Promise<Response> => {
    const url = new URL(call.path, endpoint.endsWith('/') ? endpoint : `${endpoint}/`)
    for (const [key, value] of Object.entries(call.query ?? {}))
      if (value !== undefined) url.searchParams.set(key, value)
    const headers: Record<string, string> = { authorization: `Bearer ${token()}` }
    let body: BodyInit | undefined
    if (call.json !== undefined) {
      headers['content-type'] = 'application/json'
      body = JSON.stringify(call.json)
    } else if (call.bytes !== undefined) {
      headers['content-type'] = 'application/octet-stream'
      body = call.bytes as Uint8Array<ArrayBuffer>
    }
    let response: Response
    try {
      const init = { method: call.method, headers, signal: AbortSignal.timeout(timeoutMs) }
      response = await send(url, body === undefined ? init : { ...init, body })
    } catch (cause) {
      throw new Unavailable(`${name} does not answer at ${endpoint}`, { cause })
    }
    if (response.ok || response.status === 404) return response
    throw errorOf(name, response, await problemOf(response))
  }

  /** Every call of this API may be repeated: documents and pieces are stored by digest. */
  const patient = async (call: Call): Promise<Response> => {
    let throttledMs = 0
    for (let attempt = 1; ; ) {
      try {
        return await once(call)
      } catch (error) {
        if (error instanceof Throttled && throttledMs + error.afterMs <= THROTTLED_MS) {
          throttledMs += error.afterMs
          await pause(error.afterMs)
        } else {
          if (!(error instanceof Unavailable) || attempt >= tries) throw error
          await pause(100 * 2 ** attempt)
          attempt++
        }
      }
    }
  }

  return Object.freeze({
    name,
    async json(call: Call) {
      const response = await patient(call)
      if (response.status === 404) {
        // A write to an address that does not exist is a mistake; a read of nothing is an answer.
        if (call.method !== 'GET') throw errorOf(name, response, await problemOf(response))
        await response.body?.cancel()
        return undefined
      }
      const text = await response.text()
      if (text === '') return undefined
      try {
        return JSON.parse(text) as unknown
      } catch (cause) {
        throw new Unavailable(`${name} sent something that is not JSON`, { cause })
      }
    },
    async bytes(call: Call) {
      const response = await patient(call)
      if (response.status === 404) {
        await response.body?.cancel()
        return undefined
      }
      return new Uint8Array(await response.arrayBuffer())
    },
  })
}
