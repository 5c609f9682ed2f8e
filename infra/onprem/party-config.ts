/** The configuration file of the party (docs/reference/configuration.md), and its environment: the same words wherever it runs. */
import { ADMIN_PORT, type PartyProps } from './props.ts'

interface Place {
  /** Addresses to listen on; the front's and the operator's. */
  readonly host: string
  readonly adminHost: string
  /** Where the key file and the two passwords are. */
  readonly secrets: string
  readonly database: Readonly<Record<string, string>>
}

export const partyConfig = ({ party, port, region }: PartyProps, place: Place): string =>
  `${JSON.stringify(
    {
      party,
      region,
      listen: { host: place.host, port },
      admin: { host: place.adminHost, port: ADMIN_PORT },
      database: place.database,
      keyFile: `${place.secrets}/party-key`,
      passphraseFile: `${place.secrets}/passphrase`,
    },
    null,
    2,
  )}\n`

/** Node takes a proxy from its environment only when it is told to. */
export const partyEnvironment = ({ proxy }: PartyProps): Readonly<Record<string, string>> =>
  proxy === null ? {} : { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: proxy }
