/**
 * What the operator is told about, and one page to look at. An alarm says that somebody should look; what it may mean is in
 * docs/operating/incidents.md and metrics-and-refusals.md. Names and numbers only: nothing here reads a record or a frame.
 */
import { Duration, Stack } from 'aws-cdk-lib'
import {
  Alarm,
  AlarmStatusWidget,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { FilterPattern, type LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import type { PartyFunctions } from './functions.ts'
import type { PartyQueues } from './queues.ts'
import type { PartyTables } from './tables.ts'

interface PartyWatchProps {
  /** Of logs and alarms. */
  readonly key: IKey
  readonly functions: PartyFunctions
  readonly tables: PartyTables
  readonly queues: PartyQueues
}

/** Events that are evidence against a party, and checks of an abort that are. */
const CONTRADICTIONS = ['equivocation', 'head-disputed']
const CHECKS = ['mask-reuse', 'share-copies-differ', 'share-digest-differs']

const PERIOD = Duration.minutes(5)
const TIMER_SILENT = Duration.minutes(15)
/** Wakes are taken at once while the worker has an instance left. */
const WAKE_AGE_S_MAX = 300

interface Threshold {
  readonly description: string
  readonly metric: IMetric
  readonly threshold?: number
  readonly periods?: number
  readonly comparison?: ComparisonOperator
  readonly missing?: TreatMissingData
}

export class PartyWatch extends Construct {
  readonly topic: Topic
  private readonly alarms: Alarm[] = []

  constructor(scope: Construct, id: string, { key, functions, tables, queues }: PartyWatchProps) {
    super(scope, id)
    this.topic = new Topic(this, 'Alarms', { masterKey: key, enforceSSL: true })
    // A policy takes the place of the one that a topic has by itself, which lets alarms of the account publish.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    )
    const { front, worker, timer, logGroups } = functions
    const inLogs = (name: string, pattern: Parameters<typeof FilterPattern.any>[0]): Metric =>
      this.countInLogs(name, logGroups, pattern)

    this.alarm('Contradiction', {
      description:
        'A party contradicts itself or another one. Save the logs of all three first (incidents.md).',
      metric: inLogs(
        'Contradictions',
        FilterPattern.any(
          ...CONTRADICTIONS.map(event => FilterPattern.stringValue('$.event', '=', event)),
          ...CHECKS.map(check => FilterPattern.stringValue('$.check', '=', check)),
        ),
      ),
    })
    const errorLines = inLogs('ErrorLines', FilterPattern.stringValue('$.level', '=', 'error'))
    this.alarm('ErrorsInLogs', {
      description: 'The party writes errors into its log.',
      metric: errorLines,
      periods: 3,
    })
    this.alarm('DeadLetters', {
      description: 'A wake failed too often. The timer wakes the request again; look why it failed.',
      metric: queues.deadLetters.metricApproximateNumberOfMessagesVisible({ period: PERIOD }),
    })
    this.alarm('WakesWait', {
      description: 'Wakes are not taken: no instance of the worker is left, or it does not start.',
      metric: queues.wake.metricApproximateAgeOfOldestMessage({ period: PERIOD }),
      threshold: WAKE_AGE_S_MAX,
      periods: 3,
    })
    this.alarm('TimerSilent', {
      description:
        'The timer did not come. Runs go on while wakes are not lost, and nothing makes a lost one good.',
      metric: timer.metricInvocations({ period: TIMER_SILENT }),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      missing: TreatMissingData.BREACHING,
    })
    for (const [name, lambda] of [
      ['Front', front],
      ['Worker', worker],
      ['Timer', timer],
    ] as const)
      this.alarm(`${name}Errors`, {
        description: `${name}: invocations end in an error, as they do while the secret has no value.`,
        metric: lambda.metricErrors({ period: PERIOD }),
        periods: 3,
      })
    this.alarm('FrontThrottled', {
      description:
        'The front refuses requests, because it has no instance left: a flood, or a limit that is too low.',
      metric: front.metricThrottles({ period: PERIOD }),
      threshold: 100,
      periods: 3,
    })
    const throttled = [throttles('durable', tables.durable), throttles('volatile', tables.volatile)]
    for (const metric of throttled)
      this.alarm(metric.label as string, {
        description:
          'DynamoDB refuses requests. More warm throughput helps when it happens at the start of runs.',
        metric,
        threshold: 100,
        periods: 3,
      })

    const { region } = Stack.of(this)
    const graph = (title: string, left: IMetric[]): GraphWidget =>
      new GraphWidget({ title, left, region, width: 8 })
    new Dashboard(this, 'Dashboard', {
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: this.alarms, width: 24, height: 4 })],
        [
          graph('Requests to the front', [
            front.metricInvocations(),
            front.metricErrors(),
            front.metricThrottles(),
          ]),
          graph('Front, ms', [
            front.metricDuration({ statistic: 'p50' }),
            front.metricDuration({ statistic: 'p95' }),
          ]),
          graph('Worker', [
            worker.metricInvocations(),
            worker.metricErrors(),
            worker.metric('ConcurrentExecutions'),
          ]),
        ],
        [
          graph('Wakes and dead letters', [
            queues.wake.metricApproximateNumberOfMessagesVisible(),
            queues.deadLetters.metricApproximateNumberOfMessagesVisible(),
          ]),
          graph(
            'Frames sent into lanes',
            queues.lanes.map(lane => lane.metricNumberOfMessagesSent()),
          ),
          graph('Error lines', [errorLines]),
        ],
        [
          graph(
            'Read units',
            [tables.durable, tables.volatile].map(table => table.metricConsumedReadCapacityUnits()),
          ),
          graph(
            'Write units',
            [tables.durable, tables.volatile].map(table => table.metricConsumedWriteCapacityUnits()),
          ),
          graph('Refused by DynamoDB', throttled),
        ],
      ],
    })
  }

  private alarm(name: string, about: Threshold): void {
    const { description, metric, threshold = 1, periods = 1, comparison, missing } = about
    const alarm = new Alarm(this, name, {
      alarmDescription: `Trias: ${description}`,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
    })
    alarm.addAlarmAction(new SnsAction(this.topic))
    this.alarms.push(alarm)
  }

  private countInLogs(
    name: string,
    groups: readonly LogGroup[],
    pattern: ReturnType<typeof FilterPattern.any>,
  ): Metric {
    const metricNamespace = `Trias/${Stack.of(this).stackName}`
    for (const [at, group] of groups.entries())
      new MetricFilter(this, `${name}${at}`, {
        logGroup: group,
        metricNamespace,
        metricName: name,
        filterPattern: pattern,
      })
    return new Metric({ namespace: metricNamespace, metricName: name, statistic: 'Sum', period: PERIOD })
  }
}

/** Reads and writes together; neither metric is there until something is refused. */
const throttles = (name: string, table: ITable): MathExpression =>
  new MathExpression({
    label: `${name === 'durable' ? 'Durable' : 'Volatile'}Throttled`,
    expression: `FILL(${name}Reads, 0) + FILL(${name}Writes, 0)`,
    usingMetrics: {
      [`${name}Reads`]: table.metric('ReadThrottleEvents', { statistic: 'Sum' }),
      [`${name}Writes`]: table.metric('WriteThrottleEvents', { statistic: 'Sum' }),
    },
    period: PERIOD,
  })
