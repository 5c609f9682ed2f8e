/**
 * One party on AWS: everything between an empty account and a party that waits for its keys. One region, one account,
 * nothing that another account or region can reach but the front, whose messages are all signed.
 */
import { CfnOutput, Fn, Stack } from 'aws-cdk-lib'
import type { WarmThroughput } from 'aws-cdk-lib/aws-dynamodb'
import { Code, FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { PartyFunctions, WORKER_TIMEOUT } from './functions.ts'
import { PartyKeys } from './keys.ts'
import { stackNameOf } from './names.ts'
import { type NetworkOptions, PartyNetwork } from './network.ts'
import { PartyQueues } from './queues.ts'
import { PartyRoles } from './roles.ts'
import { PartySecret } from './secret.ts'
import { PartyTables } from './tables.ts'
import { PartyWatch } from './watch.ts'

export interface PartyStackProps {
  readonly account: string
  readonly region: string
  readonly party: 0 | 1 | 2
  /** The deployment package, as `npm run build:functions` makes it. */
  readonly packageDirectory: string
  /**
   * NONE: anybody may call, and the front believes nothing but signatures; peers and members are no principals of AWS.
   * AWS_IAM: for an account that puts something of its own before the front, which signs for AWS what it passes on.
   */
  readonly urlAuth: 'NONE' | 'AWS_IAM'
  readonly frontConcurrency: number
  readonly lanes: number
  readonly pointInTimeRecoveryDays: number
  readonly logRetention: RetentionDays
  readonly warmThroughput?: WarmThroughput
  /** See `PartyTables`. It begins with the name of the stack, or the boundary does not let the functions use it. */
  readonly restoredTable?: string
  readonly network?: NetworkOptions
  /** More variables of the functions, as in docs/reference/configuration.md. */
  readonly environment: Readonly<Record<string, string>>
  /** Everything may be deleted. For the last deployment before the stack goes. */
  readonly retire: boolean
}

export class PartyStack extends Stack {
  /** CloudFormation knows the zones; the CDK would ask the account for them, and write a dummy where it cannot. */
  override get availabilityZones(): string[] {
    return [0, 1].map(zone => Fn.select(zone, Fn.getAzs()))
  }

  constructor(scope: Construct, id: string, props: PartyStackProps) {
    const { account, region, party, retire, logRetention } = props
    super(scope, id, {
      stackName: stackNameOf(party),
      description: `Trias: party ${party}`,
      env: { account, region },
      terminationProtection: !retire,
    })
    const keys = new PartyKeys(this, 'Keys', { retire })
    const roles = new PartyRoles(this, 'Roles')
    const logs = { key: keys.operations, retention: logRetention }
    const network =
      props.network === undefined
        ? undefined
        : new PartyNetwork(this, 'Network', { ...props.network, logs, retire })
    const tables = new PartyTables(this, 'Tables', {
      key: keys.state,
      roleArns: roles.arns,
      pointInTimeRecoveryDays: props.pointInTimeRecoveryDays,
      retire,
      ...(network === undefined ? {} : { endpointId: network.tableEndpointId }),
      ...(props.warmThroughput === undefined ? {} : { warmThroughput: props.warmThroughput }),
      ...(props.restoredTable === undefined ? {} : { restoredTable: props.restoredTable }),
    })
    const queues = new PartyQueues(this, 'Queues', {
      key: keys.state,
      roleArns: roles.arns,
      lanes: props.lanes,
      workerTimeout: WORKER_TIMEOUT,
    })
    const secret = new PartySecret(this, 'Secret', { key: keys.secret, roleArns: roles.arns, retire })
    const functions = new PartyFunctions(this, 'Functions', {
      code: Code.fromAsset(props.packageDirectory),
      environment: {
        TRIAS_PARTY: String(party),
        TRIAS_DURABLE_TABLE: tables.durable.tableName,
        TRIAS_VOLATILE_TABLE: tables.volatile.tableName,
        TRIAS_LANE_QUEUE_URLS: Fn.join(
          ',',
          queues.lanes.map(lane => lane.queueUrl),
        ),
        TRIAS_WAKE_QUEUE_URL: queues.wake.queueUrl,
        TRIAS_SECRET_ID: secret.arn,
        ...props.environment,
      },
      roles,
      keys,
      tables,
      queues,
      secret,
      logs,
      urlAuth: FunctionUrlAuthType[props.urlAuth],
      frontConcurrency: props.frontConcurrency,
      ...(network === undefined ? {} : { place: network.place }),
    })
    const watch = new PartyWatch(this, 'Watch', { key: keys.operations, functions, tables, queues })

    const output = (name: string, description: string, value: string): void => {
      new CfnOutput(this, name, { description, value })
    }
    output('Endpoint', 'for the card of the party, and so for the manifest', functions.url.url)
    output('SecretId', 'where the operator writes the seeds of the party', secret.arn)
    output('AlarmTopic', 'where the operator subscribes to alarms', watch.topic.topicArn)
    output('DurableTable', 'the table to back up', tables.durable.tableName)
    output('VolatileTable', 'the table that is in no backup', tables.volatile.tableName)
    output('StateKey', 'the key whose deletion makes tables and their backups unreadable', keys.state.keyArn)
    output('SecretKey', 'the key whose deletion makes the seeds unreadable', keys.secret.keyArn)
  }
}
