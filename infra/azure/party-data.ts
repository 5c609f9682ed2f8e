/** The account that holds what a party knows: two tables, lane queues, the wake queue and its poison queue. No blobs. */
import type { ITerraformDependable } from 'cdktf'
import type { Construct } from 'constructs'
import { type ArmResource, armDeployment } from './arm-deployment.ts'
import { ManagementLock, type ResourceGroup, type StorageAccount, StorageQueue } from './azurerm.ts'

export const DURABLE = 'durable'
export const VOLATILE = 'volatile'
export const WAKE = 'wake'
export const laneQueues = (lanes: number): string[] =>
  Array.from({ length: lanes }, (_, lane) => `lane-${lane}`)

interface PartyDataProps {
  readonly account: StorageAccount
  /** Name of the account, known before it exists. */
  readonly accountName: string
  readonly group: ResourceGroup
  readonly lanes: number
  readonly isProtected: boolean
}

/** Through the control plane: azurerm makes tables with the shared key of the account, which is off. */
const table = (account: string, name: string): ArmResource => ({
  type: 'Microsoft.Storage/storageAccounts/tableServices/tables',
  apiVersion: '2023-05-01',
  name: `${account}/default/${name}`,
  properties: {},
})

/** Gives what the app needs to find there. */
export const partyData = (
  scope: Construct,
  { account, accountName, group, lanes, isProtected }: PartyDataProps,
): readonly ITerraformDependable[] => {
  const tables = armDeployment(scope, 'Tables', {
    name: 'tables',
    group,
    resources: [DURABLE, VOLATILE].map(name => table(accountName, name)),
    after: [account],
  })
  // By the id of the account and not its name: by name, azurerm would ask the queue service with the shared key.
  const queues = [WAKE, `${WAKE}-poison`, ...laneQueues(lanes)].map(
    name => new StorageQueue(scope, `Queue-${name}`, { name, storageAccountId: account.id }),
  )
  if (isProtected)
    new ManagementLock(scope, 'DataLock', {
      name: 'keep-the-data',
      scope: account.id,
      lockLevel: 'CanNotDelete',
      notes: 'Holds the shares and the audit log of a party; see deploy-azure.md, "Take it down".',
    })
  return [tables, ...queues]
}
