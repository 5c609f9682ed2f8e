/** The front of a party on Azure: one function for every path. Signatures and tokens authenticate, not function keys. */
import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions'
import { partyOfProcess } from './compose.ts'

const requestOf = async (request: HttpRequest): Promise<Request> => {
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
  return new Request(request.url, {
    method: request.method,
    headers: [...request.headers],
    ...(hasBody ? { body: await request.arrayBuffer() } : {}),
  })
}

/** A process may be stopped between requests, so nothing is left to a timer. */
const FLUSH_EVERY_MS = 60_000

app.http('front', {
  route: '{*path}',
  methods: ['GET', 'POST', 'PUT'],
  authLevel: 'anonymous',
  handler: async (request): Promise<HttpResponseInit> => {
    const party = await partyOfProcess()
    const response = await party.app.fetch(await requestOf(request))
    await party.party.world.telemetry.flush(FLUSH_EVERY_MS)
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: new Uint8Array(await response.arrayBuffer()),
    }
  },
})
