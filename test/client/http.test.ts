/** One party's front: problems become the errors they were, an absent party becomes Unavailable, reads carry a token. */
import { expect, test } from 'vitest'
import { createFront } from '../../client/sdk/http.ts'

const front = (answer: (request: Request, call: number) => Response | Promise<Response>, tries = 1) => {
  let calls = 0
  const made = createFront({
    endpoint: 'http://party.invalid/base',
    name: 'party 1',
    token: () => 'token',
    tries,
    timeoutMs: 200,
    fetch: async (input, init) => answer(new Request(input, init), ++calls),
  })
  return { ...made, calls: () => calls }
}

const problem = (status: number, body: object): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } })

test.each([
  [
    'a refusal with its rule',
    problem(422, { rule: 'approval-expired', detail: 'late', hint: 'again' }),
    { name: 'Refusal', rule: 'approval-expired', hint: 'again' },
  ],
  [
    'an abort with its check',
    problem(409, { check: 'deadline', detail: 'slow' }),
    { name: 'Abort', check: 'deadline' },
  ],
  [
    'bad input with its place',
    problem(422, { detail: 'no', where: 'line 1' }),
    { name: 'InputError', where: 'line 1' },
  ],
  ['a stranger', new Response(null, { status: 401 }), { name: 'Refusal', rule: 'not-a-member' }],
  ['an outage', new Response(null, { status: 503 }), { name: 'Unavailable' }],
])('%s', async (_, response, expected) => {
  const { json } = front(() => response)
  const error = await json({ method: 'GET', path: 'v1/log' }).catch((caught: unknown) => caught)
  expect(error).toMatchObject(expected)
  expect((error as Error).message).toContain('party 1')
})

test('every call carries the token, the path under the endpoint, and the query', async () => {
  const { json } = front(request =>
    Response.json({ url: request.url, auth: request.headers.get('authorization') }),
  )
  expect(
    await json({ method: 'GET', path: 'v1/documents', query: { kind: 'offer', request: undefined } }),
  ).toEqual({
    url: 'http://party.invalid/base/v1/documents?kind=offer',
    auth: 'Bearer token',
  })
})

test('a party that asks to come again later is asked as often as it says, however few tries an outage gets', async () => {
  const busy = (): Response => new Response(null, { status: 429, headers: { 'retry-after': '0' } })
  const { json, calls } = front((_, call) => (call < 20 ? busy() : Response.json({ ok: true })), 2)
  expect(await json({ method: 'GET', path: 'v1/log' })).toEqual({ ok: true })
  expect(calls()).toBe(20)
})

test('a second that a party asks for is waited', async () => {
  const times: number[] = []
  const { json } = front((_, call) => {
    times.push(performance.now())
    const headers = { 'retry-after': '1', 'content-type': 'application/problem+json' }
    return call === 1 ? new Response('{"rule":"rate-limited"}', { status: 429, headers }) : Response.json({})
  })
  await json({ method: 'GET', path: 'v1/log' })
  expect(times[1]! - times[0]!).toBeGreaterThan(950)
})

test('an outage is tried again, a refusal is not', async () => {
  const later = front(
    (_, call) => (call < 3 ? new Response(null, { status: 503 }) : Response.json({ ok: true })),
    3,
  )
  expect(await later.json({ method: 'GET', path: 'v1/log' })).toEqual({ ok: true })
  expect(later.calls()).toBe(3)
  const never = front(() => problem(422, { rule: 'no', detail: 'no' }), 3)
  await expect(never.json({ method: 'GET', path: 'v1/log' })).rejects.toThrow()
  expect(never.calls()).toBe(1)
})

test('a party that never answers is unavailable after its deadline', async () => {
  const { json } = front(
    request =>
      new Promise((_, fail) => request.signal.addEventListener('abort', () => fail(request.signal.reason))),
  )
  await expect(json({ method: 'GET', path: 'v1/log' })).rejects.toMatchObject({ name: 'Unavailable' })
})

test('what does not exist reads as undefined, and cannot be written to', async () => {
  const { json, bytes } = front(() => new Response(null, { status: 404 }))
  expect(await json({ method: 'GET', path: 'v1/requests/x' })).toBeUndefined()
  expect(await bytes({ method: 'GET', path: 'v1/requests/x/result' })).toBeUndefined()
  await expect(json({ method: 'PUT', path: 'v1/chunks/x/0', bytes: new Uint8Array(1) })).rejects.toThrow()
})
