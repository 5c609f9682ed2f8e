/**
 * The live check of Azure. There is no emulator of its control plane, so a server on loopback gives answers in the form that
 * Azure documents: these tests show what we make of them, not that Azure answers so.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { examineLiveAzure, examineLiveGroup, LIVE_AZURE_RULES } from '../../../infra/locality/live-azure.ts'

const home = { provider: 'azure', region: 'germanywestcentral' } as const
const GROUP = '/subscriptions/s/resourceGroups/g'
const ACCOUNT = {
  id: `${GROUP}/providers/Microsoft.Storage/storageAccounts/data`,
  type: 'Microsoft.Storage/storageAccounts',
  name: 'data',
  location: 'germanywestcentral',
  properties: {
    allowSharedKeyAccess: false,
    allowCrossTenantReplication: false,
    encryption: { keySource: 'Microsoft.Keyvault' },
    publicNetworkAccess: 'Disabled',
  },
}
const VAULT = {
  id: `${GROUP}/providers/Microsoft.KeyVault/vaults/v`,
  type: 'Microsoft.KeyVault/vaults',
  name: 'v',
  location: 'germanywestcentral',
  properties: { enablePurgeProtection: true, publicNetworkAccess: 'Disabled' },
}
const ZONE = { type: 'Microsoft.Network/privateDnsZones', name: 'z', location: 'global' }

let server: Server
let endpoint: string
const asked: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x')
    asked.push(`${request.method} ${pathname} ${request.headers.authorization}`)
    const { properties: _, ...listed } = ACCOUNT
    const answer =
      pathname === `${GROUP}/resources`
        ? searchParams.has('page')
          ? { value: [VAULT, ZONE] }
          : { value: [listed], nextLink: `${endpoint}${pathname}?page=2` }
        : pathname === '/subscriptions/s/resourceGroups/elsewhere/resources'
          ? { value: [], nextLink: 'http://127.0.0.1:1/steal' }
          : [ACCOUNT, VAULT].find(({ id }) => id === pathname)
    response.writeHead(answer === undefined ? 403 : 200).end(JSON.stringify(answer ?? {}))
  })
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

const ask = (resourceGroup: string) =>
  examineLiveAzure({ subscription: 's', resourceGroup }, home, { endpoint, token: async () => 't' })

test('every page is read, and accounts and vaults with their properties', async () => {
  const report = await ask('g')
  expect(report.findings).toEqual([])
  expect(report.looked.get('LIVE-AZ-LOCATION')).toBe(3)
  expect(report.looked.get('LIVE-AZ-SHARED-KEY')).toBe(1)
  expect(asked.every(line => line.startsWith('GET ') && line.endsWith('Bearer t'))).toBe(true)
})

test('a refusal is no proof, and a token goes nowhere else', async () => {
  await expect(ask('forbidden')).rejects.toThrow('HTTP 403')
  await expect(ask('elsewhere')).rejects.toThrow('another address')
})

const VIOLATIONS: readonly (readonly [string, object])[] = [
  ['LIVE-AZ-LOCATION', { ...VAULT, location: 'uksouth' }],
  ['LIVE-AZ-SECONDARY', withProperty(ACCOUNT, { secondaryLocation: 'germanynorth' })],
  ['LIVE-AZ-SHARED-KEY', withProperty(ACCOUNT, { allowSharedKeyAccess: null })],
  ['LIVE-AZ-CROSS-TENANT', withProperty(ACCOUNT, { allowCrossTenantReplication: true })],
  ['LIVE-AZ-STORAGE-KEY', withProperty(ACCOUNT, { encryption: { keySource: 'Microsoft.Storage' } })],
  ['LIVE-AZ-STORAGE-NETWORK', withProperty(ACCOUNT, { publicNetworkAccess: 'Enabled' })],
  ['LIVE-AZ-VAULT-PURGE', withProperty(VAULT, { enablePurgeProtection: undefined })],
  ['LIVE-AZ-VAULT-NETWORK', withProperty(VAULT, { publicNetworkAccess: undefined })],
]

function withProperty(resource: { readonly properties: object }, change: object): object {
  return { ...resource, properties: { ...resource.properties, ...change } }
}

test.each(VIOLATIONS)('%s', (rule, resource) => {
  expect(examineLiveGroup([{ ...resource }], home).findings.map(finding => finding.rule)).toEqual([rule])
})

test('every rule has a violation, an empty group is one', () => {
  expect(examineLiveGroup([], home).findings.map(({ rule }) => rule)).toEqual(['LIVE-AZ-EMPTY'])
  const named = new Set([...VIOLATIONS.map(([rule]) => rule), 'LIVE-AZ-EMPTY', 'HOME-COUNTRY'])
  expect(LIVE_AZURE_RULES.map(({ id }) => id).filter(id => !named.has(id))).toEqual([])
})
