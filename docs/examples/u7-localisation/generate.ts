/** Made-up loans of two Swiss banks and their sister in France: node generate.ts <folder>. The same rows every time. */
import { createRandom } from '../../../examples/support/random.ts'
import { type OwnerTable, writeWhenRun } from '../owner-table.ts'

const SIZES = { 'bank-zurich': 70, 'bank-geneva': 50, 'bank-lyon': 60 } as const

export const generate = (): readonly OwnerTable[] => {
  const random = createRandom(77)
  return Object.entries(SIZES).map(([owner, size]) => ({
    owner,
    table: 'loans',
    columns: ['sector', 'amount', 'overdue'],
    rows: Array.from({ length: size }, () => [
      random.weighted({ building: 0.4, trade: 0.35, farming: 0.2, shipping: 0.02 }),
      (random.integer(100, 90_000) * 100).toString(),
      String(random.chance(0.2)),
    ]),
  }))
}

await writeWhenRun(import.meta.url, generate)
