/** Lane queues, which carry frames, the wake queue, which calls workers, and where wakes go that failed too often. */
import { Duration } from 'aws-cdk-lib'
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { accept } from './accept.ts'

interface PartyQueuesProps {
  readonly key: IKey
  readonly roleArns: readonly string[]
  /** So many runs may be under way at once. */
  readonly lanes: number
  readonly workerTimeout: Duration
}

/** A run is over long before; what is left then was left behind. */
const RETENTION = Duration.days(1)
/** Long enough that a dead letter is seen after a holiday. */
const DEAD_RETENTION = Duration.days(14)
const RECEIVES_MAX = 5
/** As many bytes as the mailbox sends at once, and the most that SQS takes. */
const MESSAGE_BYTES_MAX = 1024 * 1024
/** A frame needs no data key of its own; each one asked for is a call of KMS to wait for and to pay. */
const DATA_KEY_REUSE = Duration.hours(1)
/** A message must not come back while its worker is at work. */
const VISIBILITY_PER_TIMEOUT = 2

const ON_MESSAGES = [
  'sqs:SendMessage',
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibility',
]

export class PartyQueues extends Construct {
  readonly lanes: readonly Queue[]
  readonly wake: Queue
  readonly deadLetters: Queue

  constructor(scope: Construct, id: string, { key, roleArns, lanes, workerTimeout }: PartyQueuesProps) {
    super(scope, id)
    const make = (name: string, props: QueueProps): Queue =>
      new Queue(this, name, {
        encryption: QueueEncryption.KMS,
        encryptionMasterKey: key,
        dataKeyReuse: DATA_KEY_REUSE,
        enforceSSL: true,
        ...props,
      })
    const onlyFunctions = (queue: Queue): Queue => {
      queue.addToResourcePolicy(
        new PolicyStatement({
          sid: 'OnlyTheFunctions',
          effect: Effect.DENY,
          principals: [new AnyPrincipal()],
          actions: ON_MESSAGES,
          resources: [queue.queueArn],
          conditions: { ArnNotEquals: { 'aws:PrincipalArn': [...roleArns] } },
        }),
      )
      return queue
    }
    this.deadLetters = make('WakeDeadLetters', { retentionPeriod: DEAD_RETENTION })
    accept(this.deadLetters, 'SQS3', 'It is the dead-letter queue of the wake queue.')
    this.wake = onlyFunctions(
      make('Wake', {
        retentionPeriod: RETENTION,
        visibilityTimeout: Duration.seconds(VISIBILITY_PER_TIMEOUT * workerTimeout.toSeconds()),
        deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: RECEIVES_MAX },
      }),
    )
    this.lanes = Array.from({ length: lanes }, (_, lane) =>
      onlyFunctions(
        make(`Lane${lane}`, { retentionPeriod: RETENTION, maxMessageSizeBytes: MESSAGE_BYTES_MAX }),
      ),
    )
    for (const lane of this.lanes)
      accept(
        lane,
        'SQS3',
        'A frame comes back whenever its worker died, which is no fault of the frame. With a dead-letter queue a run could lose one.',
      )
  }
}
