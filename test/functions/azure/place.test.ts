/** Where a party on Azure is: what the platform and Resource Manager say. There is no emulator of Resource Manager. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { azurePlace } from '../../../functions/azure/place.ts'
import { listen } from '../../../functions/local/host/listen.ts'
import { Unavailable } from '../../../shared/base/errors.ts'

const REGION = 'Germany West Central'
const ID = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/triasparty1data'

const asked: unknown[] = []
let answer: { status: number; body: unknown }
let controlPlane: Awaited<ReturnType<typeof listen>>
beforeAll(async () => {
  controlPlane = await listen(0, async ({ method, url, headers }, response) => {
    asked.push({ method, url, authorization: headers.authorization })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
  })
})
afterAll(() => controlPlane.close())

const place = (storageId: string | undefined = ID) =>
  azurePlace({
    region: REGION,
    storageId,
    credential: () => ({ getToken: async scope => ({ token: `for ${scope}`, expiresOnTimestamp: 0 }) }),
    endpoint: `http://127.0.0.1:${controlPlane.port}`,
    send: fetch,
  })

test('the app by its platform, the account by Resource Manager, with one request', async () => {
  answer = { status: 200, body: { location: 'germanywestcentral', properties: { secondaryLocation: null } } }
  expect(await place().locate()).toEqual([
    { what: 'functions', region: REGION },
    { what: 'storage account', region: 'germanywestcentral' },
  ])
  expect(asked).toEqual([
    {
      method: 'GET',
      url: `${ID}?api-version=2023-05-01`,
      authorization: 'Bearer for https://management.azure.com/.default',
    },
  ])
})

test('a copy in the paired region is a place too', async () => {
  answer = {
    status: 200,
    body: { location: 'germanywestcentral', properties: { secondaryLocation: 'germanynorth' } },
  }
  expect((await place().locate()).at(-1)).toEqual({
    what: 'copy of the storage account',
    region: 'germanynorth',
  })
})

test.each([
  [403, { error: {} }],
  [200, {}],
  [200, { location: '', properties: {} }],
  [500, null],
])('%i %j is no answer: the party waits, and asks again', async (status, body) => {
  answer = { status, body }
  await expect(place().locate()).rejects.toThrow(Unavailable)
})

test('an emulator on this machine is left out', async () => {
  const emulated = azurePlace({
    region: REGION,
    storageId: undefined,
    credential: () => {
      throw new Error('no token is needed')
    },
    send: fetch,
  })
  expect(await emulated.locate()).toEqual([{ what: 'functions', region: REGION }])
})
