/**
 * The HTTP front of a party: the only way in and out. Writes are signed documents, pieces whose digest an owner signed,
 * or signed frames; reads need a short-lived token of a member or party. Sizes are checked before bodies are read, and
 * strangers learn nothing but a status code.
 */
import { type Context, Hono } from 'hono'
import { InputError, Refusal } from '../../shared/base/errors.ts'
import { verifyToken } from '../../shared/crypto/jws.ts'
import { type DocumentKind, isDocumentKind } from '../../shared/governance/document/document.ts'
import type { Identity } from '../../shared/governance/roles.ts'
import { DOCUMENT_BYTES_MAX } from '../../shared/governance/sign.ts'
import { CHUNK_BYTES_MAX } from '../../shared/party/chunks.ts'
import { isControlAction, requireOperator } from '../../shared/party/control.ts'
import type { Party } from '../../shared/party/party.ts'
import { FRAME_BYTES_MAX } from '../../shared/wire/frame.ts'
import { isForKnown, problemOf, statusOf } from './problem.ts'
import { createRateLimit, type Limits } from './rate-limit.ts'
import { readAtMost } from './read-at-most.ts'

/** A signed document is base64url inside JSON: a third more than its content, and some signatures. */
const DOCUMENT_BODY_MAX = 2 * DOCUMENT_BYTES_MAX
const LOG_PAGE = 500
const CONTROL_BODY_MAX = 1024
const DIGEST = /^[A-Za-z0-9_-]{43}$/

/** Who a read token must be for. */
const audienceOf = (party: number): string => `party-${party}`

/** The body, or Refusal before more than `max` bytes were read. */
const readBody = async (context: Context, contentType: string, max: number): Promise<Uint8Array> => {
  const given = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (given !== contentType)
    throw new Refusal('document-content-type', `expected a body of type ${contentType}`)
  const tooLarge = (): Refusal => new Refusal('document-too-large', `a body here has at most ${max} bytes`)
  const announced = context.req.header('content-length')
  if (announced !== undefined && Number(announced) > max) throw tooLarge()
  const body = await readAtMost(context.req.raw.body, max)
  if (body === undefined) throw tooLarge()
  return body
}

const bearerOf = (context: Context): string | undefined =>
  /^Bearer ([\w.-]{1,2000})$/.exec(context.req.header('authorization') ?? '')?.[1]

/** Who asks, by a token that is good here and now. Throws Refusal. */
const requireReader = async (party: Party, context: Context): Promise<Identity> => {
  const manifest = await party.manifest()
  const token = bearerOf(context)
  if (manifest === null || token === undefined) throw new Refusal('token-missing', 'reads need a token')
  const claims = verifyToken(token, manifest.keyOf, {
    audience: audienceOf(party.world.party),
    nowS: Math.floor(party.world.clock.nowMs() / 1000),
    skewS: party.world.deadlines.skewMs / 1000,
  })
  if (manifest.earlierDigests.has(claims.federation))
    throw new Refusal(
      'federation-superseded',
      `version ${manifest.opened.document.version} of the manifest is in force, ${manifest.digest}`,
      {
        hint: 'get that manifest from another member or an operator, then `trias federation show FILE --use`',
      },
    )
  if (claims.federation !== manifest.digest)
    throw new Refusal('token-other-federation', 'the token is for another federation manifest')
  return manifest.identities.get(claims.sub) as Identity
}

const isKnownReader = async (party: Party, context: Context): Promise<boolean> => {
  try {
    await requireReader(party, context)
    return true
  } catch {
    return false
  }
}

const parameter = (context: Context, name: string): string => {
  const value = context.req.param(name) ?? ''
  if (!DIGEST.test(value)) throw new Refusal('not-found', `${name} is not a digest`)
  return value
}

const numberOf = (text: string | undefined, fallback: number): number => {
  const value = text === undefined ? fallback : Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new InputError(`expected a number, got ${typeof text}`)
  return value
}

const parseJson = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (cause) {
    throw new Refusal('document-malformed', 'the body is not JSON', { cause })
  }
}

/** Under a flood one line says as much as thousands. */
const LIMITED_LINE_MS = 10_000

export const createApp = (party: Party, limits?: Partial<Limits>): Hono => {
  const app = new Hono()
  const { log, telemetry, clock } = party.world
  const rate = createRateLimit(party, limits)
  let limited = { count: 0, sinceMs: Number.NEGATIVE_INFINITY }

  /** Without a look at who asks: that is what the limit spares. */
  const answerLimited = (context: Context): Response => {
    limited.count += 1
    if (clock.nowMs() - limited.sinceMs > LIMITED_LINE_MS) {
      log.write('warn', 'rate-limited', { path: context.req.routePath, count: limited.count })
      limited = { count: 0, sinceMs: clock.nowMs() }
    }
    return new Response(null, { status: 429, headers: { 'retry-after': '1' } })
  }

  /** Errors of a write, whose signer is known once its own signature was verified, or by a token beside it. */
  const answer = async (context: Context, error: unknown): Promise<Response> => {
    const status = statusOf(error)
    const rule = error instanceof Refusal ? error.rule : undefined
    if (status < 500) telemetry.count('trias.refusals', 1, { rule: rule ?? 'input' })
    if (rule === 'rate-limited') return answerLimited(context)
    if (status >= 500 && status !== 503)
      log.write('error', 'request-failed', { path: context.req.routePath, error: String(error) })
    else log.write('warn', 'refused', { path: context.req.routePath, status, rule })
    const isRead = context.req.method === 'GET'
    const isKnown = isRead
      ? rule === 'federation-superseded' || (await isKnownReader(party, context))
      : isForKnown(error) || (await isKnownReader(party, context))
    const later: Record<string, string> = status === 429 ? { 'retry-after': '5' } : {}
    if (!isKnown) return new Response(null, { status, headers: later })
    return new Response(JSON.stringify(problemOf(error)), {
      status,
      headers: { 'content-type': 'application/problem+json', ...later },
    })
  }
  app.onError((error, context) => answer(context, error))
  app.notFound(() => new Response(null, { status: 404 }))
  app.use('*', async (context, next) => {
    await next()
    context.header('cache-control', 'no-store')
    // By this a client whose token is out of time learns that one of the two clocks is wrong.
    context.header('date', new Date(party.world.clock.nowMs()).toUTCString())
    context.header('x-content-type-options', 'nosniff')
  })

  app.use('*', rate.gate)

  app.get('/v1/health', () => new Response(null, { status: 204 }))

  app.post('/v1/documents', async context => {
    const body = await readBody(context, 'application/json', DOCUMENT_BODY_MAX)
    const signed = parseJson(body)
    await rate.document(context, signed)
    return context.json({ ...(await party.postDocument(signed)) }, 202)
  })

  app.put('/v1/chunks/:version/:piece', async context => {
    const version = parameter(context, 'version')
    const piece = numberOf(context.req.param('piece'), 0)
    const body = await readBody(context, 'application/octet-stream', CHUNK_BYTES_MAX)
    try {
      await party.putChunk(version, piece, body)
    } catch (error) {
      // The bytes themselves prove nothing about who sends them; only a token does.
      if (await isKnownReader(party, context)) throw error
      return new Response(null, { status: statusOf(error) })
    }
    return new Response(null, { status: 204 })
  })

  app.post('/v1/frames', async context => {
    const frame = await readBody(context, 'application/octet-stream', FRAME_BYTES_MAX)
    await rate.frame(frame)
    await party.postFrame(frame)
    return new Response(null, { status: 202 })
  })

  app.get('/v1/documents', async context => {
    await requireReader(party, context)
    const { kind, request } = context.req.query()
    if (!isDocumentKind(kind))
      throw new InputError('kind is missing or unknown', {
        where: 'kind',
        hint: 'ask for one kind of documents',
      })
    if (request !== undefined && !DIGEST.test(request))
      throw new InputError('not a digest', { where: 'request' })
    return context.json({ documents: await party.documents(kind as DocumentKind, request) })
  })

  app.get('/v1/requests/:digest', async context => {
    await requireReader(party, context)
    const status = await party.status(parameter(context, 'digest'))
    if (status === null) throw new Refusal('request-unknown', 'no such request here')
    return context.json(status)
  })

  app.get('/v1/requests/:digest/result', async context => {
    const reader = await requireReader(party, context)
    const result = await party.result(parameter(context, 'digest'))
    if (result === null) throw new Refusal('result-unknown', 'there is no result of this request here')
    if (reader.as !== 'member' || reader.name !== result.recipient)
      throw new Refusal('recipient-only', 'the result is for its recipient alone')
    return new Response(result.sealed as Uint8Array<ArrayBuffer>, {
      headers: { 'content-type': 'application/octet-stream' },
    })
  })

  app.get('/v1/control', async context => {
    requireOperator(party.world, bearerOf(context), 'status')
    return context.json(await party.controlStatus())
  })

  app.post('/v1/control', async context => {
    const token = bearerOf(context)
    // Anybody without a token is refused before a byte of the body is read.
    if (token === undefined)
      throw new Refusal('token-missing', 'only the operator of the party comes in here')
    const body = parseJson(await readBody(context, 'application/json', CONTROL_BODY_MAX))
    const action = (body as { action?: unknown } | null)?.action
    if (!isControlAction(action)) throw new Refusal('document-malformed', 'no such action')
    requireOperator(party.world, token, action)
    await party.control(action)
    return context.json(await party.controlStatus())
  })

  app.get('/v1/log', async context => {
    await requireReader(party, context)
    const { after, limit } = context.req.query()
    return context.json(await party.log(numberOf(after, 0), Math.min(LOG_PAGE, numberOf(limit, LOG_PAGE))))
  })

  return app
}
