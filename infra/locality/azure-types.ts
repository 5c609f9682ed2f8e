/** Resource types of azurerm and of ARM templates that a party may consist of. */

/** These say where they are. */
const WITH_LOCATION = `application_insights key_vault log_analytics_workspace monitor_scheduled_query_rules_alert_v2
nat_gateway network_security_group private_endpoint public_ip resource_group service_plan storage_account
user_assigned_identity virtual_network function_app_flex_consumption linux_function_app route_table`

/** These stand in, or belong to, something that says it; zones of names and alerts over metrics have no place at all. */
const WITHOUT_LOCATION = `management_lock monitor_action_group monitor_diagnostic_setting monitor_metric_alert
nat_gateway_public_ip_association private_dns_zone private_dns_zone_virtual_network_link
resource_group_policy_assignment resource_group_template_deployment role_assignment storage_account_customer_managed_key
storage_account_network_rules storage_container storage_queue subnet subnet_nat_gateway_association
subnet_network_security_group_association subnet_route_table_association subscription_policy_assignment
management_group_policy_assignment`

const azurerm = (names: string): ReadonlySet<string> =>
  new Set(names.split(/\s+/).map(name => `azurerm_${name}`))

export const LOCATED_TYPES = azurerm(WITH_LOCATION)
export const ALLOWED_AZURE_TYPES: ReadonlySet<string> = new Set([
  ...LOCATED_TYPES,
  ...azurerm(WITHOUT_LOCATION),
])

/** Inside ARM templates; true when the type has a location. */
export const ARM_TYPES: ReadonlyMap<string, boolean> = new Map([
  ['Microsoft.KeyVault/vaults/keys', false],
  ['Microsoft.Storage/storageAccounts/tableServices/tables', false],
  ['Microsoft.Web/sites', true],
  ['Microsoft.Web/sites/basicPublishingCredentialsPolicies', false],
])

/** One rule each, so that a report says what such a resource would do. */
export const NAMED_AZURE_TYPES = {
  'AZ-OBJECT-REPLICATION': /^azurerm_storage_object_replication$/,
  'AZ-POLICY-EXEMPTION': /_policy_exemption$/,
  'AZ-POLICY-REMEDIATION': /_policy_(remediation|definition|set_definition)$/,
  'AZ-LOG-EXPORT':
    /^azurerm_(log_analytics_(data_export_rule|linked_storage_account|linked_service|cluster.*|datasource.*)|eventhub.*|monitor_data_collection.*|monitor_private_link.*|sentinel.*)$/,
  'AZ-BACKUP': /^azurerm_(backup_|data_protection_|recovery_|site_recovery_)/,
  'AZ-EDGE': /^azurerm_(cdn_|frontdoor|traffic_manager|cross_region)/,
  'AZ-COSMOS': /^azurerm_cosmosdb_/,
  'AZ-TABLE-BY-KEY': /^azurerm_storage_table(_entity)?$/,
  'AZ-FEDERATED-CREDENTIAL': /^azurerm_federated_identity_credential$/,
  'AZ-REGISTRY': /^azurerm_container_registry/,
  'AZ-SUBSCRIPTION-TEMPLATE': /^azurerm_(subscription|tenant|management_group)_template_deployment$/,
  'AZ-VAULT-CONTENT': /^azurerm_key_vault_(secret|certificate)/,
} as const
