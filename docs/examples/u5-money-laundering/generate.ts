/** Made-up accounts and cash deposits at four banks: node generate.ts <folder>. The same rows every time. */
import { createRandom } from '../../../examples/support/random.ts'
import { type OwnerTable, writeWhenRun } from '../owner-table.ts'

const BANKS = 4
const CUSTOMERS = 30
/** They pay in a little below the limit, everywhere. */
const STRUCTURING = [3, 17]

export const generate = (): readonly OwnerTable[] => {
  const random = createRandom(55)
  const customers = Array.from({ length: CUSTOMERS }, () => String(random.integer(10_000_000, 99_999_999)))
  return Array.from({ length: BANKS }, (_, bank) => {
    const holders = customers
      .map((customer, i) => ({ customer, structuring: STRUCTURING.includes(i) }))
      .filter(({ structuring }) => structuring || random.chance(0.45))
      .map((holder, i) => ({
        ...holder,
        account: String((bank + 1) * 100_000 + 7 * i + random.integer(0, 6)),
      }))
    const deposits = holders.flatMap(({ account, structuring }) =>
      Array.from({ length: structuring ? random.integer(2, 4) : random.integer(0, 3) }, () => {
        const amount = structuring ? random.integer(820_000, 999_000) : random.integer(5_000, 1_400_000)
        return [account, String(bank + 1), (amount / 100).toFixed(2), `2026-09-${random.integer(10, 30)}`]
      }),
    )
    const owner = `bank-${'abcd'[bank]}`
    return [
      {
        owner,
        table: 'accounts',
        columns: ['account', 'customer'],
        rows: holders.map(({ account, customer }) => [account, customer]),
      },
      { owner, table: 'deposits', columns: ['account', 'bank', 'amount', 'day'], rows: deposits },
    ]
  }).flat()
}

await writeWhenRun(import.meta.url, generate)
