/** The run-time region lock: where a party says it is, against where the manifest says that it is. */
import { Refusal } from '../../base/errors.ts'
import type { DocumentOf } from '../document/document.ts'

type Locations = DocumentOf<'ready'>['locations']

/** Azure writes one region in two ways: `Germany West Central` and `germanywestcentral`. */
const sameRegion = (a: string, b: string): boolean =>
  a.toLowerCase().replaceAll(' ', '') === b.toLowerCase().replaceAll(' ', '')

type Placed = { readonly index: number; readonly region: string }

const elsewhere = ({ region }: Placed, locations: Readonly<Locations>): Locations =>
  locations.filter(one => !sameRegion(one.region, region))

/** False also when nothing says where it is. */
export const isInRegion = (party: Placed, locations: Readonly<Locations>): boolean =>
  locations.length > 0 && elsewhere(party, locations).length === 0

/** Throws `Refusal(rule)`, which names what is elsewhere, where that is and where the manifest wants it. */
export const requireRegion = (
  rule: 'federation-other-region' | 'ready-other-region',
  party: Placed,
  locations: Readonly<Locations>,
): void => {
  if (isInRegion(party, locations)) return
  const found = elsewhere(party, locations).map(({ what, region }) => `${what} in ${region}`)
  throw new Refusal(
    rule,
    `the manifest has party ${party.index} in ${party.region}, and it runs with ${found.join(', ') || 'nothing that says where it is'}`,
    { hint: 'deploy the party to the region of the manifest, or agree on a manifest with its real region' },
  )
}
