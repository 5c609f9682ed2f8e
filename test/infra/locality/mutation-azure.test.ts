// biome-ignore-all lint/suspicious/noAssignInExpressions: a mutation is an assignment, and the table of them shall be read by line
/**
 * Deliberate violations of the stack that is really synthesized for Azure. Each is found by the rule that names it, once,
 * and by no other; the stack as it is has no finding.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkAzureStack } from '../../../infra/locality/azure.ts'
import { AZURE_RULES } from '../../../infra/locality/azure-rules.ts'
import { checkDirectory, readTemplates } from '../../../infra/locality/directory.ts'
import { checkSeparation } from '../../../infra/locality/separation.ts'
import { readJson, synthesizeAzure, type Template } from './synthesized.ts'

const home = { location: 'germanywestcentral' }
let directory: string
let stack: Template

beforeAll(() => {
  directory = synthesizeAzure()
  stack = readJson(directory, 'stacks', 'trias-party-1', 'cdk.tf.json')
})
afterAll(() => rmSync(directory, { recursive: true }))

const first = (s: Template, type: string, name?: string): Template => {
  const found = Object.entries((s.resource[`azurerm_${type}`] ?? {}) as Template).find(
    ([own]) => name === undefined || own === name,
  )
  if (found === undefined) throw new Error(`the stack has no ${type}`)
  return found[1]
}
const add =
  (type: string, body: Template = { name: 'added' }) =>
  (s: Template): void => {
    s.resource[`azurerm_${type}`] = { ...s.resource[`azurerm_${type}`], Added: body }
  }
const account = (s: Template): Template => first(s, 'storage_account', 'DataAccount')
const vault = (s: Template): Template => first(s, 'key_vault')
const insights = (s: Template): Template => first(s, 'application_insights')
const workspace = (s: Template): Template => first(s, 'log_analytics_workspace')
const policy = (s: Template): Template => first(s, 'subscription_policy_assignment', 'AllowedLocations')
/** Changes the ARM template of the app. */
const app =
  (mutate: (site: Template, template: Template) => void) =>
  (s: Template): void => {
    const deployment = first(s, 'resource_group_template_deployment', 'App')
    const template = JSON.parse(deployment.template_content) as Template
    mutate(template.resources[0], template)
    deployment.template_content = JSON.stringify(template)
  }
const setting = (name: string, value: string) =>
  app(site => site.properties.siteConfig.appSettings.push({ name, value }))

const MUTATIONS: readonly (readonly [name: string, rule: string, mutate: (s: Template) => void])[] = [
  ['no resources', 'AZ-FORMAT', s => void Object.assign(s, { resource: {}, output: {} })],
  ['a module', 'AZ-NESTED', s => void (s.module = { other: { source: 'x' } })],
  ['a look-up', 'AZ-NESTED', s => void (s.data = { azurerm_subscription: { x: {} } })],
  ['a variable', 'AZ-NESTED', s => void (s.variable = { location: {} })],
  ['a script at deployment', 'AZ-NESTED', s => void (account(s).provisioner = [{ 'local-exec': {} }])],
  [
    'values for a template that are not in it',
    'AZ-NESTED',
    s => void (first(s, 'resource_group_template_deployment', 'Tables').parameters_content = '{}'),
  ],
  [
    'many resources in place of one',
    'AZ-NESTED',
    s => void (first(s, 'storage_queue').for_each = ['a', 'b']),
  ],
  ['a list of bodies', 'AZ-FORMAT', s => void (s.resource.azurerm_storage_queue.More = [{ name: 'x' }])],
  [
    'a template nobody can read',
    'AZ-NESTED',
    s =>
      void (first(s, 'resource_group_template_deployment', 'Tables').template_content = '$' + '{file("x")}'),
  ],
  ['a second provider', 'AZ-PROVIDER', s => void (s.provider.aws = [{}])],
  [
    'a provider of another subscription',
    'AZ-PROVIDER',
    s => void s.provider.azurerm.push({ alias: 'other' }),
  ],
  ['storage by the shared key', 'AZ-PROVIDER', s => void (s.provider.azurerm[0].storage_use_azuread = false)],
  ['state in somebody’s cloud', 'AZ-STATE', s => void (s.terraform.backend = { remote: {} })],
  ['an object replication', 'AZ-OBJECT-REPLICATION', add('storage_object_replication')],
  ['a policy exemption', 'AZ-POLICY-EXEMPTION', add('resource_group_policy_exemption')],
  ['an exemption of one resource', 'AZ-POLICY-EXEMPTION', add('resource_policy_exemption')],
  ['a policy that changes things', 'AZ-POLICY-REMEDIATION', add('resource_policy_remediation')],
  ['a log export', 'AZ-LOG-EXPORT', add('log_analytics_data_export_rule')],
  ['an event hub', 'AZ-LOG-EXPORT', add('eventhub_namespace')],
  ['a backup', 'AZ-BACKUP', add('data_protection_backup_vault', { redundancy: 'GeoRedundant' })],
  ['a front door', 'AZ-EDGE', add('cdn_frontdoor_profile')],
  ['a database with locations', 'AZ-COSMOS', add('cosmosdb_account')],
  ['a table by the shared key', 'AZ-TABLE-BY-KEY', add('storage_table')],
  ['a pipeline’s credential', 'AZ-FEDERATED-CREDENTIAL', add('federated_identity_credential')],
  ['a registry', 'AZ-REGISTRY', add('container_registry', { georeplications: [{ location: 'westus' }] })],
  ['a template for a subscription', 'AZ-SUBSCRIPTION-TEMPLATE', add('subscription_template_deployment')],
  ['a secret in the template', 'AZ-VAULT-CONTENT', add('key_vault_secret', { value: 'seed' })],
  ['a type nobody thought about', 'AZ-TYPE', add('future_thing')],
  ['a virtual machine', 'AZ-TYPE', add('linux_virtual_machine')],
  [
    'a nested ARM deployment',
    'AZ-TYPE',
    app((_, t) => t.resources.push({ type: 'Microsoft.Resources/deployments' })),
  ],
  ['a resource elsewhere', 'AZ-LOCATION', s => void (vault(s).location = 'uksouth')],
  ['a resource elsewhere by its display name', 'AZ-LOCATION', s => void (vault(s).location = 'West Europe')],
  ['a group elsewhere', 'AZ-LOCATION', s => void (first(s, 'resource_group').location = 'eastus')],
  ['a resource that does not say where', 'AZ-LOCATION', s => void delete account(s).location],
  [
    'a location that deployment decides',
    'AZ-LOCATION',
    s => void (vault(s).location = '$' + '{var.location}'),
  ],
  ['an app elsewhere', 'AZ-LOCATION', app(site => void (site.location = 'westus2'))],
  [
    'an app whose template has a parameter',
    'AZ-LOCATION',
    app(site => void (site.location = "[parameters('location')]")),
  ],
  [
    'no policy for resources',
    'AZ-POLICY-RESOURCES',
    s => void delete s.resource.azurerm_subscription_policy_assignment.AllowedLocations,
  ],
  [
    'no policy for groups',
    'AZ-POLICY-GROUPS',
    s => void delete s.resource.azurerm_subscription_policy_assignment.AllowedGroupLocations,
  ],
  [
    'a policy with a second location',
    'AZ-POLICY-LOCATIONS',
    s =>
      void (policy(s).parameters = JSON.stringify({
        listOfAllowedLocations: { value: ['germanywestcentral', 'uksouth'] },
        effect: { value: 'Deny' },
      })),
  ],
  [
    'a policy that only looks on',
    'AZ-POLICY-EFFECT',
    s => void (policy(s).parameters = policy(s).parameters.replace('Deny', 'Audit')),
  ],
  ['a policy that is not enforced', 'AZ-POLICY-EFFECT', s => void (policy(s).enforce = false)],
  ['a policy that spares a scope', 'AZ-POLICY-EFFECT', s => void (policy(s).not_scopes = ['/x'])],
  ['geo-redundant storage', 'AZ-REPLICATION', s => void (account(s).account_replication_type = 'GRS')],
  ['geo-zone-redundant storage', 'AZ-REPLICATION', s => void (account(s).account_replication_type = 'GZRS')],
  ['readable copies elsewhere', 'AZ-REPLICATION', s => void (account(s).account_replication_type = 'RAGRS')],
  [
    'replication to another tenant',
    'AZ-CROSS-TENANT',
    s => void (account(s).cross_tenant_replication_enabled = true),
  ],
  ['copies to anywhere', 'AZ-COPY-SCOPE', s => void delete account(s).allowed_copy_scope],
  ['the shared key on', 'AZ-SHARED-KEY', s => void (account(s).shared_access_key_enabled = true)],
  [
    'the shared key left to its default',
    'AZ-SHARED-KEY',
    s => void delete account(s).shared_access_key_enabled,
  ],
  ['keys by default', 'AZ-OAUTH', s => void delete account(s).default_to_oauth_authentication],
  ['users of the account', 'AZ-LOCAL-USER', s => void (account(s).local_user_enabled = true)],
  ['public blobs', 'AZ-PUBLIC-BLOB', s => void (account(s).allow_nested_items_to_be_public = true)],
  [
    'a public container',
    'AZ-PUBLIC-CONTAINER',
    s => void (first(s, 'storage_container').container_access_type = 'blob'),
  ],
  ['storage without the operator’s key', 'AZ-STORAGE-KEY', s => void delete account(s).customer_managed_key],
  [
    'tables without the operator’s key',
    'AZ-TABLE-KEY',
    s => void (account(s).table_encryption_key_type = 'Service'),
  ],
  [
    'queues without the operator’s key',
    'AZ-QUEUE-KEY',
    s => void delete account(s).queue_encryption_key_type,
  ],
  [
    'one encryption only',
    'AZ-DOUBLE-ENCRYPTION',
    s => void delete account(s).infrastructure_encryption_enabled,
  ],
  ['old TLS', 'AZ-TLS', s => void (account(s).min_tls_version = 'TLS1_0')],
  ['plain HTTP', 'AZ-HTTPS', s => void (account(s).https_traffic_only_enabled = false)],
  [
    'storage on the public network',
    'AZ-PUBLIC-NETWORK',
    s => void (account(s).public_network_access_enabled = true),
  ],
  [
    'a vault on the public network',
    'AZ-PUBLIC-NETWORK',
    s => void delete vault(s).public_network_access_enabled,
  ],
  ['a vault that can be purged', 'AZ-VAULT-PURGE', s => void (vault(s).purge_protection_enabled = false)],
  ['a vault with lists of its own', 'AZ-VAULT-RBAC', s => void (vault(s).rbac_authorization_enabled = false)],
  ['a front without TLS', 'AZ-APP-HTTPS', app(site => void (site.properties.httpsOnly = false))],
  [
    'a front with old TLS',
    'AZ-APP-TLS',
    app(site => void (site.properties.siteConfig.minTlsVersion = '1.0')),
  ],
  [
    'code by a connection string',
    'AZ-APP-IDENTITY',
    app(
      site =>
        void (site.properties.functionAppConfig.deployment.storage.authentication.type =
          'StorageAccountConnectionString'),
    ),
  ],
  ['a backup of the app', 'AZ-APP-BACKUP', app(site => void (site.backup = {}))],
  ['a key in a setting', 'AZ-APP-SECRET', setting('AzureWebJobsStorage', 'AccountName=x;AccountKey=y')],
  [
    'deployment with a password',
    'AZ-APP-BASIC-AUTH',
    app((_, t) => void (t.resources[2].properties.allow = true)),
  ],
  [
    'telemetry to somebody',
    'AZ-TELEMETRY',
    setting('OTEL_EXPORTER_OTLP_ENDPOINT', 'https://telemetry.example'),
  ],
  ['telemetry by the global address', 'AZ-TELEMETRY', setting('APPINSIGHTS_INSTRUMENTATIONKEY', 'x')],
  [
    'addresses of callers in telemetry',
    'AZ-INSIGHTS-MASKING',
    s => void (insights(s).disable_ip_masking = true),
  ],
  [
    'telemetry from anybody with a key',
    'AZ-INSIGHTS-LOCAL-AUTH',
    s => void delete insights(s).local_authentication_disabled,
  ],
  ['telemetry without a workspace', 'AZ-INSIGHTS-WORKSPACE', s => void delete insights(s).workspace_id],
  ['logs for a default time', 'AZ-LOG-KEEPING', s => void delete workspace(s).retention_in_days],
  [
    'a replicated workspace',
    'AZ-LOG-REPLICATION',
    s => void (workspace(s).replication = { location: 'westeurope' }),
  ],
  [
    'diagnostics to an event hub',
    'AZ-DIAGNOSTICS',
    s => void (first(s, 'monitor_diagnostic_setting').eventhub_name = 'x'),
  ],
  [
    'rights for a person',
    'AZ-ROLE-PRINCIPAL',
    s => void (first(s, 'role_assignment').principal_id = '11111111-2222-3333-4444-555555555555'),
  ],
  ['a foreign region in a property', 'AZ-FOREIGN-REGION', s => void (account(s).tags = { copy: 'uksouth' })],
  ['a foreign region by its display name', 'AZ-FOREIGN-REGION', setting('TRIAS_NOTE', 'West US 2')],
  ['a foreign ingestion endpoint', 'AZ-FOREIGN-REGION', setting('TRIAS_URL', 'https://westus-0.in.example')],
  [
    'a reference to what is not here',
    'AZ-UNRESOLVED',
    s => void (account(s).tags = { x: '$' + '{data.azurerm_x.y.z}' }),
  ],
  [
    'another subscription',
    'AZ-SUBSCRIPTION',
    s => void (first(s, 'management_lock').scope = '/subscriptions/11111111-2222-3333-4444-555555555555/x'),
  ],
  ['a person in a tag', 'AZ-NAME', s => void (account(s).tags = { owner: 'jane.doe@example.org' })],
]

test('the stack as it is has no finding', async () => {
  expect(checkAzureStack(stack, home)).toEqual([])
  expect(await checkDirectory(directory, { provider: 'azure', region: 'Germany West Central' })).toEqual([])
  expect(
    await checkDirectory(join(directory, 'stacks'), { provider: 'azure', region: home.location }),
  ).toEqual([])
})

test.each(MUTATIONS)('%s: %s', (_, rule, mutate) => {
  const mutated = structuredClone(stack)
  mutate(mutated)
  const found = checkAzureStack(mutated, home).map(finding => finding.rule)
  // Without resources the policies are gone as well.
  if (Object.keys(mutated.resource as Template).length === 0)
    expect(found).toEqual([rule, 'AZ-POLICY-RESOURCES', 'AZ-POLICY-GROUPS'])
  else expect(found).toEqual([rule])
})

test('every rule has a violation of its own', () => {
  const named = new Set([...MUTATIONS.map(([, rule]) => rule), 'HOME-COUNTRY', 'AZ-VAULT-PAIR'])
  expect(AZURE_RULES.map(({ id }) => id).filter(id => !named.has(id))).toEqual([])
})

test('a home outside the EEA, and a vault that Azure copies into another country', () => {
  const rules = (location: string, countries?: readonly string[]) => {
    const moved = JSON.parse(JSON.stringify(stack).replaceAll('germanywestcentral', location)) as Template
    return checkAzureStack(moved, { location, ...(countries === undefined ? {} : { countries }) }).map(
      ({ rule }) => rule,
    )
  }
  expect(rules('uksouth')).toEqual(['HOME-COUNTRY', 'AZ-VAULT-PAIR'])
  expect(rules('westeurope', ['NL'])).toEqual(['AZ-VAULT-PAIR'])
  expect(rules('westeurope', ['NL', 'IE'])).toEqual([])
  expect(rules('swedencentral')).toEqual([])
})

test('two parties in one subscription share it and the vault', async () => {
  const documents = await readTemplates(directory)
  const found = checkSeparation([
    { party: 'party 0', documents },
    { party: 'party 1', documents },
  ]).map(({ rule }) => rule)
  expect(found).toEqual(['SEP-KEY', 'SEP-ACCOUNT'])
})
