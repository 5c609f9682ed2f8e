/** Reports of three parties whose databases are those of AWS; between two of their processes is nothing but those. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sqsLanes } from '../../../functions/aws/mailbox.ts'
import { dynamoDbStore } from '../../../functions/aws/store.ts'
import {
  type LocalDatabases,
  startThreeParties,
  type ThreeParties,
} from '../../../functions/local/three-parties.ts'
import { laneMailbox } from '../../../functions/party/lane-mailbox.ts'
import { PARTIES } from '../../../shared/sharing/shared.ts'
import { type AwsCloud, startAwsCloud } from '../../support/aws-cloud.ts'
import { type Cast, castOf, found, type Row } from '../../support/federation.ts'

const LANES = 2

let cloud: AwsCloud
let three: ThreeParties
let cast: Cast
beforeAll(async () => {
  cloud = await startAwsCloud({ tables: 6, queues: 3 * LANES })
  const places = PARTIES.map(() => ({
    durable: cloud.table(),
    volatile: cloud.table(),
    queueUrls: cloud.queues(LANES),
  }))
  const databases = (party: number): LocalDatabases => {
    const { durable, volatile, queueUrls } = places[party]!
    const store = (table: string) => dynamoDbStore({ client: cloud.dynamoDb, table })
    return {
      durable: store(durable),
      volatile: store(volatile),
      mailbox: laneMailbox({
        queue: sqsLanes({ client: cloud.sqs, queueUrls }),
        lanes: LANES,
        volatile: store(volatile),
        visibilityMs: 2000,
      }),
    }
  }
  three = await startThreeParties({ databases, deadlines: { leaseMs: 1500 } })
  cast = await castOf(three)
  await found(cast)
})
afterAll(async () => {
  await three.close()
  await cloud.close()
})

const north: Row[] = [
  ['junior', 30_000],
  ['senior', 70_000],
  ['junior', 31_000],
]
const south: Row[] = [
  ['senior', 80_000],
  ['junior', 29_500],
]

const ask = async (): Promise<string> => {
  const [n, s] = cast.owners
  const versions = [await cast.push(n, north), await cast.push(s, south)]
  const request = await cast.ask(versions)
  for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
  return request
}
const expectReport = async (request: string): Promise<void> => {
  for (const party of PARTIES) {
    const { state, reason } = await cast.ended(party, request)
    expect({ state, reason }).toEqual({ state: 'done', reason: undefined })
  }
  const report = await cast.report(request)
  expect(report.rows.map(row => row.map(String)).sort()).toEqual([
    ['junior', '3', '90500'],
    ['senior', '2', '150000'],
  ])
}

test('run: three parties on tables and queues of AWS report what the pooled rows give', async () => {
  await expectReport(await ask())
})

test('run: more runs than lanes, one after the other, because each gives its lane back', async () => {
  for (let i = 0; i <= LANES; i++) await expectReport(await ask())
})
