/**
 * Which country a cloud region stands in, and whether that country is in the European Economic Area. An explicit list,
 * because names mislead: `eu-west-2` is London, `eu-central-2` is Zurich, and Azure's "Europe" includes both countries.
 * A region that is not on the list is unknown, and unknown is never allowed.
 */

export type CloudProvider = 'aws' | 'azure'

export interface RegionFacts {
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  /** In the EEA: member states of the EU, and Iceland, Liechtenstein and Norway. Switzerland and the UK are not. */
  readonly eea: boolean
}

const EEA: ReadonlySet<string> = new Set(
  (
    'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE ' + // EU
    'IS LI NO'
  ).split(' '),
)

export const isEea = (country: string): boolean => EEA.has(country)

/** Country and its regions, one line a country. */
const AWS_REGIONS: Readonly<Record<string, string>> = {
  AE: 'me-central-1',
  AU: 'ap-southeast-2 ap-southeast-4',
  BH: 'me-south-1',
  BR: 'sa-east-1',
  CA: 'ca-central-1 ca-west-1',
  CH: 'eu-central-2',
  CN: 'cn-north-1 cn-northwest-1',
  DE: 'eu-central-1 eusc-de-east-1',
  ES: 'eu-south-2',
  FR: 'eu-west-3',
  GB: 'eu-west-2',
  HK: 'ap-east-1',
  ID: 'ap-southeast-3',
  IE: 'eu-west-1',
  IL: 'il-central-1',
  IN: 'ap-south-1 ap-south-2',
  IT: 'eu-south-1',
  JP: 'ap-northeast-1 ap-northeast-3',
  KR: 'ap-northeast-2',
  MX: 'mx-central-1',
  MY: 'ap-southeast-5',
  NZ: 'ap-southeast-6',
  SE: 'eu-north-1',
  SG: 'ap-southeast-1',
  TH: 'ap-southeast-7',
  TW: 'ap-east-2',
  US: 'us-east-1 us-east-2 us-west-1 us-west-2 us-gov-east-1 us-gov-west-1',
  ZA: 'af-south-1',
}

const AZURE_REGIONS: Readonly<Record<string, string>> = {
  AE: 'uaenorth uaecentral',
  AT: 'austriaeast',
  AU: 'australiaeast australiasoutheast australiacentral australiacentral2',
  BE: 'belgiumcentral',
  BR: 'brazilsouth brazilsoutheast',
  CA: 'canadacentral canadaeast',
  CH: 'switzerlandnorth switzerlandwest',
  CL: 'chilecentral',
  CN: 'chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3',
  DE: 'germanywestcentral germanynorth',
  DK: 'denmarkeast',
  ES: 'spaincentral',
  FR: 'francecentral francesouth',
  GB: 'uksouth ukwest',
  HK: 'eastasia',
  ID: 'indonesiacentral',
  IE: 'northeurope',
  IL: 'israelcentral',
  IN: 'centralindia southindia westindia jioindiawest jioindiacentral',
  IT: 'italynorth',
  JP: 'japaneast japanwest',
  KR: 'koreacentral koreasouth',
  MX: 'mexicocentral',
  MY: 'malaysiawest',
  NL: 'westeurope',
  NO: 'norwayeast norwaywest',
  NZ: 'newzealandnorth',
  PL: 'polandcentral',
  QA: 'qatarcentral',
  SE: 'swedencentral swedensouth',
  SG: 'southeastasia',
  TW: 'taiwannorth',
  US:
    'eastus eastus2 centralus northcentralus southcentralus westcentralus westus westus2 westus3 ' +
    'usgovvirginia usgovtexas usgovarizona usdodeast usdodcentral',
  ZA: 'southafricanorth southafricawest',
}

const byRegion = (countries: Readonly<Record<string, string>>): ReadonlyMap<string, RegionFacts> =>
  new Map(
    Object.entries(countries).flatMap(([country, regions]) =>
      regions.split(' ').map(region => [region, { country, eea: isEea(country) }] as const),
    ),
  )

const FACTS: Readonly<Record<CloudProvider, ReadonlyMap<string, RegionFacts>>> = {
  aws: byRegion(AWS_REGIONS),
  azure: byRegion(AZURE_REGIONS),
}

/** Azure writes one location in two ways, `West Europe` and `westeurope`. */
export const normalLocation = (location: string): string => location.toLowerCase().replaceAll(' ', '')

export const regionFacts = (provider: CloudProvider, region: string): RegionFacts | undefined =>
  FACTS[provider].get(provider === 'azure' ? normalLocation(region) : region)

/** Every known region name of a cloud; the checks look for foreign ones in properties. */
export const knownRegions = (provider: CloudProvider): readonly string[] => [...FACTS[provider].keys()]

/** The region that Azure copies a vault and geo-redundant storage to; absent when a region has no pair. */
const AZURE_PAIRS: Readonly<Record<string, string>> = {
  northeurope: 'westeurope',
  westeurope: 'northeurope',
  francecentral: 'francesouth',
  francesouth: 'francecentral',
  germanywestcentral: 'germanynorth',
  germanynorth: 'germanywestcentral',
  norwayeast: 'norwaywest',
  norwaywest: 'norwayeast',
  swedencentral: 'swedensouth',
  swedensouth: 'swedencentral',
  switzerlandnorth: 'switzerlandwest',
  switzerlandwest: 'switzerlandnorth',
  uksouth: 'ukwest',
  ukwest: 'uksouth',
}

/** A party's Key Vault is copied to this region by the cloud itself, so its country has to be declared too. */
export const azurePairOf = (location: string): string | undefined => AZURE_PAIRS[normalLocation(location)]
