/**
 * How much may be asked of a front in a minute, as token buckets that hold a minute's worth. Counted before a signature is
 * verified, because that is what costs: each request counts for the signer that it claims to be from, when the manifest
 * lists that signer, and else for all strangers together. A claim may be false; who makes false ones has to know a
 * member's key id or the manifest's digest, and spends a known bucket, so the work that it causes stays bounded.
 * Kept in the memory of one process: several processes of one party allow as many times more.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { fromBase64url, fromUtf8 } from '../../shared/base/bytes.ts'
import { Refusal } from '../../shared/base/errors.ts'
import { type Allowance, createAllowance } from '../../shared/party/allowance.ts'
import type { Manifest } from '../../shared/party/manifest.ts'
import type { Party } from '../../shared/party/party.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { senderClaimedBy } from '../../shared/wire/frame.ts'

/** All are per minute; one signer's are of each signer. */
export interface Limits {
  /** Everything that names no known signer, together. */
  readonly strangers: number
  /** Reads of one signer. */
  readonly reads: number
  /** Documents and pieces of one signer: a million rows of eight columns are about a thousand pieces. */
  readonly writes: number
  /** Frames of one peer; their bytes are bounded by what the plan of a run says. */
  readonly frames: number
}

export const DEFAULT_LIMITS: Limits = Object.freeze({
  strangers: 600,
  reads: 12_000,
  writes: 12_000,
  frames: 120_000,
})

export interface RateLimit {
  /** Counts everything whose signer is claimed by a token, or by nobody. */
  readonly gate: MiddlewareHandler
  /** Counts a document by the key that claims to have signed it, unless a token was counted. */
  document(context: Context, signed: unknown): Promise<void>
  /** Counts a frame by the peer that it claims to be from. */
  frame(bytes: Uint8Array): Promise<void>
}

/** The claim is in the body, which is bounded. */
const CLAIMED_BY_BODY = new Set(['POST /v1/documents', 'POST /v1/frames'])
const COUNTED = 'trias-counted'

/** Key id that a protected header names; undefined for anything else. */
const kidIn = (header: unknown): string | undefined => {
  if (typeof header !== 'string' || header.length > 500) return undefined
  try {
    const { kid } = JSON.parse(fromUtf8(fromBase64url(header))) as { kid?: unknown }
    return typeof kid === 'string' ? kid : undefined
  } catch {
    return undefined
  }
}

const kidOfToken = (context: Context): string | undefined =>
  kidIn(/^Bearer ([\w-]+)\./.exec(context.req.header('authorization') ?? '')?.[1])

const kidOfDocument = (signed: unknown): string | undefined => {
  const { signatures } = (signed ?? {}) as { signatures?: unknown }
  const [first] = Array.isArray(signatures) ? (signatures as unknown[]) : []
  return kidIn((first as { protected?: unknown } | null | undefined)?.protected)
}

const spend = (allowance: Allowance, name: string, capacity: number): void => {
  if (allowance.spend(name, 1, capacity)) return
  throw new Refusal('rate-limited', 'too much at once', { hint: 'send the same again a little later' })
}

export const createRateLimit = (party: Party, limits: Partial<Limits> = {}): RateLimit => {
  const { strangers, reads, writes, frames } = { ...DEFAULT_LIMITS, ...limits }
  const allowance = createAllowance(party.world.clock)
  const isKnown = async (kid: string | undefined): Promise<boolean> =>
    kid !== undefined && (await party.manifest())?.identities.has(kid) === true
  /** Frames are many, so a later manifest is looked for only when a frame does not name this one. */
  let manifest: Manifest | null = null
  const senderOf = (bytes: Uint8Array): PartyIndex | undefined =>
    manifest === null ? undefined : senderClaimedBy(bytes, manifest.digestBytes)
  const stranger = (): void => spend(allowance, 'strangers', strangers)
  return {
    gate: async (context, next) => {
      const { method, path } = context.req
      if (path !== '/v1/health') {
        const kid = kidOfToken(context)
        if (await isKnown(kid)) {
          if (method === 'GET') spend(allowance, `reads/${kid}`, reads)
          else spend(allowance, `writes/${kid}`, writes)
          context.set(COUNTED, true)
        } else if (!CLAIMED_BY_BODY.has(`${method} ${path}`)) stranger()
      }
      await next()
    },
    document: async (context, signed) => {
      if (context.get(COUNTED) === true) return
      const kid = kidOfDocument(signed)
      if (await isKnown(kid)) spend(allowance, `writes/${kid}`, writes)
      else stranger()
    },
    frame: async bytes => {
      let from = senderOf(bytes)
      if (from === undefined) {
        manifest = await party.manifest()
        from = senderOf(bytes)
      }
      if (from === undefined) stranger()
      else spend(allowance, `frames/${from}`, frames)
    },
  }
}
