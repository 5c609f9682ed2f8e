import { expect, test } from 'vitest'
import { readConfig } from '../../../functions/aws/config.ts'
import { InputError } from '../../../shared/base/errors.ts'

const environment = {
  AWS_REGION: 'eu-central-1',
  TRIAS_PARTY: '1',
  TRIAS_DURABLE_TABLE: 'trias-durable',
  TRIAS_VOLATILE_TABLE: 'trias-volatile',
  TRIAS_LANE_QUEUE_URLS: 'https://sqs.example/1/lane-0,https://sqs.example/1/lane-1',
  TRIAS_WAKE_QUEUE_URL: 'https://sqs.example/1/wake',
  TRIAS_SECRET_ID: 'trias-keys',
}

test('config: an environment is read, with what Lambda adds to it', () => {
  expect(readConfig({ ...environment, PATH: '/bin', TRIAS_DEADLINES: '{"roundMs":5000}' })).toMatchObject({
    TRIAS_PARTY: 1,
    TRIAS_LANE_QUEUE_URLS: ['https://sqs.example/1/lane-0', 'https://sqs.example/1/lane-1'],
    TRIAS_DEADLINES: { roundMs: 5000 },
  })
})

test.each([
  ...Object.keys(environment).map(name => [name, undefined]),
  ['TRIAS_PARTY', '3'],
  ['TRIAS_LANE_QUEUE_URLS', ''],
  ['TRIAS_LANE_QUEUE_URLS', 'https://sqs.example/1/lane-0,lane-1'],
  ['TRIAS_DEADLINES', '{'],
  ['TRIAS_DEADLINES', '{"roundMs":0}'],
  ['TRIAS_DEADLINES', '{"roundS":1}'],
])('config: %s as %j is refused by its name', (name = '', value) => {
  const read = () => readConfig({ ...environment, [name]: value })
  expect(read).toThrow(InputError)
  expect(read).toThrow(name)
})
