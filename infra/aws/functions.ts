/** The three functions of a party, what calls them, and the rights that each of them has. */
import { Duration } from 'aws-cdk-lib'
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  type Code,
  EventSourceMapping,
  type FunctionProps,
  type FunctionUrl,
  type FunctionUrlAuthType,
  Function as Lambda,
  LoggingFormat,
  RecursiveLoop,
  Runtime,
} from 'aws-cdk-lib/aws-lambda'
import type { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { PartyKeys } from './keys.ts'
import { type LogKeeping, logGroup } from './logs.ts'
import type { PartyQueues } from './queues.ts'
import { type FunctionName, RIGHTS } from './rights.ts'
import { KEY_USE, letJoinNetwork, type PartyRoles } from './roles.ts'
import type { PartySecret } from './secret.ts'
import type { PartyTables } from './tables.ts'

export interface FunctionsPlace {
  readonly vpc: IVpc
  readonly vpcSubnets: SubnetSelection
  readonly securityGroups: ISecurityGroup[]
}

interface PartyFunctionsProps {
  readonly code: Code
  readonly environment: Readonly<Record<string, string>>
  readonly roles: PartyRoles
  readonly keys: PartyKeys
  readonly tables: PartyTables
  readonly queues: PartyQueues
  readonly secret: PartySecret
  readonly logs: LogKeeping
  readonly urlAuth: FunctionUrlAuthType
  /** How many requests are answered at once; all others are refused by Lambda, and sent again by whoever made them. */
  readonly frontConcurrency: number
  /** The private network; left out, none. */
  readonly place?: FunctionsPlace
}

const FRONT_TIMEOUT = Duration.seconds(30)
/** The most that Lambda gives. A worker hands over to its successor shortly before. */
export const WORKER_TIMEOUT = Duration.minutes(15)
const TIMER_TIMEOUT = Duration.seconds(60)
/** Lambda gives a whole processor at 1,769 MB, and vectors of a stage take some hundred megabytes. */
const WORKER_MB = 2048
/** A frame of 4 MiB stands in memory several times while it is verified and stored. */
const FRONT_MB = 1024
const TIMER_MB = 512

export class PartyFunctions extends Construct {
  readonly front: Lambda
  readonly worker: Lambda
  readonly timer: Lambda
  readonly url: FunctionUrl
  readonly logGroups: readonly LogGroup[]

  constructor(scope: Construct, id: string, props: PartyFunctionsProps) {
    super(scope, id)
    const { code, environment, roles, keys, queues, logs, place } = props
    const logGroups: LogGroup[] = []
    const make = (
      name: string,
      handler: FunctionName,
      about: Pick<
        FunctionProps,
        'description' | 'memorySize' | 'timeout' | 'reservedConcurrentExecutions' | 'recursiveLoop'
      >,
    ): Lambda => {
      const role = roles.of[handler]
      const group = logGroup(this, `${name}Logs`, logs)
      logGroups.push(group)
      this.grant(role, handler, group, props)
      return new Lambda(this, name, {
        ...about,
        code,
        handler: `${handler}.handler`,
        runtime: Runtime.NODEJS_24_X,
        architecture: Architecture.ARM_64,
        role,
        environment,
        environmentEncryption: keys.state,
        logGroup: group,
        loggingFormat: LoggingFormat.JSON,
        ...(place ?? {}),
      })
    }
    const lanes = queues.lanes.length
    this.front = make('Front', 'http', {
      description: 'Trias: verifies, stores and wakes',
      memorySize: FRONT_MB,
      timeout: FRONT_TIMEOUT,
      reservedConcurrentExecutions: props.frontConcurrency,
    })
    this.worker = make('Worker', 'worker', {
      description: 'Trias: executes runs',
      // A worker calls its successor through the queue that called it. Lambda takes a chain of sixteen for a mistake and
      // ends it, unless it is told that the loop is meant.
      recursiveLoop: RecursiveLoop.ALLOW,
      memorySize: WORKER_MB,
      timeout: WORKER_TIMEOUT,
      reservedConcurrentExecutions: lanes,
    })
    this.timer = make('Timer', 'timer', {
      description: 'Trias: makes lost wakes good',
      memorySize: TIMER_MB,
      timeout: TIMER_TIMEOUT,
      reservedConcurrentExecutions: 1,
    })
    this.logGroups = logGroups

    this.url = this.front.addFunctionUrl({ authType: props.urlAuth })
    new EventSourceMapping(this, 'Wakes', {
      target: this.worker,
      eventSourceArn: queues.wake.queueArn,
      batchSize: 1,
      reportBatchItemFailures: true,
      maxConcurrency: lanes,
    })
    // The next minute brings another one; a tick that comes late is of no use.
    const target = new LambdaFunction(this.timer, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })
    new Rule(this, 'EachMinute', {
      description: 'Trias: makes lost wakes good',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [target],
    })
  }

  /** Each right names single resources; the exceptions are what AWS offers no resource for. */
  private grant(role: Role, name: FunctionName, logs: LogGroup, props: PartyFunctionsProps): void {
    const { keys, tables, queues, secret, place } = props
    const allow = (sid: string, actions: readonly string[], resources: readonly string[]): void => {
      if (actions.length === 0) return
      role.addToPolicy(new PolicyStatement({ sid, actions: [...actions], resources: [...resources] }))
    }
    const rights = RIGHTS[name]
    allow('Durable', rights.durable, [tables.durable.tableArn])
    allow('Volatile', rights.volatile, [tables.volatile.tableArn])
    allow(
      'Lanes',
      rights.lanes,
      queues.lanes.map(lane => lane.queueArn),
    )
    allow('Wake', rights.wake, [queues.wake.queueArn])
    allow('State', KEY_USE, [keys.state.keyArn])
    allow('Seeds', ['secretsmanager:GetSecretValue'], [secret.arn])
    allow('SeedsKey', ['kms:Decrypt'], [keys.secret.keyArn])
    allow('Logs', ['logs:CreateLogStream', 'logs:PutLogEvents'], [logs.logGroupArn])
    if (place !== undefined) letJoinNetwork(role)
  }
}
