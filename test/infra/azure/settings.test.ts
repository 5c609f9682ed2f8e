/** What a deployment may choose: defaults that synthesize offline, and a refusal that names the setting. */
import { expect, test } from 'vitest'
import { readSettings } from '../../../infra/azure/settings.ts'
import { InputError } from '../../../shared/base/errors.ts'

const refusal = (settings: Readonly<Record<string, unknown>>): InputError => {
  try {
    readSettings(settings)
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
  throw new Error(`${JSON.stringify(settings)} was taken`)
}

test('nothing has to be said', () => {
  expect(readSettings({})).toEqual({
    party: 1,
    name: 'triasparty1',
    subscriptionId: '00000000-0000-0000-0000-000000000000',
    tenantId: '00000000-0000-0000-0000-000000000000',
    location: 'germanywestcentral',
    countries: null,
    resourceGroup: 'trias-party-1',
    replication: 'ZRS',
    lanes: 8,
    network: { addressSpace: '10.90.0.0/24', peers: [] },
    callers: [],
    deployers: [],
    warmFronts: 0,
    instancesMax: 40,
    logDays: 90,
    vaultRecoveryDays: 30,
    actionGroupId: null,
    isProtected: true,
    settings: {},
    state: null,
  })
})

test('a location is one, however Azure writes it', () => {
  expect(readSettings({ location: 'West Europe' }).location).toBe('westeurope')
})

test.each([
  ['replication', 'GRS', 'second region'],
  ['replication', 'RAGRS', 'second region'],
  ['replication', 'GZRS', 'second region'],
  ['replication', 'RAGZRS', 'second region'],
  ['location', 'mars', 'not a location'],
  ['location', 'eu-central-1', 'not a location'],
  ['location', '', 'not a location'],
  ['countries', 'Germany', 'capital letters'],
  ['party', '3', ''],
  ['name', 'Trias', 'lower-case'],
  ['name', 'trias-party', 'lower-case'],
  ['name', 'a2345678901234567', 'lower-case'],
  ['subscription-id', 'mine', ''],
  ['tenant-id', 'contoso.onmicrosoft.com', ''],
  ['resource-group', 'ends-with.', 'resource group'],
  ['lanes', '0', ''],
  ['network', 'open', ''],
  ['address-space', '10.0.0.0/16', '/24'],
  ['address-space', '10.0.300.0/24', '/24'],
  ['peers', '0.0.0.0/0', 'address range'],
  ['peers', 'birch.example', 'address range'],
  ['callers', '192.0.2.1', 'address range'],
  ['log-days', '29', ''],
  ['vault-recovery-days', '6', ''],
  ['vault-recovery-days', '91', ''],
  ['action-group', 'night', 'action group'],
  ['protected', 'maybe', ''],
  ['deadlines', '{"roundMs":0}', ''],
  ['limits', 'frames=1', 'JSON'],
  ['state', 'triasstate', 'resource-group/account/container'],
  ['colour', 'blue', 'no such setting'],
])('--%s %s is refused', (name, value, problem) => {
  const { message, where, hint } = refusal({ [name]: value })
  expect(where).toBe(`--${name}`)
  expect(message).toContain(problem)
  expect(hint).toContain('deploy-azure.md')
})

test('peers need a network that can hold the party to them', () => {
  expect(refusal({ network: 'public', peers: '192.0.2.0/24' }).where).toBe('--peers')
})
