/**
 * Three keys of the operator's own, one a purpose, so that each can be granted, watched and destroyed by itself. None is a
 * multi-Region key: such a key can be replicated, and with it what it encrypts can be read elsewhere.
 */
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { Construct } from 'constructs'
import { logGroupsOf } from './names.ts'

interface PartyKeysProps {
  /** The keys of data are scheduled for deletion with the stack, instead of outliving it. */
  readonly retire: boolean
}

/** Long enough to notice that a key is about to go; KMS takes no more. */
const PENDING = Duration.days(30)

export class PartyKeys extends Construct {
  /** Tables, queues, environment of the functions. */
  readonly state: Key
  /** The secret with the seeds of the party, and nothing else. */
  readonly secret: Key
  /** Logs and the alarm topic: who reads them needs neither of the other two. */
  readonly operations: Key

  constructor(scope: Construct, id: string, { retire }: PartyKeysProps) {
    super(scope, id)
    const make = (name: string, description: string, removalPolicy: RemovalPolicy): Key =>
      new Key(this, name, {
        description,
        enableKeyRotation: true,
        multiRegion: false,
        pendingWindow: PENDING,
        removalPolicy,
      })
    const ofData = retire ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN
    this.state = make('State', 'Trias: tables, queues and settings of the functions', ofData)
    this.secret = make('Secret', 'Trias: the secret with the seeds of the party', ofData)
    // Logs are evidence, also of the end of the party, and stay readable until they expire.
    this.operations = make('Operations', 'Trias: logs and alarms', RemovalPolicy.RETAIN)
    this.onlyThroughSecretsManager()
    this.forLogsAndAlarms()
  }

  /** A seed that somebody copied out of Secrets Manager in its encrypted form cannot be opened with this key. */
  private onlyThroughSecretsManager(): void {
    const { region, urlSuffix } = Stack.of(this)
    this.secret.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyThroughSecretsManager',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:GenerateDataKey',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
        ],
        resources: ['*'],
        conditions: { StringNotEquals: { 'kms:ViaService': `secretsmanager.${region}.${urlSuffix}` } },
      }),
    )
  }

  private forLogsAndAlarms(): void {
    const stack = Stack.of(this)
    const { region, urlSuffix } = stack
    this.operations.addToResourcePolicy(
      new PolicyStatement({
        sid: 'LogsOfThisStack',
        principals: [new ServicePrincipal(`logs.${region}.${urlSuffix}`)],
        actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        resources: ['*'],
        conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroupsOf(stack) } },
      }),
    )
    this.operations.addToResourcePolicy(
      new PolicyStatement({
        // Whose alarms these may be, the policy of the topic says.
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
      }),
    )
  }
}
