import { createHash, randomBytes } from 'node:crypto'
import type { LambdaFunctionURLEvent } from 'aws-lambda'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { requestOf, resultOf } from '../../../functions/aws/function-url.ts'

const event = (changes: object = {}): LambdaFunctionURLEvent =>
  ({
    version: '2.0',
    rawPath: '/v1/frames',
    rawQueryString: '',
    headers: { host: 'party.example', 'content-type': 'application/octet-stream' },
    requestContext: { domainName: 'party.example', http: { method: 'POST', path: '/v1/frames' } },
    isBase64Encoded: false,
    ...changes,
  }) as unknown as LambdaFunctionURLEvent

const app = new Hono()
  .post('/v1/frames', async context => context.body(await context.req.arrayBuffer()))
  .get('/v1/log', context =>
    context.json({ url: context.req.url, token: context.req.header('authorization') }, 201, { 'x-a': 'b' }),
  )
  .get('/v1/health', () => new Response(null, { status: 204 }))

test('function url: bytes go in and out unchanged', async () => {
  for (const size of [0, 1, 1 << 20, 4 << 20]) {
    const body = randomBytes(size)
    const sent = event({ body: body.toString('base64'), isBase64Encoded: true })
    const result = await resultOf(await app.fetch(requestOf(sent)))
    const digests = [body, Buffer.from((result as { body: string }).body, 'base64')].map(bytes =>
      createHash('sha256').update(bytes).digest('hex'),
    )
    expect(digests[1]).toBe(digests[0])
  }
})

test('function url: text, headers, query and status arrive', async () => {
  const get = { method: 'GET', path: '/v1/log' }
  const result = await resultOf(
    await app.fetch(
      requestOf(
        event({
          rawPath: '/v1/log',
          rawQueryString: 'after=1&limit=%C3%A4',
          headers: { authorization: 'Bearer token' },
          requestContext: { domainName: 'party.example', http: get },
        }),
      ),
    ),
  )
  expect(result).toMatchObject({ statusCode: 201, headers: { 'x-a': 'b' }, isBase64Encoded: true })
  expect(JSON.parse(Buffer.from((result as { body: string }).body, 'base64').toString())).toEqual({
    url: 'https://party.example/v1/log?after=1&limit=%C3%A4',
    token: 'Bearer token',
  })
  const health = requestOf(
    event({
      rawPath: '/v1/health',
      requestContext: { domainName: 'party.example', http: { method: 'GET', path: '/v1/health' } },
    }),
  )
  expect(await resultOf(await app.fetch(health))).toMatchObject({ statusCode: 204, body: '' })
})

test('function url: a response that does not fit into an event says so', async () => {
  const fits = await resultOf(new Response(randomBytes(4.4 * 1024 * 1024)))
  expect(JSON.stringify(fits).length).toBeLessThanOrEqual(6 * 1024 * 1024)
  expect(await resultOf(new Response(randomBytes(4.5 * 1024 * 1024)))).toEqual({ statusCode: 507 })
})
