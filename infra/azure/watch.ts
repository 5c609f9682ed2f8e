/** Where logs and metrics go: one workspace in the region, which takes no keys. No row, share or name is ever in a log. */
import type { Construct } from 'constructs'
import { ApplicationInsights, LogAnalyticsWorkspace, type ResourceGroup } from './azurerm.ts'

interface WatchProps {
  readonly name: string
  readonly group: ResourceGroup
  readonly location: string
  readonly days: number
}

/** More than a busy party writes; a fault that logs in circles ends here and not on the bill. */
const GIGABYTES_A_DAY = 1

export const logs = (
  scope: Construct,
  { name, group, location, days }: WatchProps,
): { readonly workspace: LogAnalyticsWorkspace; readonly insights: ApplicationInsights } => {
  const workspace = new LogAnalyticsWorkspace(scope, 'Workspace', {
    name: `${name}-logs`,
    resourceGroupName: group.name,
    location,
    sku: 'PerGB2018',
    retentionInDays: days,
    dailyQuotaGb: GIGABYTES_A_DAY,
    localAuthenticationEnabled: false,
  })
  const insights = new ApplicationInsights(scope, 'Insights', {
    name: `${name}-insights`,
    resourceGroupName: group.name,
    location,
    workspaceId: workspace.id,
    applicationType: 'Node.JS',
    localAuthenticationDisabled: true,
    disableIpMasking: false,
    // Every line counts: an alert must not hang on a sample.
    samplingPercentage: 100,
  })
  return { workspace, insights }
}
