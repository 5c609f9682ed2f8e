/** The rules for Terraform stacks on Azure, from the most specific to the most general (see `rule.ts`). */
import { type AzureResource, type AzureStack, azureReferent, locationOf, ofAzureType } from './azure-stack.ts'
import { ALLOWED_AZURE_TYPES, ARM_TYPES, LOCATED_TYPES, NAMED_AZURE_TYPES } from './azure-types.ts'
import { azurePairOf, knownRegions, normalLocation, regionFacts } from './countries.ts'
import { expectedCountries, homeCountry, isCountryAllowed } from './home.ts'
import { at, EMAIL, listOf, objectOf, shown, textsIn } from './json.ts'
import { ACCOUNTABLE, ERASURE, INSTRUCTED, MINIMUM, SECURITY, SEPARATION, TRANSFER } from './law.ts'
import type { Path, Rule, RuleText } from './rule.ts'

type AzureRule = Rule<AzureStack>

const text = (id: string, proves: string, expected: string, law: string): RuleText => ({
  id,
  proves,
  expected,
  law,
})

const property = (
  about: RuleText,
  types: string,
  name: string,
  holds: (value: unknown, stack: AzureStack, resource: AzureResource) => boolean,
): AzureRule => ({
  ...about,
  *look(stack) {
    for (const resource of ofAzureType(stack, ...types.split(' ').map(type => `azurerm_${type}`))) {
      const value = resource.body[name]
      yield {
        path: [...resource.path, name],
        holds: holds(value, stack, resource),
        found: shown(value),
      }
    }
  },
})

const is =
  (...allowed: readonly unknown[]) =>
  (value: unknown): boolean =>
    allowed.includes(value)

const named = (id: keyof typeof NAMED_AZURE_TYPES, proves: string, law: string): AzureRule => ({
  ...text(id, proves, 'no resource of this type', law),
  *look({ resources }) {
    for (const { type, path } of resources)
      yield { path, holds: !NAMED_AZURE_TYPES[id].test(type), found: type }
  },
})

/** Blocks of Terraform that run code or bring in what is not in this file. */
const FOREIGN_BLOCKS = [
  'module',
  'data',
  'import',
  'ephemeral',
  'removed',
  'moved',
  'check',
  'variable',
  'locals',
]

const documentRules: readonly AzureRule[] = [
  {
    ...text('AZ-FORMAT', 'The file is a stack with resources', 'resources of azurerm', ACCOUNTABLE),
    *look({ resources }) {
      yield { path: ['Stack'], holds: resources.length > 0, found: `${resources.length} resources` }
      // Terraform also reads lists of bodies; nothing here does.
      for (const { path, body } of resources)
        yield { path, holds: Object.keys(body).length > 0, found: 'a resource whose body is no object' }
    },
  },
  {
    ...text(
      'AZ-NESTED',
      'Nothing is deployed from modules, look-ups, variables or scripts that this file does not show',
      'resources only',
      ACCOUNTABLE,
    ),
    *look({ document, resources, unreadable }) {
      for (const block of FOREIGN_BLOCKS)
        yield { path: [block], holds: document[block] === undefined, found: shown(document[block]) }
      for (const { body, path } of resources)
        for (const name of ['provisioner', 'connection', 'for_each', 'count', 'parameters_content'])
          yield { path: [...path, name], holds: body[name] === undefined, found: shown(body[name]) }
      for (const path of unreadable)
        yield { path, holds: false, found: 'an ARM template that cannot be read' }
    },
  },
  {
    ...text(
      'AZ-PROVIDER',
      'One provider deploys one party into one subscription, without the shared key',
      'azurerm once, with Entra ID for storage',
      SEPARATION,
    ),
    *look({ document }) {
      const providers = objectOf(document.provider)
      const own = listOf(providers.azurerm)
      yield {
        path: ['provider'],
        holds:
          Object.keys(providers).join() === 'azurerm' &&
          own.length === 1 &&
          at(own[0], 'storage_use_azuread') === true &&
          at(own[0], 'alias') === undefined,
        found: shown(Object.keys(providers).map(name => [name, listOf(providers[name]).length])),
      }
    },
  },
  {
    ...text(
      'AZ-STATE',
      'The state of the deployment is with the operator or in the operator’s own storage',
      'backend local or azurerm',
      TRANSFER,
    ),
    *look({ document }) {
      const backends = Object.keys(objectOf(at(document, 'terraform', 'backend')))
      const isCloud = at(document, 'terraform', 'cloud') !== undefined
      yield {
        path: ['terraform', 'backend'],
        holds: !isCloud && backends.every(name => name === 'local' || name === 'azurerm'),
        found: isCloud ? 'cloud' : backends.join(', '),
      }
    },
  },
]

const namedRules: readonly AzureRule[] = [
  named('AZ-OBJECT-REPLICATION', 'No object is copied to another account', TRANSFER),
  named('AZ-POLICY-EXEMPTION', 'Nothing is exempt from the policy of allowed locations', TRANSFER),
  named('AZ-POLICY-REMEDIATION', 'No other policy changes what was checked', INSTRUCTED),
  named('AZ-LOG-EXPORT', 'Logs stay in the workspace of this stack', TRANSFER),
  named(
    'AZ-BACKUP',
    'No backup service copies data; such vaults are geo-redundant unless told otherwise',
    TRANSFER,
  ),
  named('AZ-EDGE', 'Nothing is answered or cached at edge locations', TRANSFER),
  named('AZ-COSMOS', 'No database with locations and backups of its own', TRANSFER),
  named('AZ-TABLE-BY-KEY', 'No table is made by way of the shared key of its account', SECURITY),
  named(
    'AZ-FEDERATED-CREDENTIAL',
    'No outside identity, such as a pipeline, takes an identity of the party',
    SEPARATION,
  ),
  named('AZ-REGISTRY', 'Code comes from the package of this deployment, from no registry', INSTRUCTED),
  named('AZ-SUBSCRIPTION-TEMPLATE', 'Templates reach no further than the group of the party', INSTRUCTED),
  named('AZ-VAULT-CONTENT', 'No template ever holds the keys of the party', SECURITY),
  {
    ...text(
      'AZ-TYPE',
      'Every resource is of a type whose ways of copying data are known and checked, ARM templates included',
      'a type of the allow-list',
      ACCOUNTABLE,
    ),
    *look({ resources, arm }) {
      for (const { type, path } of resources)
        yield { path, holds: ALLOWED_AZURE_TYPES.has(type), found: type }
      for (const { type, path } of arm) yield { path, holds: ARM_TYPES.has(type), found: type }
    },
  },
]

const locationRules: readonly AzureRule[] = [
  {
    ...text(
      'AZ-LOCATION',
      'Every resource and every resource group stands in the home location',
      'the home location, written out',
      TRANSFER,
    ),
    *look(stack) {
      const home = normalLocation(stack.home.region)
      const located = [
        ...stack.resources.filter(({ type }) => LOCATED_TYPES.has(type)),
        ...stack.arm.filter(({ type }) => ARM_TYPES.get(type) === true),
      ]
      for (const { body, path } of located)
        yield {
          path: [...path, 'location'],
          holds: locationOf(stack, body.location) === home,
          found: shown(body.location),
        }
    },
  },
]

const ALLOWED_LOCATIONS = 'e56962a6-4747-49cd-b67b-bf8b01975c4c'
const ALLOWED_GROUP_LOCATIONS = 'e765b5de-1225-4ba3-bd56-1ac6695af988'

const assignments = (stack: AzureStack, definition: string): readonly AzureResource[] =>
  ofAzureType(
    stack,
    'azurerm_subscription_policy_assignment',
    'azurerm_management_group_policy_assignment',
    'azurerm_resource_group_policy_assignment',
  ).filter(({ body }) => String(body.policy_definition_id).endsWith(definition))

const parametersOf = ({ body }: AzureResource): unknown => {
  try {
    return JSON.parse(String(body.parameters))
  } catch {
    return undefined
  }
}

const assigned = (id: string, definition: string, what: string): AzureRule => ({
  ...text(id, `Azure itself refuses ${what} elsewhere`, 'an assignment over the subscription', TRANSFER),
  *look(stack) {
    const found = assignments(stack, definition).filter(
      ({ type }) => type !== 'azurerm_resource_group_policy_assignment',
    )
    yield { path: ['policy', id], holds: found.length > 0, found: 'no such assignment' }
  },
})

const policyRules: readonly AzureRule[] = [
  assigned('AZ-POLICY-RESOURCES', ALLOWED_LOCATIONS, 'resources'),
  assigned('AZ-POLICY-GROUPS', ALLOWED_GROUP_LOCATIONS, 'resource groups'),
  {
    ...text(
      'AZ-POLICY-LOCATIONS',
      'The policy allows the home location and no other',
      'a list of the home location',
      TRANSFER,
    ),
    *look(stack) {
      for (const definition of [ALLOWED_LOCATIONS, ALLOWED_GROUP_LOCATIONS])
        for (const resource of assignments(stack, definition)) {
          const locations = at(parametersOf(resource), 'listOfAllowedLocations', 'value')
          yield {
            path: [...resource.path, 'parameters'],
            holds:
              listOf(locations).map(String).map(normalLocation).join() === normalLocation(stack.home.region),
            found: shown(locations),
          }
        }
    },
  },
  {
    ...text(
      'AZ-POLICY-EFFECT',
      'The policy refuses, and does not only look on, and spares nothing',
      'enforced, effect Deny, no excluded scope',
      TRANSFER,
    ),
    *look(stack) {
      for (const definition of [ALLOWED_LOCATIONS, ALLOWED_GROUP_LOCATIONS])
        for (const resource of assignments(stack, definition)) {
          const { enforce, not_scopes: notScopes } = resource.body
          const effect = at(parametersOf(resource), 'effect', 'value')
          const { overrides, resource_selectors: selectors } = resource.body
          yield {
            path: [...resource.path, 'enforce'],
            holds:
              enforce === true &&
              listOf(notScopes).length === 0 &&
              listOf(overrides).length === 0 &&
              listOf(selectors).length === 0 &&
              (definition === ALLOWED_GROUP_LOCATIONS
                ? effect === undefined || effect === 'Deny'
                : effect === 'Deny'),
            found: shown({ enforce, notScopes, effect }),
          }
        }
    },
  },
]

const ACCOUNT = 'storage_account'

const storageRules: readonly AzureRule[] = [
  property(
    text('AZ-REPLICATION', 'Tables and queues are copied within the region only', 'LRS or ZRS', TRANSFER),
    ACCOUNT,
    'account_replication_type',
    is('LRS', 'ZRS'),
  ),
  property(
    text('AZ-CROSS-TENANT', 'Nothing is replicated to another tenant', 'false', TRANSFER),
    ACCOUNT,
    'cross_tenant_replication_enabled',
    is(false),
  ),
  property(
    text(
      'AZ-COPY-SCOPE',
      'Data is copied to accounts of the same tenant or network only',
      'AAD or PrivateLink',
      TRANSFER,
    ),
    ACCOUNT,
    'allowed_copy_scope',
    is('AAD', 'PrivateLink'),
  ),
  property(
    text('AZ-SHARED-KEY', 'Nobody reads data with a key that names no person or service', 'false', SECURITY),
    ACCOUNT,
    'shared_access_key_enabled',
    is(false),
  ),
  property(
    text('AZ-OAUTH', 'Access goes by Entra ID unless somebody asks otherwise', 'true', SECURITY),
    ACCOUNT,
    'default_to_oauth_authentication',
    is(true),
  ),
  property(
    text('AZ-LOCAL-USER', 'An account has no users of its own', 'false', SECURITY),
    ACCOUNT,
    'local_user_enabled',
    is(false),
  ),
  property(
    text('AZ-PUBLIC-BLOB', 'No blob is readable without a name', 'false', SECURITY),
    ACCOUNT,
    'allow_nested_items_to_be_public',
    is(false),
  ),
  property(
    text('AZ-PUBLIC-CONTAINER', 'No container is readable without a name', 'private', SECURITY),
    'storage_container',
    'container_access_type',
    is('private', undefined),
  ),
  {
    ...text(
      'AZ-STORAGE-KEY',
      'Storage is encrypted under a key that the operator can disable and destroy',
      'a customer-managed key of a vault of this stack',
      SECURITY,
    ),
    *look(stack) {
      const separate = ofAzureType(stack, 'azurerm_storage_account_customer_managed_key')
      for (const resource of ofAzureType(stack, 'azurerm_storage_account')) {
        const other = separate.find(
          ({ body }) => azureReferent(stack, body.storage_account_id) === resource,
        )?.body
        const key =
          at(listOf(resource.body.customer_managed_key)[0], 'key_vault_key_id') ??
          other?.key_vault_key_id ??
          other?.key_vault_id
        yield {
          path: [...resource.path, 'customer_managed_key'],
          holds: azureReferent(stack, key) !== undefined,
          found: shown(key),
        }
      }
    },
  },
  property(
    text('AZ-TABLE-KEY', 'The operator’s key covers tables too', 'Account', SECURITY),
    ACCOUNT,
    'table_encryption_key_type',
    is('Account'),
  ),
  property(
    text('AZ-QUEUE-KEY', 'The operator’s key covers queues too', 'Account', SECURITY),
    ACCOUNT,
    'queue_encryption_key_type',
    is('Account'),
  ),
  property(
    text('AZ-DOUBLE-ENCRYPTION', 'Storage encrypts a second time below', 'true', SECURITY),
    ACCOUNT,
    'infrastructure_encryption_enabled',
    is(true),
  ),
  property(
    text('AZ-TLS', 'Storage is reached by TLS 1.2 or later', 'TLS1_2 or TLS1_3', SECURITY),
    ACCOUNT,
    'min_tls_version',
    is('TLS1_2', 'TLS1_3'),
  ),
  property(
    text('AZ-HTTPS', 'Storage is reached by HTTPS only', 'true', SECURITY),
    ACCOUNT,
    'https_traffic_only_enabled',
    is(true, undefined),
  ),
  property(
    text(
      'AZ-PUBLIC-NETWORK',
      'Storage and vault are reached through private endpoints only',
      'false',
      SECURITY,
    ),
    'storage_account key_vault',
    'public_network_access_enabled',
    is(false),
  ),
]

const vaultRules: readonly AzureRule[] = [
  property(
    text('AZ-VAULT-PURGE', 'Nobody destroys keys before the days of recovery are over', 'true', SECURITY),
    'key_vault',
    'purge_protection_enabled',
    is(true),
  ),
  property(
    text('AZ-VAULT-RBAC', 'Roles decide who reads a secret, not lists inside the vault', 'true', SECURITY),
    'key_vault',
    'rbac_authorization_enabled',
    is(true),
  ),
  {
    ...text(
      'AZ-VAULT-PAIR',
      'The region that Azure copies vaults to stands in a declared country as well',
      'a paired region in a declared country, or none',
      TRANSFER,
    ),
    *look(stack) {
      const { region, countries } = stack.home
      const pair = azurePairOf(region)
      const country = pair === undefined ? undefined : regionFacts('azure', pair)?.country
      for (const { path } of ofAzureType(stack, 'azurerm_key_vault'))
        yield {
          path: [...path, 'pair'],
          holds: country === undefined || isCountryAllowed(country, countries),
          found: `${pair}, ${country}`,
          expected: expectedCountries(countries),
        }
    },
  },
]

const settingsOf = (site: AzureResource): readonly (readonly [Path, string, unknown])[] => [
  ...Object.entries(objectOf(site.body.app_settings)).map(
    ([name, value]) => [[...site.path, 'app_settings', name], name, value] as const,
  ),
  ...listOf(at(site.body, 'properties', 'siteConfig', 'appSettings')).map(
    (one, index) =>
      [
        [...site.path, 'properties', 'siteConfig', 'appSettings', index],
        String(at(one, 'name')),
        at(one, 'value'),
      ] as const,
  ),
]

const sitesOf = (stack: AzureStack): readonly AzureResource[] => [
  ...ofAzureType(stack, 'azurerm_function_app_flex_consumption', 'azurerm_linux_function_app'),
  ...stack.arm.filter(({ type }) => type === 'Microsoft.Web/sites'),
]

const site = (
  about: RuleText,
  look: (site: AzureResource, stack: AzureStack) => Iterable<readonly [Path, boolean, unknown]>,
): AzureRule => ({
  ...about,
  *look(stack) {
    for (const one of sitesOf(stack))
      for (const [path, holds, found] of look(one, stack))
        yield { path: [...one.path, ...path], holds, found: shown(found) }
  },
})

const siteRules: readonly AzureRule[] = [
  site(
    text('AZ-APP-HTTPS', 'The front answers over TLS only', 'HTTPS only', SECURITY),
    function* ({ type, body }) {
      if (type.startsWith('Microsoft.'))
        yield [
          ['properties', 'httpsOnly'],
          at(body, 'properties', 'httpsOnly') === true,
          at(body, 'properties', 'httpsOnly'),
        ]
      else yield [['https_only'], body.https_only === true, body.https_only]
    },
  ),
  site(
    text('AZ-APP-TLS', 'The front refuses TLS before 1.2', '1.2 or 1.3', SECURITY),
    function* ({ type, body }) {
      const version = type.startsWith('Microsoft.')
        ? at(body, 'properties', 'siteConfig', 'minTlsVersion')
        : at(listOf(body.site_config)[0], 'minimum_tls_version')
      yield [['minTlsVersion'], version === '1.2' || version === '1.3', version]
    },
  ),
  site(
    text(
      'AZ-APP-IDENTITY',
      'The app takes its code with an identity and not with a key',
      'an identity of this stack',
      SECURITY,
    ),
    function* ({ type, body }) {
      const kind = type.startsWith('Microsoft.')
        ? at(body, 'properties', 'functionAppConfig', 'deployment', 'storage', 'authentication', 'type')
        : (body.storage_authentication_type ??
          (body.storage_uses_managed_identity === true ? 'UserAssignedIdentity' : undefined))
      yield [
        ['authentication'],
        is('UserAssignedIdentity', 'SystemAssignedIdentity')(kind) && body.storage_access_key === undefined,
        kind,
      ]
    },
  ),
  site(
    text('AZ-APP-BACKUP', 'The app is backed up nowhere; its state is in tables', 'no backup', TRANSFER),
    function* ({ body }) {
      yield [['backup'], body.backup === undefined, body.backup]
    },
  ),
  {
    ...text('AZ-APP-SECRET', 'No setting holds a key or a password', 'names and references', SECURITY),
    *look(stack) {
      for (const [path, , value] of sitesOf(stack).flatMap(settingsOf))
        yield {
          path,
          holds:
            !/AccountKey=|SharedAccessKey=|SharedAccessSignature=|[?&]sig=|primary_access_key|primary_connection_string/.test(
              String(value),
            ),
          found: 'a setting with a key',
        }
    },
  },
  {
    ...text(
      'AZ-APP-BASIC-AUTH',
      'Nobody uploads code with a password',
      'basic authentication off for FTP and for deployment',
      SECURITY,
    ),
    *look(stack) {
      for (const { body, path } of ofAzureType(
        stack,
        'azurerm_function_app_flex_consumption',
        'azurerm_linux_function_app',
      ))
        yield {
          path: [...path, 'webdeploy_publish_basic_authentication_enabled'],
          holds: body.webdeploy_publish_basic_authentication_enabled === false,
          found: shown(body.webdeploy_publish_basic_authentication_enabled),
        }
      for (const { body, path } of stack.arm.filter(({ type }) => type === 'Microsoft.Web/sites'))
        for (const way of ['ftp', 'scm']) {
          const policy = stack.arm.find(
            one =>
              one.type === 'Microsoft.Web/sites/basicPublishingCredentialsPolicies' &&
              one.body.name === `${String(body.name)}/${way}`,
          )
          yield {
            path: [...path, 'basicPublishingCredentialsPolicies', way],
            holds: at(policy?.body, 'properties', 'allow') === false,
            found: shown(policy?.body.properties),
          }
        }
    },
  },
  {
    ...text(
      'AZ-TELEMETRY',
      'Telemetry goes to the Application Insights of this stack, or nowhere',
      'the connection string of this stack',
      TRANSFER,
    ),
    *look(stack) {
      for (const [path, name, value] of sitesOf(stack).flatMap(settingsOf)) {
        if (/^APPLICATIONINSIGHTS_CONNECTION_STRING$/.test(name))
          yield {
            path,
            holds: azureReferent(stack, value)?.type === 'azurerm_application_insights',
            found: shown(value),
          }
        else if (/INSTRUMENTATIONKEY|OTEL_.*ENDPOINT|COLLECTOR|NEW_RELIC|DATADOG|^DD_/i.test(name))
          yield { path, holds: false, found: `${name} = ${shown(value)}` }
      }
    },
  },
]

const logRules: readonly AzureRule[] = [
  property(
    text('AZ-INSIGHTS-MASKING', 'Addresses of callers are masked in telemetry', 'false', MINIMUM),
    'application_insights',
    'disable_ip_masking',
    is(false, undefined),
  ),
  property(
    text('AZ-INSIGHTS-LOCAL-AUTH', 'Nobody writes telemetry with a mere key', 'true', SECURITY),
    'application_insights',
    'local_authentication_disabled',
    is(true),
  ),
  property(
    text(
      'AZ-INSIGHTS-WORKSPACE',
      'Telemetry is kept in the workspace of this stack',
      'a workspace of this stack',
      TRANSFER,
    ),
    'application_insights',
    'workspace_id',
    (value, stack) => azureReferent(stack, value)?.type === 'azurerm_log_analytics_workspace',
  ),
  property(
    text('AZ-LOG-KEEPING', 'Log lines are gone by a known day', 'a number of days', ERASURE),
    'log_analytics_workspace',
    'retention_in_days',
    value => typeof value === 'number',
  ),
  property(
    text('AZ-LOG-REPLICATION', 'The workspace is replicated to no other region', 'no replication', TRANSFER),
    'log_analytics_workspace',
    'replication',
    is(undefined),
  ),
  {
    ...text(
      'AZ-DIAGNOSTICS',
      'Diagnostic logs go to the workspace of this stack and to nothing else',
      'a workspace of this stack; no event hub, storage account or partner',
      TRANSFER,
    ),
    *look(stack) {
      for (const { body, path } of ofAzureType(stack, 'azurerm_monitor_diagnostic_setting')) {
        const others = [
          'eventhub_name',
          'eventhub_authorization_rule_id',
          'storage_account_id',
          'partner_solution_id',
        ].filter(name => body[name] !== undefined)
        yield {
          path: [...path, 'log_analytics_workspace_id'],
          holds:
            azureReferent(stack, body.log_analytics_workspace_id)?.type ===
              'azurerm_log_analytics_workspace' && others.length === 0,
          found: others.join(', ') || shown(body.log_analytics_workspace_id),
        }
      }
    },
  },
]

const REGION_WORDS = new Set(knownRegions('azure'))

/** Region names as they are written, `West US 2` or `westus2`, wherever they stand in a text. */
const regionsIn = (value: string): readonly string[] => {
  const words = value.toLowerCase().split(/[^a-z0-9]+/)
  return words.flatMap((_, index) =>
    [1, 2, 3, 4]
      .map(length => words.slice(index, index + length).join(''))
      .filter(word => REGION_WORDS.has(word)),
  )
}

const generalRules: readonly AzureRule[] = [
  {
    ...text(
      'AZ-ROLE-PRINCIPAL',
      'Rights over data go to identities of this stack only: to no person, pipeline or other party',
      'an identity of this stack',
      SEPARATION,
    ),
    *look(stack) {
      for (const { body, path } of ofAzureType(stack, 'azurerm_role_assignment'))
        yield {
          path: [...path, 'principal_id'],
          holds: azureReferent(stack, body.principal_id)?.type === 'azurerm_user_assigned_identity',
          found: shown(body.principal_id),
        }
    },
  },
  {
    ...text('AZ-FOREIGN-REGION', 'No property names another region', 'the home location only', TRANSFER),
    *look({ document, home }) {
      for (const part of ['resource', 'output', 'provider', 'terraform'])
        for (const [path, value] of textsIn(document[part], [part])) {
          if (path.includes('policy_definition_id') || path.includes('//')) continue
          const foreign = regionsIn(value).filter(region => region !== normalLocation(home.region))
          yield { path, holds: foreign.length === 0, found: foreign.join(', ') }
        }
    },
  },
  {
    ...text(
      'AZ-UNRESOLVED',
      'Everything that decides a place is written out in the stack',
      'no variable, no look-up, no reference to what is not here',
      ACCOUNTABLE,
    ),
    *look(stack) {
      for (const part of ['resource', 'output', 'provider'])
        for (const [path, value] of textsIn(stack.document[part], [part]))
          for (const [reference] of value.matchAll(/\$\{[^}]*\}/g))
            yield { path, holds: azureReferent(stack, reference) !== undefined, found: reference }
    },
  },
  {
    ...text(
      'AZ-SUBSCRIPTION',
      'The stack names one subscription, its own',
      'the subscription of the provider',
      SEPARATION,
    ),
    *look({ document }) {
      const own = at(listOf(at(document, 'provider', 'azurerm'))[0], 'subscription_id')
      for (const [path, value] of textsIn(document.resource, ['resource']))
        for (const [, subscription] of value.matchAll(/\/subscriptions\/([0-9a-f-]{36})/gi))
          yield { path, holds: own === undefined || subscription === own, found: shown(subscription) }
    },
  },
  {
    ...text(
      'AZ-NAME',
      'Names and tags, which Azure keeps outside the region too, name no person',
      'no e-mail address',
      MINIMUM,
    ),
    *look({ resources, arm }) {
      for (const { body, path } of [...resources, ...arm])
        for (const name of ['name', 'tags', 'description', 'display_name'])
          for (const [inner, found] of textsIn(body[name], [...path, name]))
            yield { path: inner, holds: !EMAIL.test(found), found }
    },
  },
]

export const AZURE_RULES: readonly AzureRule[] = [
  homeCountry,
  ...documentRules,
  ...namedRules,
  ...locationRules,
  ...policyRules,
  ...storageRules,
  ...vaultRules,
  ...siteRules,
  ...logRules,
  ...generalRules,
]
