import { expect, test } from 'vitest'
import { readConfig } from '../../../functions/azure/config.ts'
import { InputError } from '../../../shared/base/errors.ts'

const common = {
  REGION_NAME: 'Germany West Central',
  TRIAS_PARTY: '1',
  TRIAS_DURABLE_TABLE: 'triasdurable',
  TRIAS_VOLATILE_TABLE: 'triasvolatile',
  TRIAS_LANE_QUEUES: 'trias-lane-0,trias-lane-1',
  TRIAS_WAKE_QUEUE: 'trias-wake',
  TRIAS_WORKER_SECONDS: '600',
}
const cloud = {
  TRIAS_STORAGE__accountName: 'triasparty1',
  TRIAS_STORAGE_ID:
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/triasparty1',
  TRIAS_KEY_VAULT_URL: 'https://trias.vault.azure.net',
}
const local = { TRIAS_STORAGE: 'UseDevelopmentStorage=true', TRIAS_SECRETS_FILE: '/run/secrets.json' }

test.each([
  ['the cloud', cloud],
  ['this machine', local],
])('config: settings for %s are read', (_, place) => {
  expect(
    readConfig({ ...common, ...place, PATH: '/bin', TRIAS_DEADLINES: '{"roundMs":5000}' }),
  ).toMatchObject({
    TRIAS_PARTY: 1,
    TRIAS_LANE_QUEUES: ['trias-lane-0', 'trias-lane-1'],
    TRIAS_WORKER_SECONDS: 600,
    TRIAS_DEADLINES: { roundMs: 5000 },
    ...place,
  })
})

test.each([
  ...Object.keys({ ...common, ...cloud }).map(name => [name, undefined]),
  ['TRIAS_PARTY', '3'],
  ['TRIAS_LANE_QUEUES', ''],
  ['TRIAS_LANE_QUEUES', 'trias-lane-0,'],
  ['TRIAS_WORKER_SECONDS', '10m'],
  ['TRIAS_STORAGE_ID', '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/other'],
  ['TRIAS_STORAGE_ID', 'triasparty1'],
  ['TRIAS_KEY_VAULT_URL', 'vault'],
  ['TRIAS_DEADLINES', '{'],
  ['TRIAS_DEADLINES', '{"roundMs":0}'],
  ['TRIAS_DEADLINES', '{"roundS":1}'],
])('config: %s as %j is refused by its name', (name = '', value) => {
  const read = () => readConfig({ ...common, ...cloud, [name]: value })
  expect(read).toThrow(InputError)
  expect(read).toThrow(name)
})

test('config: two ways to the storage or to the secrets are one too many', () => {
  const { TRIAS_STORAGE, TRIAS_SECRETS_FILE } = local
  expect(() => readConfig({ ...common, ...cloud, TRIAS_STORAGE })).toThrow('TRIAS_STORAGE__accountName')
  expect(() => readConfig({ ...common, ...cloud, TRIAS_SECRETS_FILE })).toThrow('TRIAS_KEY_VAULT_URL')
})

test('config: a connection string is for emulators on this machine, since nothing says where another one is', () => {
  const endpoints = (host: string) =>
    ['Table', 'Queue'].map(service => `${service}Endpoint=http://${host}:10002/account;`).join('')
  const read = (TRIAS_STORAGE: string) => readConfig({ ...common, ...local, TRIAS_STORAGE })
  expect(read(`AccountName=a;AccountKey=b;${endpoints('127.0.0.1')}`).TRIAS_PARTY).toBe(1)
  for (const elsewhere of [
    `AccountName=a;AccountKey=b;${endpoints('a.example')}`,
    `AccountName=a;AccountKey=b;${endpoints('127.0.0.1')}BlobEndpoint=https://a.example`,
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=b;EndpointSuffix=core.windows.net',
  ])
    expect(() => read(elsewhere)).toThrow(/TRIAS_STORAGE: names a service that is not on this machine/)
})
