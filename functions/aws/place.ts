/**
 * Where a party on AWS is: the region that Lambda gives its functions, and for what keeps its data the regions that the
 * services themselves name, in the ARNs of its tables with their replicas, in the addresses of its queues and in the ARN of
 * its secret. Two calls of DescribeTable.
 */
import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Location, Place } from '../../shared/port/place.ts'
import { isLoopback } from '../party/loopback.ts'
import { orUnavailable } from './outage.ts'

interface Resources {
  /** As Lambda sets it. */
  readonly region: string
  readonly dynamoDb: DynamoDBClient
  /** Of an emulator; undefined: the service of the region. */
  readonly dynamoDbEndpoint: string | undefined
  readonly tables: { readonly durable: string; readonly volatile: string }
  readonly queueUrls: readonly string[]
  readonly secretArn: string | undefined
}

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d+$/
const QUEUE_HOST = /^(?:vpce-[\w-]+\.)?sqs\.([a-z0-9-]+)\.|^([a-z0-9-]+)\.queue\./

/** What an address or ARN says. No region in it: an emulator on this machine, which is nowhere else, or a place unknown. */
const located = (what: string, region: string | undefined, isHere: boolean): readonly Location[] => {
  if (region !== undefined && REGION.test(region)) return [{ what, region }]
  return isHere ? [] : [{ what, region: 'an unknown place' }]
}

const regionOfArn = (arn: string | undefined): string | undefined => arn?.split(':')[3]

const regionOfQueue = (url: string): string | undefined => {
  const match = QUEUE_HOST.exec(new URL(url).hostname)
  return match?.[1] ?? match?.[2]
}

export const awsPlace = (resources: Resources): Place => {
  const { region, dynamoDb, dynamoDbEndpoint, tables, queueUrls, secretArn } = resources
  const isEmulated = dynamoDbEndpoint !== undefined && isLoopback(dynamoDbEndpoint)
  const tableAt = async (what: string, TableName: string): Promise<readonly Location[]> => {
    const { Table } = await orUnavailable('DynamoDB', () =>
      dynamoDb.send(new DescribeTableCommand({ TableName })),
    )
    const replicas = [...(Table?.Replicas ?? []), ...(Table?.GlobalTableWitnesses ?? [])]
    return [
      ...located(what, regionOfArn(Table?.TableArn), isEmulated),
      ...replicas.flatMap(one => located(`replica of the ${what}`, one.RegionName, false)),
    ]
  }
  const queues = queueUrls.flatMap(url => located('queues', regionOfQueue(url), isLoopback(url)))
  const secret = secretArn === undefined ? [] : located('secret', regionOfArn(secretArn), false)
  const fixed = new Map([...queues, ...secret].map(one => [`${one.what} ${one.region}`, one]))
  return {
    locate: async () => {
      const [durable, volatile] = await Promise.all([
        tableAt('durable table', tables.durable),
        tableAt('volatile table', tables.volatile),
      ])
      return [{ what: 'functions', region }, ...durable, ...volatile, ...fixed.values()]
    },
  }
}
