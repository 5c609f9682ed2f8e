/**
 * The functions of a party, as one Flex Consumption app. The app itself is an ARM resource: azurerm 4.55 gives an app that
 * reaches its storage by identity an empty `AzureWebJobsStorage`, which the host takes for a connection string and does
 * not start (hashicorp/terraform-provider-azurerm 29693, 29149). Here a setting that is not listed does not exist.
 */
import type { ITerraformDependable } from 'cdktf'
import type { Construct } from 'constructs'
import host from '../../functions/azure/host.json' with { type: 'json' }
import { type ArmResource, armDeployment } from './arm-deployment.ts'
import {
  type ApplicationInsights,
  type ResourceGroup,
  ServicePlan,
  type StorageAccount,
  StorageContainer,
  type UserAssignedIdentity,
} from './azurerm.ts'
import { DURABLE, laneQueues, VOLATILE, WAKE } from './party-data.ts'
import type { PartyProps } from './props.ts'

/** Of the bundle that `npm run build:functions` makes. */
const NODE_VERSION = '24'
const MEMORY_MIB = 2048
/** Each may hold a frame of some megabytes. */
const REQUESTS_PER_INSTANCE = 16
const PACKAGES = 'packages'

type Chosen = Pick<
  PartyProps,
  'party' | 'location' | 'lanes' | 'callers' | 'deployers' | 'warmFronts' | 'instancesMax' | 'settings'
>

interface FunctionAppProps extends Chosen {
  readonly name: string
  readonly group: ResourceGroup
  /** Of the app and of nothing else. */
  readonly identity: UserAssignedIdentity
  readonly dataAccountName: string
  readonly dataAccountId: string
  readonly hostAccount: StorageAccount
  readonly hostAccountName: string
  readonly vaultName: string
  readonly insights: ApplicationInsights
  /** null: the app speaks from addresses of the platform. */
  readonly subnetId: string | null
  /** Roles, tables, queues and paths: what must be there when the app starts. */
  readonly after: readonly ITerraformDependable[]
}

/** `hh:mm:ss` of host.json. */
const secondsOf = (text: string): number =>
  text.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0)

/** A connection by identity, as the host of Azure Functions reads it. */
const byIdentity = (connection: string, account: string, clientId: string): Record<string, string> => ({
  [`${connection}__accountName`]: account,
  [`${connection}__credential`]: 'managedidentity',
  [`${connection}__clientId`]: clientId,
})

const settingsOf = (props: FunctionAppProps): Record<string, string> => {
  const {
    party,
    identity,
    dataAccountName,
    dataAccountId,
    hostAccountName,
    vaultName,
    insights,
    lanes,
    settings,
  } = props
  return {
    ...byIdentity('AzureWebJobsStorage', hostAccountName, identity.clientId),
    ...byIdentity('TRIAS_STORAGE', dataAccountName, identity.clientId),
    TRIAS_STORAGE_ID: dataAccountId,
    TRIAS_STORAGE__queueServiceUri: `https://${dataAccountName}.queue.core.windows.net`,
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights.connectionString,
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: `ClientId=${identity.clientId};Authorization=AAD`,
    TRIAS_PARTY: String(party),
    TRIAS_DURABLE_TABLE: DURABLE,
    TRIAS_VOLATILE_TABLE: VOLATILE,
    TRIAS_LANE_QUEUES: laneQueues(lanes).join(),
    TRIAS_WAKE_QUEUE: WAKE,
    TRIAS_KEY_VAULT_URL: `https://${vaultName}.vault.azure.net`,
    TRIAS_WORKER_SECONDS: String(secondsOf(host.functionTimeout)),
    ...settings,
  }
}

const admit = (ranges: readonly string[]) => ({
  rules: ranges.map((ipAddress, index) => ({
    name: `range-${index}`,
    ipAddress,
    action: 'Allow',
    priority: 100 + index,
  })),
  otherwise: ranges.length === 0 ? 'Allow' : 'Deny',
})

const site = (props: FunctionAppProps, planId: string): ArmResource => {
  const { name, location, identity, hostAccountName, subnetId, warmFronts, instancesMax } = props
  const callers = admit(props.callers)
  const deployers = admit(props.deployers)
  return {
    type: 'Microsoft.Web/sites',
    apiVersion: '2024-04-01',
    name,
    location,
    kind: 'functionapp,linux',
    identity: { type: 'UserAssigned', userAssignedIdentities: { [identity.id]: {} } },
    properties: {
      serverFarmId: planId,
      httpsOnly: true,
      publicNetworkAccess: 'Enabled',
      ...(subnetId === null ? {} : { virtualNetworkSubnetId: subnetId }),
      functionAppConfig: {
        deployment: {
          storage: {
            type: 'blobContainer',
            value: `https://${hostAccountName}.blob.core.windows.net/${PACKAGES}`,
            authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id },
          },
        },
        runtime: { name: 'node', version: NODE_VERSION },
        scaleAndConcurrency: {
          alwaysReady: warmFronts === 0 ? [] : [{ name: 'http', instanceCount: warmFronts }],
          maximumInstanceCount: instancesMax,
          instanceMemoryMB: MEMORY_MIB,
          triggers: { http: { perInstanceConcurrency: REQUESTS_PER_INSTANCE } },
        },
      },
      siteConfig: {
        minTlsVersion: '1.3',
        scmMinTlsVersion: '1.2',
        http20Enabled: true,
        ftpsState: 'Disabled',
        remoteDebuggingEnabled: false,
        ipSecurityRestrictions: callers.rules,
        ipSecurityRestrictionsDefaultAction: callers.otherwise,
        scmIpSecurityRestrictions: deployers.rules,
        scmIpSecurityRestrictionsDefaultAction: deployers.otherwise,
        scmIpSecurityRestrictionsUseMain: false,
        appSettings: Object.entries(settingsOf(props)).map(([setting, value]) => ({ name: setting, value })),
      },
    },
  }
}

/** Code is uploaded with an Entra ID token alone; user name and password of the publishing profile are off. */
const noPasswords = (app: string): ArmResource[] =>
  ['ftp', 'scm'].map(door => ({
    type: 'Microsoft.Web/sites/basicPublishingCredentialsPolicies',
    apiVersion: '2024-04-01',
    name: `${app}/${door}`,
    properties: { allow: false },
    dependsOn: [`[resourceId('Microsoft.Web/sites', '${app}')]`],
  }))

export const functionApp = (scope: Construct, props: FunctionAppProps) => {
  const { name, group, location, hostAccount, after } = props
  const packages = new StorageContainer(scope, 'Packages', {
    name: PACKAGES,
    storageAccountId: hostAccount.id,
    containerAccessType: 'private',
  })
  const plan = new ServicePlan(scope, 'Plan', {
    name: `${name}-plan`,
    resourceGroupName: group.name,
    location,
    osType: 'Linux',
    skuName: 'FC1',
  })
  return armDeployment(scope, 'App', {
    name: 'function-app',
    group,
    resources: [site(props, plan.id), ...noPasswords(name)],
    after: [packages, ...after],
  })
}
