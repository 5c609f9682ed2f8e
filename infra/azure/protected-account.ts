/**
 * A storage account as this party has them: copies in one region only, encrypted with the party's key, no shared key, no
 * anonymous reader, no copy to another tenant. Every account is made here, so none can lack one of these.
 */
import type { Construct } from 'constructs'
import { type ResourceGroup, StorageAccount } from './azurerm.ts'
import type { Replication } from './props.ts'
import type { StorageEncryption } from './vault.ts'

interface ProtectedAccountProps {
  readonly name: string
  readonly group: ResourceGroup
  readonly location: string
  readonly replication: Replication
  readonly encryption: StorageEncryption
  readonly isPrivate: boolean
  readonly isProtected: boolean
}

export const protectedAccount = (
  scope: Construct,
  id: string,
  { name, group, location, replication, encryption, isPrivate, isProtected }: ProtectedAccountProps,
): StorageAccount =>
  new StorageAccount(scope, id, {
    name,
    resourceGroupName: group.name,
    location,
    accountKind: 'StorageV2',
    accountTier: 'Standard',
    accountReplicationType: replication,
    identity: { type: 'UserAssigned', identityIds: [encryption.identity.id] },
    customerManagedKey: {
      keyVaultKeyId: encryption.keyId,
      userAssignedIdentityId: encryption.identity.id,
    },
    // Else the key of the party covers blobs and files alone. Cannot be changed later.
    tableEncryptionKeyType: 'Account',
    queueEncryptionKeyType: 'Account',
    infrastructureEncryptionEnabled: true,
    sharedAccessKeyEnabled: false,
    defaultToOauthAuthentication: true,
    localUserEnabled: false,
    allowNestedItemsToBePublic: false,
    crossTenantReplicationEnabled: false,
    allowedCopyScope: isPrivate ? 'PrivateLink' : 'AAD',
    httpsTrafficOnlyEnabled: true,
    minTlsVersion: 'TLS1_2',
    publicNetworkAccessEnabled: !isPrivate,
    // Private endpoints are not subject to these rules; nothing else is let by, services of Azure included.
    networkRules: { defaultAction: isPrivate ? 'Deny' : 'Allow', bypass: ['None'] },
    ...(isProtected ? { lifecycle: { preventDestroy: true } } : {}),
    dependsOn: [...encryption.after],
  })
