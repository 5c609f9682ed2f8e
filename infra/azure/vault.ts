/**
 * The vault of a party: the secret with its seeds, which the operator writes and no template ever holds, and the key that
 * storage encrypts with. Keys stand in HSMs; roles decide, not access lists; nobody can purge before the days are over.
 */
import type { Construct } from 'constructs'
import { type ArmResource, armDeployment } from './arm-deployment.ts'
import {
  KeyVault,
  type LogAnalyticsWorkspace,
  MonitorDiagnosticSetting,
  type ResourceGroup,
  RoleAssignment,
  UserAssignedIdentity,
} from './azurerm.ts'

interface VaultProps {
  readonly name: string
  readonly tenantId: string
  readonly group: ResourceGroup
  readonly location: string
  readonly recoveryDays: number
  readonly isPrivate: boolean
  readonly isProtected: boolean
  readonly workspace: LogAnalyticsWorkspace
}

const KEY_NAME = 'storage'

/** Through the control plane: azurerm makes keys at the vault's own address, which is closed to whoever deploys. */
const storageKey = (vault: string): ArmResource => ({
  type: 'Microsoft.KeyVault/vaults/keys',
  apiVersion: '2023-07-01',
  name: `${vault}/${KEY_NAME}`,
  properties: {
    kty: 'RSA-HSM',
    keySize: 3072,
    keyOps: ['wrapKey', 'unwrapKey'],
    // A new version each year; storage follows, because it is told no version. Old ones stay, they unwrap what they wrapped.
    rotationPolicy: {
      lifetimeActions: [{ trigger: { timeAfterCreate: 'P1Y' }, action: { type: 'rotate' } }],
    },
  },
})

/** What a storage account needs to encrypt with the party's key, and `after` that it must exist. */
export interface StorageEncryption {
  readonly keyId: string
  readonly identity: UserAssignedIdentity
  readonly after: readonly (RoleAssignment | ReturnType<typeof armDeployment>)[]
}

export const partyVault = (
  scope: Construct,
  { name, tenantId, group, location, recoveryDays, isPrivate, isProtected, workspace }: VaultProps,
): { readonly vault: KeyVault; readonly encryption: StorageEncryption } => {
  const vault = new KeyVault(scope, 'Vault', {
    name,
    tenantId,
    resourceGroupName: group.name,
    location,
    skuName: 'premium',
    rbacAuthorizationEnabled: true,
    purgeProtectionEnabled: true,
    softDeleteRetentionDays: recoveryDays,
    publicNetworkAccessEnabled: !isPrivate,
    enabledForDeployment: false,
    enabledForDiskEncryption: false,
    enabledForTemplateDeployment: false,
    // Storage is a service that Azure lets by when it wraps with the key; its identity still needs the role.
    networkAcls: { bypass: 'AzureServices', defaultAction: isPrivate ? 'Deny' : 'Allow' },
    ...(isProtected ? { lifecycle: { preventDestroy: true } } : {}),
  })
  // Who read the secret, and who used or changed the key.
  new MonitorDiagnosticSetting(scope, 'VaultAudit', {
    name: 'audit',
    targetResourceId: vault.id,
    logAnalyticsWorkspaceId: workspace.id,
    enabledLog: [{ category: 'AuditEvent' }],
  })
  const key = armDeployment(scope, 'StorageKey', {
    name: 'storage-key',
    group,
    resources: [storageKey(name)],
    after: [vault],
  })
  // Not the identity of the app: code of the party never touches this key.
  const identity = new UserAssignedIdentity(scope, 'StorageIdentity', {
    name: `${name}-storage`,
    resourceGroupName: group.name,
    location,
  })
  const role = new RoleAssignment(scope, 'StorageMayWrap', {
    scope: vault.id,
    roleDefinitionName: 'Key Vault Crypto Service Encryption User',
    principalId: identity.principalId,
    principalType: 'ServicePrincipal',
  })
  return { vault, encryption: { keyId: `${vault.vaultUri}keys/${KEY_NAME}`, identity, after: [key, role] } }
}
