/**
 * One party of AWS on this machine: its deployment package on the Lambda host, with emulated DynamoDB, SQS and Secrets
 * Manager.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parsePartySecret } from '../../party/party-secret.ts'
import { startDynamoDb } from '../emulator/dynamodb.ts'
import { provisionAws } from '../emulator/provision-aws.ts'
import { startSecrets } from '../emulator/secrets.ts'
import { startSqs } from '../emulator/sqs.ts'
import type { HostLog } from '../host/log.ts'
import { createClosing } from './closing.ts'
import type { LocalParty, LocalPartyConfig } from './config.ts'
import { startPartyFunctions } from './party-functions.ts'

const REGION = 'eu-central-1'
const FRONT_S = 30
/** Two peers post four parts at a time and members ask beside that; what finds no instance is refused, and sent again whole. */
const FRONTS_AT_ONCE = 10
const TIMER_S = 60
/** A message must not come back while its worker is at work. */
const VISIBILITY_PER_TIME = 2

export const startAwsParty = async (config: LocalPartyConfig, log: HostLog): Promise<LocalParty> => {
  const { dataDir, workerS, memoryMb, deadlines } = config
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const { add, close } = createClosing()
  try {
    const dynamoDb = await add(startDynamoDb({ file: join(dataDir, 'dynamodb.db') }), one => one.close())
    const sqs = await add(startSqs(), one => one.close())
    const secrets = await add(startSecrets(), one => one.close())
    const { environment, wakeQueueUrl } = await provisionAws({
      dynamoDb,
      sqs,
      secrets,
      party: config.party,
      keys: parsePartySecret(readFileSync(config.secretsFile, 'utf8'), config.secretsFile),
      lanes: config.lanes,
      wakeVisibilityS: Math.ceil(VISIBILITY_PER_TIME * workerS),
    })

    const functions = await add(
      startPartyFunctions(
        {
          region: REGION,
          package: config.package,
          environment: {
            ...environment,
            ...(deadlines === undefined ? {} : { TRIAS_DEADLINES: JSON.stringify(deadlines) }),
            ...config.environment,
          },
          limits: {
            http: { memoryMb, timeLimitS: FRONT_S, concurrency: FRONTS_AT_ONCE },
            worker: { memoryMb, timeLimitS: workerS, concurrency: config.lanes },
            timer: { memoryMb, timeLimitS: TIMER_S, concurrency: 1 },
          },
          port: config.port,
          wakeQueueUrl,
          timerS: config.timerS,
        },
        log,
      ),
      one => one.close(),
    )
    return { ...functions, close }
  } catch (error) {
    await close()
    throw error
  }
}
