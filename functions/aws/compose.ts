/** A party on AWS: two DynamoDB tables, lane queues and a wake queue of SQS, a secret. Composed once an instance. */

import { DEFAULT_DEADLINES } from '../../shared/party/world.ts'
import type { Telemetry } from '../../shared/port/telemetry.ts'
import { type ComposedParty, composeParty } from '../party/compose.ts'
import { jsonLog } from '../party/json-log.ts'
import { laneMailbox, visibilityFor } from '../party/lane-mailbox.ts'
import { telemetryFrom } from '../party/telemetry/choose.ts'
import { dynamoDbClient, secretsClient, sqsClient } from './client.ts'
import { type AwsConfig, readConfig } from './config.ts'
import { readPartySecrets } from './keyring.ts'
import { sqsLanes } from './mailbox.ts'
import { awsPlace } from './place.ts'
import { dynamoDbStore } from './store.ts'
import { sqsWaker } from './waker.ts'

/** Runs end within hours, and clean up after themselves; what is left after a month was forgotten. */
const VOLATILE_LIFETIME_S = 30 * 24 * 60 * 60

const composeFor = async (config: AwsConfig, telemetry: Telemetry | undefined): Promise<ComposedParty> => {
  const options = { region: config.AWS_REGION }
  const [dynamoDb, sqs] = [dynamoDbClient(options), sqsClient(options)]
  const volatile = dynamoDbStore({
    client: dynamoDb,
    table: config.TRIAS_VOLATILE_TABLE,
    lifetimeS: VOLATILE_LIFETIME_S,
  })
  const queueUrls = config.TRIAS_LANE_QUEUE_URLS
  const { secrets, arn } = await readPartySecrets(secretsClient(options), config.TRIAS_SECRET_ID)
  return composeParty({
    party: config.TRIAS_PARTY,
    secrets,
    place: awsPlace({
      region: config.AWS_REGION,
      dynamoDb,
      dynamoDbEndpoint: config.AWS_ENDPOINT_URL_DYNAMODB ?? config.AWS_ENDPOINT_URL,
      tables: { durable: config.TRIAS_DURABLE_TABLE, volatile: config.TRIAS_VOLATILE_TABLE },
      queueUrls: [...queueUrls, config.TRIAS_WAKE_QUEUE_URL],
      secretArn: arn,
    }),
    durable: dynamoDbStore({ client: dynamoDb, table: config.TRIAS_DURABLE_TABLE }),
    volatile,
    mailbox: laneMailbox({
      queue: sqsLanes({ client: sqs, queueUrls }),
      lanes: queueUrls.length,
      volatile,
      visibilityMs: visibilityFor(config.TRIAS_DEADLINES?.leaseMs ?? DEFAULT_DEADLINES.leaseMs),
    }),
    waker: sqsWaker({ client: sqs, queueUrl: config.TRIAS_WAKE_QUEUE_URL }),
    log: jsonLog(config.TRIAS_PARTY, line => process.stdout.write(line)),
    send: fetch,
    ...(config.TRIAS_DEADLINES === undefined ? {} : { deadlines: config.TRIAS_DEADLINES }),
    ...(config.TRIAS_LIMITS === undefined ? {} : { limits: config.TRIAS_LIMITS }),
    ...(telemetry === undefined ? {} : { telemetry }),
  })
}

const composeWith = async (environment: NodeJS.ProcessEnv): Promise<ComposedParty> => {
  const config = readConfig(environment)
  return composeFor(config, await telemetryFrom(environment, config.TRIAS_PARTY))
}

let composed: Promise<ComposedParty> | undefined

/** The party of this instance. One that could not be composed is tried again by the next invocation. */
export const partyOfInstance = (): Promise<ComposedParty> => {
  composed ??= composeWith(process.env).catch(error => {
    composed = undefined
    throw error
  })
  return composed
}
