/** Peer over HTTP: posts to another party's front, again and again with growing pauses while it does not answer. */
import { Refusal, Unavailable } from '../../shared/base/errors.ts'
import type { Clock } from '../../shared/port/clock.ts'
import type { Peer, PeerPath } from '../../shared/port/peer.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { readAtMost } from './read-at-most.ts'

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2000
const ATTEMPT_MS = 10_000
/** A problem document is short; what a peer answers beyond that is not read. */
const PROBLEM_BYTES_MAX = 16 * 1024
/** A page of documents or log entries: what a front takes in one body, and some. */
const ANSWER_BYTES_MAX = 8 * 1024 * 1024

/** A peer that redirects could make us post to whatever it names, so a redirect is an answer like any refusal. */
const NO_REDIRECT = { redirect: 'manual' } as const

/** Statuses after which the same bytes may be taken later: busy, not ready, an error of the other side. */
const mayPassLater = (status: number): boolean => status === 408 || status === 429 || status >= 500

const contentTypes: Record<PeerPath, string> = {
  '/v1/documents': 'application/json',
  '/v1/frames': 'application/octet-stream',
}

/** The host's `fetch`, or whatever stands for it. */
export type Send = (url: string, init: RequestInit) => Response | Promise<Response>

export const httpPeer = (
  endpoints: readonly [string, string, string],
  clock: Clock,
  send: Send,
  onRetry: (path: PeerPath) => void = () => {},
): Peer => {
  const urls = endpoints.map(endpoint => endpoint.replace(/\/+$/, ''))

  /** undefined when it was taken, else why not. Throws Refusal when asking again is useless. */
  const attempt = async (
    to: PartyIndex,
    path: PeerPath,
    body: Uint8Array,
    timeoutMs: number,
  ): Promise<unknown> => {
    try {
      const response = await send(`${urls[to]}${path}`, {
        ...NO_REDIRECT,
        method: 'POST',
        headers: { 'content-type': contentTypes[path] },
        body: body as Uint8Array<ArrayBuffer>,
        signal: AbortSignal.timeout(timeoutMs),
      })
      const problem = await readAtMost(response.body, PROBLEM_BYTES_MAX)
      if (response.ok) return undefined
      if (mayPassLater(response.status)) return new Error(`status ${response.status}`)
      throw new Refusal(
        'peer-refused',
        `status ${response.status} ${ruleIn(problem) || ruleOfStatus(response.status)}`.trim(),
      )
    } catch (error) {
      if (error instanceof Refusal) throw error
      return error
    }
  }

  const post: Peer['post'] = async (to, path, body, { deadlineMs, cancelled = () => false }) => {
    const endMs = clock.nowMs() + deadlineMs
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const leftMs = Math.max(1, endMs - clock.nowMs())
      const cause = await attempt(to, path, body, Math.min(ATTEMPT_MS, leftMs))
      if (cause === undefined) return
      if (cancelled() || clock.nowMs() + pauseMs >= endMs)
        throw new Unavailable(`party ${to} does not answer`, { cause })
      await clock.sleep(pauseMs)
      onRetry(path)
    }
  }

  const read: Peer['read'] = async (to, path, { bearer, deadlineMs }) => {
    const { status, ok, body } = await ask(to, path, bearer, deadlineMs)
    if (ok && body !== undefined) return body
    if (ok) throw new Refusal('peer-answer-large', `party ${to} answers without end`)
    if (mayPassLater(status)) throw new Unavailable(`party ${to} answers with status ${status}`)
    throw new Refusal('peer-refused', `status ${status} ${ruleIn(body)}`.trim())
  }

  /** The whole answer: an outage may come in the middle of its body as well as before it. */
  const ask = async (to: PartyIndex, path: string, bearer: string, deadlineMs: number) => {
    try {
      const response = await send(`${urls[to]}${path}`, {
        ...NO_REDIRECT,
        headers: { authorization: `Bearer ${bearer}` },
        signal: AbortSignal.timeout(deadlineMs),
      })
      const { status, ok } = response
      return { status, ok, body: await readAtMost(response.body, ok ? ANSWER_BYTES_MAX : PROBLEM_BYTES_MAX) }
    } catch (cause) {
      throw new Unavailable(`party ${to} does not answer`, { cause })
    }
  }

  return Object.freeze({ post, read })
}

/** Says nothing but its status, see `problem.ts`. */
const ruleOfStatus = (status: number): string => (status === 426 ? 'frame-version' : '')

/** The rule named in a problem document; nothing else of what a peer writes gets into our messages. */
const ruleIn = (problem: Uint8Array | undefined): string =>
  /"rule":"([a-z0-9-]{1,60})"/.exec(new TextDecoder().decode(problem))?.[1] ?? ''
