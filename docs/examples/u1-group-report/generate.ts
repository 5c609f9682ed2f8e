/** A made-up payroll of three subsidiaries: node generate.ts <folder>. The same rows every time. */
import { createRandom } from '../../../examples/support/random.ts'
import { type OwnerTable, writeWhenRun } from '../owner-table.ts'

const SUBSIDIARIES = {
  'nordwind-de': { country: 'DE', level: 3400, sizes: { junior: 34, senior: 28, lead: 14 } },
  'sudvent-fr': { country: 'FR', level: 3000, sizes: { junior: 30, senior: 26, lead: 13 } },
  'wiatr-pl': { country: 'PL', level: 1900, sizes: { junior: 26, senior: 16, lead: 3 } },
} as const
const STEP = { junior: 1, senior: 1.45, lead: 2.1 } as const

export const generate = (): readonly OwnerTable[] => {
  const random = createRandom(11)
  return Object.entries(SUBSIDIARIES).map(([owner, { country, level, sizes }]) => ({
    owner,
    table: 'payroll',
    columns: ['country', 'grade', 'gender', 'monthly_pay'],
    rows: Object.entries(sizes).flatMap(([grade, size]) =>
      Array.from({ length: size }, () => {
        const gender = random.weighted({ female: 0.45, male: 0.5, unstated: 0.05 })
        const gap = gender === 'female' ? 0.94 : 1
        const pay = level * STEP[grade as keyof typeof STEP] * gap * Math.exp(0.1 * random.normal())
        return [country, grade, gender === 'unstated' ? null : gender, pay.toFixed(2)]
      }),
    ),
  }))
}

await writeWhenRun(import.meta.url, generate)
