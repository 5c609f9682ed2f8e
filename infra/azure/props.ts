/** What a party on Azure is made from. Types of our own where the provider takes any text, so that a wrong one does not compile. */
import type { PartyIndex } from '../../shared/sharing/shared.ts'

/** Copies within one region. All other kinds that Azure offers copy tables and queues to a second region. */
export const REPLICATIONS = ['LRS', 'ZRS'] as const
export type Replication = (typeof REPLICATIONS)[number]

/** Where Terraform keeps its state: an account of the operator's own, which takes no keys. */
interface RemoteState {
  readonly resourceGroup: string
  readonly account: string
  readonly container: string
}

/** Storage and vault inside a network of the party's own, with one fixed address towards its peers. */
export interface PrivateNetwork {
  /** Address range of the size /24; nobody else sees it. */
  readonly addressSpace: string
  /** Address ranges of the two peers. When there are any, the party reaches nothing else outside Azure. */
  readonly peers: readonly string[]
}

export interface PartyProps {
  readonly party: PartyIndex
  /** Begins the names that must be unique in all of Azure: 3 to 16 lower-case letters and digits. */
  readonly name: string
  readonly subscriptionId: string
  readonly tenantId: string
  readonly location: string
  /** Countries that the federation allows, for the check of locality; null: those of the EEA. */
  readonly countries: readonly string[] | null
  readonly resourceGroup: string
  readonly replication: Replication
  /** So many runs may be under way at once. */
  readonly lanes: number
  /** null: storage and vault have public addresses, where Entra ID alone lets anybody in. */
  readonly network: PrivateNetwork | null
  /** Address ranges that may reach the party; none: all, and signatures decide. */
  readonly callers: readonly string[]
  /** Address ranges that may upload code; none: all, and Entra ID decides. */
  readonly deployers: readonly string[]
  /** Instances that wait for frames and documents and are paid for all the time. */
  readonly warmFronts: number
  readonly instancesMax: number
  readonly logDays: number
  /** For how long a deleted vault, with its keys, can be brought back. Azure fixes it when the vault is made. */
  readonly vaultRecoveryDays: number
  /** Resource id of an action group, which tells people of alerts; null: the alerts are seen in the portal only. */
  readonly actionGroupId: string | null
  /** Guards the data and the vault against deletion, by lock and in Terraform. */
  readonly isProtected: boolean
  /** App settings beside those that follow from the stack: deadlines, limits. */
  readonly settings: Readonly<Record<string, string>>
  /** null: a file beside the checkout, for looking around. */
  readonly state: RemoteState | null
}
