/** What a party on the operator's own machines is made of: the choices that compose, Kubernetes and systemd are rendered from. */
import type { PartyIndex } from '../../shared/sharing/shared.ts'

export interface PartyProps {
  readonly party: PartyIndex
  /** Of the machines, ISO 3166-1 alpha-2. Declared: no file can show it. */
  readonly country: string
  /** Where that is, in the words that the manifest has for the party. */
  readonly region: string
  /** The party's image by digest; null until it is in a registry, and compose builds it meanwhile. */
  readonly image: string | null
  /** PostgreSQL by digest. */
  readonly postgresImage: string
  /** Of the front, which stands behind a TLS proxy of the operator. */
  readonly port: number
  /** IPv4 ranges that the party may call: its two peers, or the proxy through which it reaches them. */
  readonly peers: readonly string[]
  readonly peerPort: number
  /** Through which the party calls its peers, such as http://192.0.2.5:3128; null: directly. */
  readonly proxy: string | null
  /** The Kubernetes namespace whose pods may call the front. */
  readonly ingressNamespace: string
  /** Gibibytes for the database. */
  readonly storageGib: number
}

/** The name of everything that belongs to the party: stack, namespace, unit. */
export const nameOf = ({ party }: Pick<PartyProps, 'party'>): string => `trias-party-${party}`

/** No account of any machine has it; files of secrets belong to it. */
export const PARTY_UID = 10001
/** Of `postgres` in the official image. */
export const POSTGRES_UID = 999
export const ADMIN_PORT = 9090
