/** Where a party has to stand: what every check compares with. */
import { type CloudProvider, isEea, regionFacts } from './countries.ts'
import { TRANSFER } from './law.ts'
import type { Rule } from './rule.ts'

export interface Home {
  readonly provider: CloudProvider | 'onprem'
  /** Region or location of the cloud; the site of an on-premises party, which nothing can prove. */
  readonly region: string
  /** Declared countries; left out, any country of the EEA. */
  readonly countries?: readonly string[]
  /** AWS account; left out, the one that the assembly names. */
  readonly accountId?: string
}

export const isCountryAllowed = (country: string, countries: readonly string[] | undefined): boolean =>
  countries === undefined ? isEea(country) : countries.includes(country)

export const expectedCountries = (countries: readonly string[] | undefined): string =>
  countries === undefined ? 'a country of the EEA' : countries.join(' or ')

/** The one rule about the home itself; each table begins with it. */
export const homeCountry: Rule<{ readonly home: Home }> = {
  id: 'HOME-COUNTRY',
  proves: 'The home region stands in a declared country, by an explicit list and not by its name',
  expected: 'a known region in a declared country; without a declaration, in the EEA',
  law: TRANSFER,
  *look({ home: { provider, region, countries } }) {
    const country = provider === 'onprem' ? countries?.[0] : regionFacts(provider, region)?.country
    yield {
      path: ['home'],
      holds: country !== undefined && isCountryAllowed(country, countries),
      found: `${region}, ${country ?? 'whose country is not known'}`,
      expected: expectedCountries(countries),
    }
  },
}
