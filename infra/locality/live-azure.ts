/**
 * What Azure's control plane says of a party's resource group, read with the operator's credentials (role Reader): where each
 * resource is, and how storage accounts and vaults are kept as they are now. GET requests only.
 */
import { Unavailable } from '../../shared/base/errors.ts'
import { normalLocation } from './countries.ts'
import type { DirectoryReport } from './directory.ts'
import { type Home, homeCountry } from './home.ts'
import { at, type JsonObject, listOf, objectOf, shown } from './json.ts'
import { SECURITY, TRANSFER } from './law.ts'
import { type Examination, examine, type Rule, type RuleText } from './rule.ts'

export interface LiveGroup {
  readonly subscription: string
  readonly resourceGroup: string
}

interface ControlPlane {
  readonly endpoint: string
  /** A bearer token for it. */
  readonly token: () => Promise<string>
}

interface Live {
  readonly home: Home
  /** Resources as the control plane answers, storage accounts and vaults with their properties. */
  readonly resources: readonly JsonObject[]
}

const is = ({ type }: JsonObject, kind: string): boolean => String(type).toLowerCase() === kind.toLowerCase()

const property = (
  text: RuleText,
  kind: string,
  name: string,
  holds: (value: unknown) => boolean,
): Rule<Live> => ({
  ...text,
  *look({ resources }) {
    for (const [index, resource] of resources.entries()) {
      if (!is(resource, kind)) continue
      const value = at(resource, 'properties', ...name.split('.'))
      yield { path: [index, name], holds: holds(value), found: shown(value) }
    }
  },
})

const ACCOUNT = 'Microsoft.Storage/storageAccounts'
const VAULT = 'Microsoft.KeyVault/vaults'
const text = (id: string, proves: string, expected: string, law: string): RuleText => ({
  id,
  proves,
  expected,
  law,
})

export const LIVE_AZURE_RULES: readonly Rule<Live>[] = [
  homeCountry as unknown as Rule<Live>,
  {
    ...text('LIVE-AZ-EMPTY', 'There was something to look at', 'a group with resources', TRANSFER),
    *look({ resources }) {
      yield { path: ['group'], holds: resources.length > 0, found: `${resources.length} resources` }
    },
  },
  {
    ...text(
      'LIVE-AZ-LOCATION',
      'Azure says that every resource with a place is in the home location',
      'the home location, or global for what has no place',
      TRANSFER,
    ),
    *look({ resources, home }) {
      for (const [index, { location }] of resources.entries())
        yield {
          path: [index, 'location'],
          holds: [normalLocation(home.region), 'global'].includes(normalLocation(String(location))),
          found: shown(location),
        }
    },
  },
  property(
    text('LIVE-AZ-SECONDARY', 'No storage account has a copy in another region', 'none', TRANSFER),
    ACCOUNT,
    'secondaryLocation',
    value => value === undefined || value === null,
  ),
  property(
    text('LIVE-AZ-SHARED-KEY', 'Nobody reads data with a key that names nobody', 'false', SECURITY),
    ACCOUNT,
    'allowSharedKeyAccess',
    value => value === false,
  ),
  property(
    text('LIVE-AZ-CROSS-TENANT', 'Nothing is replicated to another tenant', 'false', TRANSFER),
    ACCOUNT,
    'allowCrossTenantReplication',
    value => value === false,
  ),
  property(
    text('LIVE-AZ-STORAGE-KEY', 'Storage is under the operator’s key', 'Microsoft.Keyvault', SECURITY),
    ACCOUNT,
    'encryption.keySource',
    value => value === 'Microsoft.Keyvault',
  ),
  property(
    text(
      'LIVE-AZ-STORAGE-NETWORK',
      'Storage is reached through private endpoints only',
      'Disabled',
      SECURITY,
    ),
    ACCOUNT,
    'publicNetworkAccess',
    value => value === 'Disabled',
  ),
  property(
    text('LIVE-AZ-VAULT-PURGE', 'Nobody destroys keys before the days of recovery', 'true', SECURITY),
    VAULT,
    'enablePurgeProtection',
    value => value === true,
  ),
  property(
    text(
      'LIVE-AZ-VAULT-NETWORK',
      'The vault is reached through private endpoints only',
      'Disabled',
      SECURITY,
    ),
    VAULT,
    'publicNetworkAccess',
    value => value === 'Disabled',
  ),
]

/** Pure: what the answers of the control plane amount to. */
export const examineLiveGroup = (resources: readonly JsonObject[], home: Home): Examination =>
  examine(LIVE_AZURE_RULES, { resources, home }, ([index, ...rest]) => {
    const resource = typeof index === 'number' ? resources[index] : undefined
    return resource === undefined
      ? String(index)
      : `${String(resource.type)} ${String(resource.name)} ${rest.join('.')}`
  })

/** Versions of the control plane's answers that the rules read. */
const LIST_VERSION = '2021-04-01'
const VERSION_OF: Readonly<Record<string, string>> = {
  [ACCOUNT.toLowerCase()]: '2023-05-01',
  [VAULT.toLowerCase()]: '2023-07-01',
}

const azure = (): ControlPlane => ({
  endpoint: 'https://management.azure.com',
  token: async () => {
    const { DefaultAzureCredential } = await import('@azure/identity')
    return (await new DefaultAzureCredential().getToken('https://management.azure.com/.default')).token
  },
})

/** Throws Unavailable when the control plane does not answer or refuses. */
export const examineLiveAzure = async (
  { subscription, resourceGroup }: LiveGroup,
  home: Home,
  { endpoint, token }: ControlPlane = azure(),
): Promise<DirectoryReport> => {
  try {
    const authorization = `Bearer ${await token()}`
    const get = async (url: string): Promise<unknown> => {
      const response = await fetch(url, { headers: { authorization }, signal: AbortSignal.timeout(30_000) })
      if (!response.ok) throw new Error(`${new URL(url).pathname}: HTTP ${response.status}`)
      return response.json()
    }
    const resources: JsonObject[] = []
    let next: string | undefined =
      `${endpoint}/subscriptions/${encodeURIComponent(subscription)}/resourceGroups/${encodeURIComponent(resourceGroup)}/resources?api-version=${LIST_VERSION}`
    while (next !== undefined) {
      const page: unknown = await get(next)
      for (const one of listOf(at(page, 'value')).map(objectOf)) {
        const version = VERSION_OF[String(one.type).toLowerCase()]
        resources.push(
          version === undefined
            ? one
            : objectOf(await get(`${endpoint}${String(one.id)}?api-version=${version}`)),
        )
      }
      const link: unknown = at(page, 'nextLink')
      // The token goes to the control plane and to nothing that an answer names.
      if (link !== undefined && link !== null && !String(link).startsWith(`${endpoint}/`))
        throw new Error('a next page is at another address')
      next = link === undefined || link === null ? undefined : String(link)
    }
    return { ...examineLiveGroup(resources, home), files: [], rules: LIVE_AZURE_RULES }
  } catch (cause) {
    throw new Unavailable(
      `Azure did not say what is there: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}
