/** The adapters of AWS over emulators: the suite of each port, and what only these adapters can get wrong. */
import { randomBytes } from 'node:crypto'
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll } from 'vitest'
import { secretsClient } from '../../functions/aws/client.ts'
import { readPartySecrets } from '../../functions/aws/keyring.ts'
import { sqsLanes } from '../../functions/aws/mailbox.ts'
import { dynamoDbStore } from '../../functions/aws/store.ts'
import { sqsWaker } from '../../functions/aws/waker.ts'
import type { Emulator } from '../../functions/local/emulator/dynamodb.ts'
import { startSecrets } from '../../functions/local/emulator/secrets.ts'
import { jsonLog } from '../../functions/party/json-log.ts'
import { createKeyring } from '../../functions/party/keyring.ts'
import { laneMailbox } from '../../functions/party/lane-mailbox.ts'
import { toBase64url } from '../../shared/base/bytes.ts'
import type { Store } from '../../shared/port/store.ts'
import { type AwsCloud, REGION, startAwsCloud } from '../support/aws-cloud.ts'
import { keyringConformance } from './keyring.ts'
import { logConformance } from './log.ts'
import { mailboxConformance } from './mailbox.ts'
import { storeConformance } from './store.ts'
import { wakerConformance } from './waker.ts'

let cloud: AwsCloud
let secrets: Emulator
beforeAll(async () => {
  cloud = await startAwsCloud({ tables: 30, queues: 30 })
  secrets = await startSecrets()
})
afterAll(async () => {
  await Promise.all([cloud.close(), secrets.close()])
})

const store = (): Store => dynamoDbStore({ client: cloud.dynamoDb, table: cloud.table() })
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

storeConformance('dynamodb store', store)

mailboxConformance('sqs mailbox', () =>
  laneMailbox({
    queue: sqsLanes({ client: cloud.sqs, queueUrls: cloud.queues(2) }),
    lanes: 2,
    volatile: store(),
  }),
)

wakerConformance('sqs waker', () => {
  const [queueUrl = ''] = cloud.queues(1)
  return {
    waker: sqsWaker({ client: cloud.sqs, queueUrl }),
    subjects: async () => {
      const { Messages = [] } = await cloud.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }),
      )
      for (const { ReceiptHandle } of Messages)
        await cloud.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }))
      return Messages.map(({ Body = '' }) => Body)
    },
  }
})

keyringConformance('aws keyring', () => {
  const client = secretsClient({ region: REGION, endpoint: secrets.endpoint })
  const Name = `party-${toBase64url(random(6))}`
  const created = client.send(
    new CreateSecretCommand({
      Name,
      SecretString: JSON.stringify({
        signingSeed: toBase64url(random(32)),
        sealingSeed: toBase64url(random(32)),
      }),
    }),
  )
  const volatile = store()
  return async () => {
    await created
    return createKeyring(await readPartySecrets(client, Name), volatile, random)
  }
})

logConformance('json log', write => jsonLog(0, write))
