/**
 * What somebody should be woken for. Queries see the lines that the party writes, metrics what the platform sees of it.
 * Whom they tell is an action group of the operator's: names and addresses of people stay out of this stack.
 */
import type { ITerraformDependable } from 'cdktf'
import type { Construct } from 'constructs'
import {
  type LogAnalyticsWorkspace,
  MonitorMetricAlert,
  MonitorScheduledQueryRulesAlertV2,
  type ResourceGroup,
} from './azurerm.ts'

interface AlertsProps {
  readonly name: string
  readonly group: ResourceGroup
  readonly location: string
  readonly workspace: LogAnalyticsWorkspace
  readonly appId: string
  readonly vaultId: string
  readonly dataAccountId: string
  readonly actionGroupId: string | null
  /** The app, which is no resource of the provider and so has no id that Terraform could wait for. */
  readonly after: ITerraformDependable[]
}

/** As Azure counts: 0 is the worst. */
const [CRITICAL, ERROR, WARNING] = [0, 1, 2]

const LINES = 'AppTraces | extend line = parse_json(Message)'

const QUERIES = [
  {
    name: 'log-disputed',
    severity: CRITICAL,
    description: 'A peer holds another head of a log than this party: incidents.md, "a disputed log".',
    query: `${LINES} | where tostring(line.event) == "head-disputed"`,
  },
  {
    name: 'errors',
    severity: ERROR,
    description: 'The party wrote a line of level error: a worker failed, a wake was given up.',
    query: `${LINES} | where tostring(line.level) == "error"`,
  },
  {
    name: 'failures',
    severity: ERROR,
    description: 'An invocation of a function failed, or the front answered 5xx.',
    query: 'AppRequests | where Success == false and toint(ResultCode) !between (400 .. 499)',
  },
  {
    name: 'timer-silent',
    severity: CRITICAL,
    description: 'The timer, which runs each minute, did not: the party is down.',
    // A summary has a row even over nothing.
    query: 'AppRequests | where Name == "timer" | summarize runs = count() | where runs == 0',
  },
] as const

const METRICS = [
  {
    name: 'storage-unavailable',
    severity: CRITICAL,
    of: 'dataAccountId',
    metricNamespace: 'Microsoft.Storage/storageAccounts',
    metricName: 'Availability',
    aggregation: 'Average',
    operator: 'LessThan',
    threshold: 99,
    description:
      'Tables or queues did not answer; when the key is disabled or gone, they answer nothing at all.',
  },
  {
    name: 'vault-unavailable',
    severity: CRITICAL,
    of: 'vaultId',
    metricNamespace: 'Microsoft.KeyVault/vaults',
    metricName: 'Availability',
    aggregation: 'Average',
    operator: 'LessThan',
    threshold: 99,
    description: 'The vault did not answer: no process of the party can start.',
  },
  {
    name: 'front-errors',
    severity: WARNING,
    of: 'appId',
    metricNamespace: 'Microsoft.Web/sites',
    metricName: 'Http5xx',
    aggregation: 'Total',
    operator: 'GreaterThan',
    threshold: 5,
    description: 'The front answered 5xx more than five times in five minutes, as the platform counts.',
  },
] as const

export const alerts = (scope: Construct, props: AlertsProps): void => {
  const { name, group, location, workspace, actionGroupId, after } = props
  for (const one of QUERIES)
    new MonitorScheduledQueryRulesAlertV2(scope, `Alert-${one.name}`, {
      name: `${name}-${one.name}`,
      resourceGroupName: group.name,
      location,
      description: one.description,
      severity: one.severity,
      scopes: [workspace.id],
      evaluationFrequency: 'PT5M',
      windowDuration: 'PT10M',
      criteria: [{ query: one.query, timeAggregationMethod: 'Count', operator: 'GreaterThan', threshold: 0 }],
      // The tables exist from the first line on, and the alert must before.
      skipQueryValidation: true,
      autoMitigationEnabled: true,
      ...(actionGroupId === null ? {} : { action: { actionGroups: [actionGroupId] } }),
    })
  for (const { name: alert, of, severity, description, ...criterion } of METRICS)
    new MonitorMetricAlert(scope, `Alert-${alert}`, {
      name: `${name}-${alert}`,
      resourceGroupName: group.name,
      description,
      severity,
      scopes: [props[of]],
      frequency: 'PT5M',
      windowSize: 'PT5M',
      criteria: [criterion],
      ...(actionGroupId === null ? {} : { action: [{ actionGroupId }] }),
      dependsOn: after,
    })
}
