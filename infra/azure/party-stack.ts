/**
 * A party on Azure, whole: what it may and where, its vault, its data, its app, who watches it. One subscription and one
 * resource group hold one party and nothing else.
 *
 *   data account   tables and queues: shares, documents, the audit log, frames
 *   host account   code packages, and what the host of Azure Functions keeps for itself
 *
 * Two accounts, so that who uploads code has no path to data, and the host's own rights over blobs end at its account.
 */
import { AzurermBackend, LocalBackend, TerraformOutput, TerraformStack } from 'cdktf'
import type { Construct } from 'constructs'
import { alerts } from './alerts.ts'
import { AzurermProvider, ResourceGroup, RoleAssignment, UserAssignedIdentity } from './azurerm.ts'
import { functionApp } from './function-app.ts'
import { locationPolicy } from './location-policy.ts'
import { partyNetwork } from './network.ts'
import { partyData } from './party-data.ts'
import type { PartyProps } from './props.ts'
import { protectedAccount } from './protected-account.ts'
import { partyVault } from './vault.ts'
import { logs } from './watch.ts'

export class PartyStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: PartyProps) {
    super(scope, id)
    const { party, name, subscriptionId, tenantId, location, replication, isProtected } = props
    const isPrivate = props.network !== null
    this.keepState(id, props)
    new AzurermProvider(this, 'Azure', {
      subscriptionId,
      tenantId,
      storageUseAzuread: true,
      // Which kinds of resources a subscription may have is switched on once, by its owner.
      resourceProviderRegistrations: 'none',
      features: [
        {
          // The queue and blob services of a private account cannot be asked from where Terraform runs.
          storage: [{ dataPlaneAvailable: false }],
          keyVault: [{ purgeSoftDeleteOnDestroy: false, recoverSoftDeletedKeyVaults: true }],
          // Keys cannot be deleted through the control plane; what templates made goes with what it stands in.
          templateDeployment: [{ deleteNestedItemsDuringDeletion: false }],
          resourceGroup: [{ preventDeletionIfContainsResources: true }],
          logAnalyticsWorkspace: [{ permanentlyDeleteOnDestroy: true }],
          // Would add an alert that mails to people by their role.
          applicationInsights: [{ disableGeneratedRule: true }],
        },
      ],
    })

    const group = new ResourceGroup(this, 'Group', {
      name: props.resourceGroup,
      location,
      dependsOn: locationPolicy(this, { subscriptionId, location }),
    })
    const { workspace, insights } = logs(this, { name, group, location, days: props.logDays })
    const vaultName = `${name}-vault`
    const { vault, encryption } = partyVault(this, {
      name: vaultName,
      tenantId,
      group,
      location,
      recoveryDays: props.vaultRecoveryDays,
      isPrivate,
      isProtected,
      workspace,
    })
    const account = (accountId: string, accountName: string, holdsData: boolean) =>
      protectedAccount(this, accountId, {
        name: accountName,
        group,
        location,
        replication,
        encryption,
        isPrivate,
        isProtected: isProtected && holdsData,
      })
    const [dataAccountName, hostAccountName] = [`${name}data`, `${name}host`]
    const dataAccount = account('DataAccount', dataAccountName, true)
    const hostAccount = account('HostAccount', hostAccountName, false)
    const data = partyData(this, {
      account: dataAccount,
      accountName: dataAccountName,
      group,
      lanes: props.lanes,
      isProtected,
    })

    const identity = new UserAssignedIdentity(this, 'AppIdentity', {
      name: `${name}-app`,
      resourceGroupName: group.name,
      location,
    })
    const may = (roleId: string, role: string, over: string): RoleAssignment =>
      new RoleAssignment(this, roleId, {
        scope: over,
        roleDefinitionName: role,
        principalId: identity.principalId,
        principalType: 'ServicePrincipal',
      })
    const roles = [
      may('AppTables', 'Storage Table Data Contributor', dataAccount.id),
      may('AppQueues', 'Storage Queue Data Contributor', dataAccount.id),
      // Reads the account's own properties, its location among them; no data and no keys.
      may('AppPlace', 'Reader', dataAccount.id),
      may('AppHostBlobs', 'Storage Blob Data Owner', hostAccount.id),
      may('AppSecret', 'Key Vault Secrets User', vault.id),
      may('AppMetrics', 'Monitoring Metrics Publisher', insights.id),
    ]
    const network =
      props.network === null ? null : partyNetwork(this, { ...props.network, name, group, location })
    const paths =
      network === null
        ? []
        : [
            ...network.ready,
            network.connect('data-table', 'table', dataAccount.id),
            network.connect('data-queue', 'queue', dataAccount.id),
            network.connect('host-blob', 'blob', hostAccount.id),
            network.connect('secret', 'vault', vault.id),
          ]
    const appName = `${name}-app`
    const app = functionApp(this, {
      ...props,
      name: appName,
      group,
      identity,
      dataAccountName,
      dataAccountId: dataAccount.id,
      hostAccount,
      hostAccountName,
      vaultName,
      insights,
      subnetId: network?.subnetId ?? null,
      after: [...data, ...roles, ...paths],
    })
    alerts(this, {
      name,
      group,
      location,
      workspace,
      appId: `${group.id}/providers/Microsoft.Web/sites/${appName}`,
      vaultId: vault.id,
      dataAccountId: dataAccount.id,
      actionGroupId: props.actionGroupId,
      after: [app],
    })

    for (const [output, value] of Object.entries({
      party: String(party),
      endpoint: `https://${appName}.azurewebsites.net`,
      app: appName,
      vault: vaultName,
      resource_group: props.resourceGroup,
      ...(network === null ? {} : { egress_address: network.egressAddress }),
    }))
      new TerraformOutput(this, output, { value, staticId: true })
  }

  /**
   * The state holds no secret of the party, but the keys of both accounts, which Azure makes and these accounts refuse.
   * Whoever can write it can make Terraform delete.
   */
  private keepState(id: string, { state, subscriptionId, tenantId }: PartyProps): void {
    if (state === null) {
      // Beside cdktf.out, which every synthesis may replace.
      new LocalBackend(this, { path: `../../../${id}.tfstate` })
      return
    }
    new AzurermBackend(this, {
      resourceGroupName: state.resourceGroup,
      storageAccountName: state.account,
      containerName: state.container,
      key: `${id}.tfstate`,
      subscriptionId,
      tenantId,
      useAzureadAuth: true,
    })
  }
}
