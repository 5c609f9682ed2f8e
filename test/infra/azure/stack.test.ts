/** Every property that the security of a party on Azure rests on, one by one, in what Terraform will be given. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../../functions/azure/config.ts'
import type { PartyProps } from '../../../infra/azure/props.ts'
import { type Json, SUBSCRIPTION, synthesized } from './synthesized.ts'

/** As Terraform writes what another resource will say. */
const ref = (address: string): string => `$\{${address}}`

const root = resolve(import.meta.dirname, '../../..')
let own: ReturnType<typeof synthesized>
let open: ReturnType<typeof synthesized>

beforeAll(() => {
  own = synthesized()
  open = synthesized({ network: 'public' })
})

describe('place', () => {
  test('everything that has a location is in the one of the party, templates included', () => {
    const elsewhere = synthesized({ location: 'West Europe' })
    const places = [...elsewhere.resources.map(one => one.properties), ...elsewhere.templates]
      .map(one => one.location)
      .filter(place => place !== undefined)
    expect(places.length).toBeGreaterThan(15)
    expect(new Set(places)).toEqual(new Set(['westeurope']))
    expect(JSON.stringify(elsewhere.json)).not.toContain('germany')
  })

  test('two policies over the subscription refuse any other, and come before everything else', () => {
    const all: Json[] = Object.values(own.ofType('azurerm_subscription_policy_assignment'))
    expect(all.map(one => one.policy_definition_id.split('/').at(-1)).sort()).toEqual([
      'e56962a6-4747-49cd-b67b-bf8b01975c4c',
      'e765b5de-1225-4ba3-bd56-1ac6695af988',
    ])
    for (const one of all) {
      expect(one.subscription_id).toBe(`/subscriptions/${SUBSCRIPTION}`)
      expect(one.enforce).toBe(true)
      expect(one.not_scopes).toBeUndefined()
      expect(JSON.parse(one.parameters).listOfAllowedLocations).toEqual({ value: ['germanywestcentral'] })
    }
    expect(
      JSON.parse(own.ofType('azurerm_subscription_policy_assignment').AllowedLocations.parameters),
    ).toHaveProperty('effect.value', 'Deny')
    expect(own.ofType('azurerm_resource_group').Group.depends_on).toEqual([
      'azurerm_subscription_policy_assignment.AllowedLocations',
      'azurerm_subscription_policy_assignment.AllowedGroupLocations',
    ])
    // All the rest names the group, so it waits too.
    const free = own.resources.filter(
      ({ type, properties }) =>
        type !== 'azurerm_subscription_policy_assignment' &&
        type !== 'azurerm_resource_group' &&
        !JSON.stringify(properties).includes(ref('azurerm_').slice(0, -1)),
    )
    expect(free).toEqual([])
    expect(Object.keys(own.json.resource).filter(type => type.includes('exemption'))).toEqual([])
  })
})

describe('storage', () => {
  test.each(['DataAccount', 'HostAccount'])('%s', id => {
    const account = own.ofType('azurerm_storage_account')[id]
    expect(account).toMatchObject({
      account_kind: 'StorageV2',
      account_replication_type: 'ZRS',
      shared_access_key_enabled: false,
      default_to_oauth_authentication: true,
      local_user_enabled: false,
      allow_nested_items_to_be_public: false,
      cross_tenant_replication_enabled: false,
      allowed_copy_scope: 'PrivateLink',
      https_traffic_only_enabled: true,
      min_tls_version: 'TLS1_2',
      public_network_access_enabled: false,
      network_rules: { default_action: 'Deny', bypass: ['None'] },
      infrastructure_encryption_enabled: true,
      table_encryption_key_type: 'Account',
      queue_encryption_key_type: 'Account',
      identity: {
        type: 'UserAssigned',
        identity_ids: [ref('azurerm_user_assigned_identity.StorageIdentity.id')],
      },
      customer_managed_key: {
        // Without a version: a rotated key is followed.
        key_vault_key_id: `${ref('azurerm_key_vault.Vault.vault_uri')}keys/storage`,
        user_assigned_identity_id: ref('azurerm_user_assigned_identity.StorageIdentity.id'),
      },
      depends_on: [
        'azurerm_resource_group_template_deployment.StorageKey',
        'azurerm_role_assignment.StorageMayWrap',
      ],
    })
  })

  test('there are no other accounts, and LRS is the only other kind', () => {
    expect(Object.keys(own.ofType('azurerm_storage_account'))).toEqual(['DataAccount', 'HostAccount'])
    const accounts: Json[] = Object.values(
      synthesized({ replication: 'LRS' }).ofType('azurerm_storage_account'),
    )
    expect(accounts.map(one => one.account_replication_type)).toEqual(['LRS', 'LRS'])
    // @ts-expect-error: what copies to a second region does not compile
    const wrong: Pick<PartyProps, 'replication'> = { replication: 'GRS' }
    expect(wrong).toBeDefined()
  })

  test('tables are made through the control plane, not with the shared key', () => {
    expect(
      own.armOfType('Microsoft.Storage/storageAccounts/tableServices/tables').map(one => one.name),
    ).toEqual(['triasparty1data/default/durable', 'triasparty1data/default/volatile'])
    expect(own.json.resource.azurerm_storage_table).toBeUndefined()
    expect(own.ofType('azurerm_resource_group_template_deployment').Tables.depends_on).toEqual([
      'azurerm_storage_account.DataAccount',
    ])
  })

  test('queues and the container too: they name the account by its id', () => {
    const queues: Json[] = Object.values(synthesized({ lanes: '3' }).ofType('azurerm_storage_queue'))
    expect(queues.map(one => one.name).sort()).toEqual(['lane-0', 'lane-1', 'lane-2', 'wake', 'wake-poison'])
    for (const queue of queues) {
      expect(queue.storage_account_id).toBe(ref('azurerm_storage_account.DataAccount.id'))
      expect(queue.storage_account_name).toBeUndefined()
    }
    expect(own.ofType('azurerm_storage_container').Packages).toMatchObject({
      storage_account_id: ref('azurerm_storage_account.HostAccount.id'),
      container_access_type: 'private',
    })
  })

  test('no template is of the mode that deletes what it does not name', () => {
    const all: Json[] = Object.values(own.ofType('azurerm_resource_group_template_deployment'))
    expect(all.map(one => one.deployment_mode)).toEqual(['Incremental', 'Incremental', 'Incremental'])
  })

  test('nothing deletes the data by accident, unless the operator says so', () => {
    const guarded = ({ ofType }: typeof own) => [
      ofType('azurerm_storage_account').DataAccount.lifecycle?.prevent_destroy,
      ofType('azurerm_key_vault').Vault.lifecycle?.prevent_destroy,
      ofType('azurerm_management_lock').DataLock?.lock_level,
    ]
    expect(guarded(own)).toEqual([true, true, 'CanNotDelete'])
    expect(own.ofType('azurerm_management_lock').DataLock.scope).toBe(
      ref('azurerm_storage_account.DataAccount.id'),
    )
    expect(guarded(synthesized({ protected: 'false' }))).toEqual([undefined, undefined, undefined])
  })
})

describe('vault', () => {
  test('HSM, roles, no purge, closed', () => {
    expect(own.ofType('azurerm_key_vault').Vault).toMatchObject({
      sku_name: 'premium',
      rbac_authorization_enabled: true,
      purge_protection_enabled: true,
      soft_delete_retention_days: 30,
      public_network_access_enabled: false,
      network_acls: { bypass: 'AzureServices', default_action: 'Deny' },
      enabled_for_deployment: false,
      enabled_for_disk_encryption: false,
      enabled_for_template_deployment: false,
    })
    expect(own.ofType('azurerm_key_vault').Vault.access_policy).toBeUndefined()
    expect(
      synthesized({ 'vault-recovery-days': '7' }).ofType('azurerm_key_vault').Vault
        .soft_delete_retention_days,
    ).toBe(7)
  })

  test('the storage key can wrap and nothing else, and is rotated each year', () => {
    expect(own.armOfType('Microsoft.KeyVault/vaults/keys')).toEqual([
      expect.objectContaining({
        name: 'triasparty1-vault/storage',
        properties: {
          kty: 'RSA-HSM',
          keySize: 3072,
          keyOps: ['wrapKey', 'unwrapKey'],
          rotationPolicy: {
            lifetimeActions: [{ trigger: { timeAfterCreate: 'P1Y' }, action: { type: 'rotate' } }],
          },
        },
      }),
    ])
  })

  test('no secret is in what is synthesized', () => {
    expect(Object.keys(own.json.resource).filter(type => type.includes('secret'))).toEqual([])
    expect(own.armOfType('Microsoft.KeyVault/vaults/secrets')).toEqual([])
    expect(JSON.stringify(own.json)).not.toMatch(
      /AccountKey=|SharedAccessSignature|listKeys|primary_access_key/,
    )
  })

  test('who used the vault is on record', () => {
    expect(own.ofType('azurerm_monitor_diagnostic_setting').VaultAudit).toMatchObject({
      target_resource_id: ref('azurerm_key_vault.Vault.id'),
      log_analytics_workspace_id: ref('azurerm_log_analytics_workspace.Workspace.id'),
      enabled_log: [{ category: 'AuditEvent' }],
    })
  })
})

test('roles: each identity has what it needs, over one resource, and there are no others', () => {
  const roles: Json[] = Object.values(own.ofType('azurerm_role_assignment'))
  expect(
    roles
      .map(one =>
        [one.principal_id.split('.')[1], one.role_definition_name, one.scope.split('.')[1]].join(' '),
      )
      .sort(),
  ).toEqual([
    'AppIdentity Key Vault Secrets User Vault',
    'AppIdentity Monitoring Metrics Publisher Insights',
    'AppIdentity Reader DataAccount',
    'AppIdentity Storage Blob Data Owner HostAccount',
    'AppIdentity Storage Queue Data Contributor DataAccount',
    'AppIdentity Storage Table Data Contributor DataAccount',
    'StorageIdentity Key Vault Crypto Service Encryption User Vault',
  ])
  for (const role of roles) expect(role.principal_type).toBe('ServicePrincipal')
})

describe('function app', () => {
  test('Flex Consumption with one identity, HTTPS alone, no passwords', () => {
    expect(own.ofType('azurerm_service_plan').Plan).toMatchObject({ sku_name: 'FC1', os_type: 'Linux' })
    expect(own.site).toMatchObject({
      kind: 'functionapp,linux',
      identity: {
        type: 'UserAssigned',
        userAssignedIdentities: { [ref('azurerm_user_assigned_identity.AppIdentity.id')]: {} },
      },
      properties: {
        serverFarmId: ref('azurerm_service_plan.Plan.id'),
        httpsOnly: true,
        functionAppConfig: {
          deployment: {
            storage: {
              value: 'https://triasparty1host.blob.core.windows.net/packages',
              authentication: {
                type: 'UserAssignedIdentity',
                userAssignedIdentityResourceId: ref('azurerm_user_assigned_identity.AppIdentity.id'),
              },
            },
          },
          runtime: { name: 'node', version: '24' },
        },
        siteConfig: {
          minTlsVersion: '1.3',
          scmMinTlsVersion: '1.2',
          ftpsState: 'Disabled',
          remoteDebuggingEnabled: false,
        },
      },
    })
    expect(
      own
        .armOfType('Microsoft.Web/sites/basicPublishingCredentialsPolicies')
        .map(one => [one.name, one.properties]),
    ).toEqual([
      ['triasparty1-app/ftp', { allow: false }],
      ['triasparty1-app/scm', { allow: false }],
    ])
  })

  test('reaches storage by identity, and no setting says otherwise', () => {
    const clientId = ref('azurerm_user_assigned_identity.AppIdentity.client_id')
    for (const [connection, account] of [
      ['AzureWebJobsStorage', 'triasparty1host'],
      ['TRIAS_STORAGE', 'triasparty1data'],
    ])
      expect(own.appSettings).toMatchObject({
        [`${connection}__accountName`]: account,
        [`${connection}__credential`]: 'managedidentity',
        [`${connection}__clientId`]: clientId,
      })
    // Even an empty one is taken for a connection string.
    expect(Object.keys(own.appSettings)).not.toContain('AzureWebJobsStorage')
    expect(Object.keys(own.appSettings)).not.toContain('TRIAS_STORAGE')
    expect(own.appSettings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING).toBe(
      `ClientId=${clientId};Authorization=AAD`,
    )
  })

  test('the party reads its settings as they are, with what Terraform fills in', () => {
    expect(own.appSettings.TRIAS_STORAGE_ID).toBe(ref('azurerm_storage_account.DataAccount.id'))
    const filled = Object.fromEntries(
      Object.entries({
        ...own.appSettings,
        REGION_NAME: 'Germany West Central',
        TRIAS_STORAGE_ID:
          '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/triasparty1data',
      }).map(([name, value]) => [
        name,
        value.replaceAll(/\$\{[^}]+\}/g, '99999999-8888-4777-8666-555555555555'),
      ]),
    )
    expect(readConfig(filled)).toMatchObject({
      TRIAS_PARTY: 1,
      TRIAS_STORAGE__accountName: 'triasparty1data',
      TRIAS_KEY_VAULT_URL: 'https://triasparty1-vault.vault.azure.net',
      TRIAS_SECRET_NAME: 'party',
      TRIAS_WORKER_SECONDS: 600,
    })
    const { functionTimeout } = JSON.parse(readFileSync(join(root, 'functions/azure/host.json'), 'utf8'))
    expect(functionTimeout).toBe('00:10:00')
    const tuned = synthesized({ limits: '{"frames":1000}', deadlines: '{"roundMs":60000}' })
    expect(tuned.appSettings).toMatchObject({
      TRIAS_LIMITS: '{"frames":1000}',
      TRIAS_DEADLINES: '{"roundMs":60000}',
    })
  })

  test('tables and queues that the settings name are the ones that are made', () => {
    const queues = new Set(Object.values(own.ofType('azurerm_storage_queue')).map((one: Json) => one.name))
    const { TRIAS_LANE_QUEUES = '', TRIAS_WAKE_QUEUE = '' } = own.appSettings
    const named = [...TRIAS_LANE_QUEUES.split(','), TRIAS_WAKE_QUEUE, `${TRIAS_WAKE_QUEUE}-poison`]
    expect(queues).toEqual(new Set(named))
    const tables = own.armOfType('Microsoft.Storage/storageAccounts/tableServices/tables')
    for (const name of ['TRIAS_DURABLE_TABLE', 'TRIAS_VOLATILE_TABLE'])
      expect(tables.map(one => one.name)).toContain(`triasparty1data/default/${own.appSettings[name]}`)
  })

  test('starts when all it needs is there', () => {
    const { depends_on } = own.ofType('azurerm_resource_group_template_deployment').App
    const needed = own.resources
      .filter(
        ({ type, id }) =>
          /role_assignment|private_endpoint|storage_queue|storage_container|subnet_.*association|network_link/.test(
            type,
          ) && id !== 'StorageMayWrap',
      )
      .map(({ type, id }) => `${type}.${id}`)
    expect(needed.length).toBeGreaterThan(20)
    for (const one of needed) expect(depends_on).toContain(one)
    expect(depends_on).toContain('azurerm_resource_group_template_deployment.Tables')
  })

  test('takes everybody unless ranges are given, and then nobody else', () => {
    const { siteConfig } = own.site.properties
    expect([siteConfig.ipSecurityRestrictions, siteConfig.ipSecurityRestrictionsDefaultAction]).toEqual([
      [],
      'Allow',
    ])
    const held = synthesized({ callers: '192.0.2.0/24,198.51.100.7/32', deployers: '203.0.113.0/28' }).site
      .properties
    expect(held.siteConfig).toMatchObject({
      ipSecurityRestrictions: [
        { ipAddress: '192.0.2.0/24', action: 'Allow' },
        { ipAddress: '198.51.100.7/32', action: 'Allow' },
      ],
      ipSecurityRestrictionsDefaultAction: 'Deny',
      scmIpSecurityRestrictions: [{ ipAddress: '203.0.113.0/28', action: 'Allow' }],
      scmIpSecurityRestrictionsDefaultAction: 'Deny',
      scmIpSecurityRestrictionsUseMain: false,
    })
  })

  test('warm fronts and the most instances', () => {
    expect(own.site.properties.functionAppConfig.scaleAndConcurrency).toMatchObject({
      alwaysReady: [],
      maximumInstanceCount: 40,
    })
    expect(
      synthesized({ 'warm-fronts': '2', 'instances-max': '10' }).site.properties.functionAppConfig
        .scaleAndConcurrency,
    ).toMatchObject({ alwaysReady: [{ name: 'http', instanceCount: 2 }], maximumInstanceCount: 10 })
  })
})

describe('network', () => {
  test('private: addresses inside for tables, queues, blobs and the vault, by names that resolve there', () => {
    const endpoints: Json[] = Object.values(own.ofType('azurerm_private_endpoint'))
    expect(
      endpoints.map(one => {
        const {
          private_connection_resource_id: id,
          subresource_names: [service],
        } = one.private_service_connection
        return `${id.split('.')[1]} ${service} ${one.private_dns_zone_group.private_dns_zone_ids}`
      }),
    ).toEqual([
      `DataAccount queue ${ref('azurerm_private_dns_zone.Names-queue.id')}`,
      `DataAccount table ${ref('azurerm_private_dns_zone.Names-table.id')}`,
      `HostAccount blob ${ref('azurerm_private_dns_zone.Names-blob.id')}`,
      `Vault vault ${ref('azurerm_private_dns_zone.Names-vault.id')}`,
    ])
    expect(Object.values(own.ofType('azurerm_private_dns_zone')).map((one: Json) => one.name)).toEqual([
      'privatelink.blob.core.windows.net',
      'privatelink.queue.core.windows.net',
      'privatelink.table.core.windows.net',
      'privatelink.vaultcore.azure.net',
    ])
    expect(own.site.properties.virtualNetworkSubnetId).toBe(ref('azurerm_subnet.AppSubnet.id'))
    expect(own.ofType('azurerm_subnet').AppSubnet).toMatchObject({
      address_prefixes: ['10.90.0.0/25'],
      default_outbound_access_enabled: false,
      delegation: [{ service_delegation: { name: 'Microsoft.App/environments' } }],
    })
    expect(own.json.output.egress_address.value).toBe(ref('azurerm_public_ip.EgressAddress.ip_address'))
  })

  const rulesOf = ({ ofType }: typeof own): string[] =>
    ofType('azurerm_network_security_group').EgressRules.security_rule.map((rule: Json) =>
      [
        rule.access,
        rule.destination_port_range,
        rule.destination_address_prefix ?? rule.destination_address_prefixes.join(),
      ].join(' '),
    )

  test('what leaves: HTTPS, and with peers given to them alone', () => {
    expect(rulesOf(own)).toEqual([
      'Allow 443 VirtualNetwork',
      'Allow 443 AzureMonitor',
      'Allow 443 AzureActiveDirectory',
      'Allow 443 AzureResourceManager',
      'Allow 443 Internet',
      'Deny * Internet',
    ])
    expect(rulesOf(synthesized({ peers: '192.0.2.10/32,198.51.100.20/32' }))[4]).toBe(
      'Allow 443 192.0.2.10/32,198.51.100.20/32',
    )
  })

  test('public: no network at all; the doors are open to whoever Entra ID lets in, and everything else is as before', () => {
    expect(
      Object.keys(open.json.resource).filter(type =>
        /network|subnet|endpoint|dns|gateway|public_ip/.test(type),
      ),
    ).toEqual([])
    expect(open.site.properties.virtualNetworkSubnetId).toBeUndefined()
    const { DataAccount } = open.ofType('azurerm_storage_account')
    expect(DataAccount).toMatchObject({
      public_network_access_enabled: true,
      network_rules: { default_action: 'Allow', bypass: ['None'] },
      allowed_copy_scope: 'AAD',
      shared_access_key_enabled: false,
      allow_nested_items_to_be_public: false,
    })
    expect(open.ofType('azurerm_key_vault').Vault).toMatchObject({
      public_network_access_enabled: true,
      network_acls: { default_action: 'Allow' },
      rbac_authorization_enabled: true,
    })
    expect(open.ofType('azurerm_role_assignment')).toEqual(own.ofType('azurerm_role_assignment'))
  })
})

describe('logs and alerts', () => {
  test('one workspace in the region, without keys; insights write into it and mask addresses', () => {
    expect(own.ofType('azurerm_log_analytics_workspace').Workspace).toMatchObject({
      retention_in_days: 90,
      local_authentication_enabled: false,
    })
    expect(own.ofType('azurerm_application_insights').Insights).toMatchObject({
      workspace_id: ref('azurerm_log_analytics_workspace.Workspace.id'),
      local_authentication_disabled: true,
      disable_ip_masking: false,
      sampling_percentage: 100,
    })
    expect(Object.keys(own.json.resource).filter(type => /export|replication|event_?hub/.test(type))).toEqual(
      [],
    )
  })

  test('seven alerts, whose queries name what the party really writes', () => {
    const queries: Json[] = Object.values(own.ofType('azurerm_monitor_scheduled_query_rules_alert_v2'))
    const metrics: Json[] = Object.values(own.ofType('azurerm_monitor_metric_alert'))
    expect([...queries, ...metrics].map(one => one.name.replace('triasparty1-', '')).sort()).toEqual([
      'errors',
      'failures',
      'front-errors',
      'log-disputed',
      'storage-unavailable',
      'timer-silent',
      'vault-unavailable',
    ])
    const source = (file: string): string => readFileSync(join(root, file), 'utf8')
    expect(source('shared/party/witness.ts')).toContain(`'head-disputed'`)
    expect(source('functions/azure/timer.ts')).toContain(`app.timer('timer'`)
    for (const one of queries) {
      expect(one.scopes).toEqual([ref('azurerm_log_analytics_workspace.Workspace.id')])
      expect(one.action).toBeUndefined()
    }
    for (const one of metrics) expect(one.action).toBeUndefined()
    expect(own.ofType('azurerm_monitor_action_group')).toEqual({})
  })

  test('an action group of the operator is told of all of them', () => {
    const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/ops/providers/Microsoft.Insights/actionGroups/night`
    const { ofType } = synthesized({ 'action-group': id })
    for (const one of Object.values(ofType('azurerm_monitor_scheduled_query_rules_alert_v2')) as Json[])
      expect(one.action).toEqual({ action_groups: [id] })
    for (const one of Object.values(ofType('azurerm_monitor_metric_alert')) as Json[])
      expect(one.action).toEqual([{ action_group_id: id }])
  })
})

describe('terraform', () => {
  test('the provider works without keys and without the addresses of data', () => {
    expect(own.json.terraform.required_providers.azurerm.version).toBe('4.55.0')
    expect(own.json.provider.azurerm[0]).toMatchObject({
      storage_use_azuread: true,
      resource_provider_registrations: 'none',
      features: [
        {
          storage: [{ data_plane_available: false }],
          key_vault: [{ purge_soft_delete_on_destroy: false }],
          template_deployment: [{ delete_nested_items_during_deletion: false }],
          resource_group: [{ prevent_deletion_if_contains_resources: true }],
          log_analytics_workspace: [{ permanently_delete_on_destroy: true }],
        },
      ],
    })
    expect(own.json.provider.azurerm[0].client_secret).toBeUndefined()
  })

  test('the state is beside the checkout, or in an account that takes no keys', () => {
    expect(own.json.terraform.backend).toEqual({ local: { path: '../../../trias-party-1.tfstate' } })
    expect(synthesized({ state: 'ops/triasstate/party' }).json.terraform.backend).toEqual({
      azurerm: {
        resource_group_name: 'ops',
        storage_account_name: 'triasstate',
        container_name: 'party',
        key: 'trias-party-1.tfstate',
        subscription_id: SUBSCRIPTION,
        tenant_id: '00000000-0000-0000-0000-000000000000',
        use_azuread_auth: true,
      },
    })
  })
})

test('the stack as a whole', () => {
  expect(own.json).toMatchSnapshot()
})
