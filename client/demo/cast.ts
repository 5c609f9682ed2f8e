/** Who takes part in the demo: three operators, four data owners in four countries, one recipient. All made up. */
import type { Role } from '../../shared/governance/document/federation.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'

export interface Operator {
  readonly index: PartyIndex
  readonly operator: string
  readonly country: string
  readonly parent: string
  readonly parentCountry: string
}

export const OPERATORS: readonly [Operator, Operator, Operator] = [
  {
    index: 0,
    operator: 'Alder Cloud',
    country: 'IE',
    parent: 'Alder Inc.',
    parentCountry: 'US',
  },
  {
    index: 1,
    operator: 'Birch Hosting',
    country: 'NL',
    parent: 'Birch Corp.',
    parentCountry: 'US',
  },
  {
    index: 2,
    operator: 'Group IT',
    country: 'DE',
    parent: 'The Group SE',
    parentCountry: 'DE',
  },
]

export interface CastMember {
  readonly name: string
  readonly country: string
  readonly roles: readonly Role[]
}

/** In the order of the example payroll's subsidiaries. */
export const OWNERS: readonly CastMember[] = ['DE', 'FR', 'PL', 'US'].map(country => ({
  name: `subsidiary-${country.toLowerCase()}`,
  country,
  roles: ['owner'],
}))

export const RECIPIENT: CastMember = { name: 'group-reporting', country: 'DE', roles: ['recipient'] }
