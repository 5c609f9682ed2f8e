/**
 * The one door to the azurerm provider. CDKTF is archived and goes on as CDK Terrain (`cdktn`): whoever changes over edits
 * the prefix of these lines and one import in each file that names `cdktf`. Deep paths, because the barrel of the package
 * loads some fifteen hundred modules, which takes seconds and half a gigabyte. A test holds both.
 */
export { ApplicationInsights } from '@cdktf/provider-azurerm/lib/application-insights/index.js'
export { KeyVault } from '@cdktf/provider-azurerm/lib/key-vault/index.js'
export { LogAnalyticsWorkspace } from '@cdktf/provider-azurerm/lib/log-analytics-workspace/index.js'
export { ManagementLock } from '@cdktf/provider-azurerm/lib/management-lock/index.js'
export { MonitorDiagnosticSetting } from '@cdktf/provider-azurerm/lib/monitor-diagnostic-setting/index.js'
export { MonitorMetricAlert } from '@cdktf/provider-azurerm/lib/monitor-metric-alert/index.js'
export { MonitorScheduledQueryRulesAlertV2 } from '@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2/index.js'
export { NatGateway } from '@cdktf/provider-azurerm/lib/nat-gateway/index.js'
export { NatGatewayPublicIpAssociation } from '@cdktf/provider-azurerm/lib/nat-gateway-public-ip-association/index.js'
export {
  NetworkSecurityGroup,
  type NetworkSecurityGroupSecurityRule,
} from '@cdktf/provider-azurerm/lib/network-security-group/index.js'
export { PrivateDnsZone } from '@cdktf/provider-azurerm/lib/private-dns-zone/index.js'
export { PrivateDnsZoneVirtualNetworkLink } from '@cdktf/provider-azurerm/lib/private-dns-zone-virtual-network-link/index.js'
export { PrivateEndpoint } from '@cdktf/provider-azurerm/lib/private-endpoint/index.js'
export { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider/index.js'
export { PublicIp } from '@cdktf/provider-azurerm/lib/public-ip/index.js'
export { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group/index.js'
export { ResourceGroupTemplateDeployment } from '@cdktf/provider-azurerm/lib/resource-group-template-deployment/index.js'
export { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment/index.js'
export { ServicePlan } from '@cdktf/provider-azurerm/lib/service-plan/index.js'
export { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account/index.js'
export { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container/index.js'
export { StorageQueue } from '@cdktf/provider-azurerm/lib/storage-queue/index.js'
export { Subnet } from '@cdktf/provider-azurerm/lib/subnet/index.js'
export { SubnetNatGatewayAssociation } from '@cdktf/provider-azurerm/lib/subnet-nat-gateway-association/index.js'
export { SubnetNetworkSecurityGroupAssociation } from '@cdktf/provider-azurerm/lib/subnet-network-security-group-association/index.js'
export { SubscriptionPolicyAssignment } from '@cdktf/provider-azurerm/lib/subscription-policy-assignment/index.js'
export { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity/index.js'
export { VirtualNetwork } from '@cdktf/provider-azurerm/lib/virtual-network/index.js'
