/** Made-up sightings of network addresses at 24 organisations: node generate.ts <folder>. The same rows every time. */
import { createRandom } from '../../../examples/support/random.ts'
import { type OwnerTable, writeWhenRun } from '../owner-table.ts'

/** An IPv4 address as one number. */
export const addressNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

export const addressText = (number: number): string =>
  [24, 16, 8, 0].map(shift => (number >>> shift) & 255).join('.')

/** Addresses of a campaign, and how likely an organisation meets each. All are reserved for documentation. */
const CAMPAIGN = {
  '203.0.113.7': 0.6,
  '203.0.113.9': 0.45,
  '198.51.100.80': 0.35,
  '198.51.100.81': 0.3,
  '192.0.2.20': 0.1,
} as const

export const generate = (): readonly OwnerTable[] => {
  const random = createRandom(44)
  return Array.from({ length: 24 }, (_, i): OwnerTable => {
    const met = Object.entries(CAMPAIGN).flatMap(([address, chance]) =>
      random.chance(chance) ? [address] : [],
    )
    const noise = Array.from(
      { length: random.integer(2, 6) },
      () => `${random.chance(0.5) ? '192.0.2' : '198.51.100'}.${random.integer(96, 255)}`,
    )
    // One organisation meets an address of its own, hour after hour.
    const own = i === 2 ? Array<string>(9).fill('192.0.2.66') : []
    return {
      owner: `organisation-${i + 1}`,
      table: 'sightings',
      columns: ['organisation', 'address', 'hits'],
      rows: [...met, ...noise, ...own].map(address => [
        String(i + 1),
        String(addressNumber(address)),
        String(random.integer(1, 400)),
      ]),
    }
  })
}

await writeWhenRun(import.meta.url, generate)
